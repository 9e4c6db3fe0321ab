"""Reads the jobs of a director from the database of its catalog: of Bareos as of Bacula, whose table `Job` is the same.

A job has a number, `JobId`, which grows. What was made since is found by it; what has started or ended since, by the
moment that each record bears, `JobTDate`; and what had not ended, by the number again.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from jobreport.connectors.base import Look, Page, Right, Stream
from jobreport.connectors.kinds.bareos.database import Database, RefusedError
from jobreport.connectors.kinds.bareos.records import About, Awaited, Record, awaited, is_bad, job_of, record_of
from jobreport.connectors.kinds.bareos.rights import TABLES
from jobreport.connectors.refusals import readable
from jobreport.model import ticks

PAGE: Final = 1000
_LINES: Final = 50
"""So many lines of a bad job's log are looked at."""
_ONE_BY_ONE: Final = 500
_COLUMNS: Final = (
    *("JobId", "Job", "Name", "Type", "Level", "JobStatus", "SchedTime", "StartTime", "EndTime", "RealEndTime"),
    *("JobTDate", "JobFiles", "JobBytes", "ReadBytes", "JobErrors", "JobMissingFiles", "PriorJobId"),
)
# MariaDB tells the case of tables apart, PostgreSQL does not: they are written as they are made.
_JOBS: Final = (
    f"SELECT {', '.join(f'Job.{name} AS {name.lower()}' for name in _COLUMNS)}, Client.Name AS client "  # noqa: S608 - names of ours
    "FROM Job LEFT JOIN Client ON Client.ClientId = Job.ClientId "
)
_AFTER: Final = f"{_JOBS} WHERE Job.JobId > :after ORDER BY Job.JobId LIMIT {PAGE}"
_FIRST: Final = "SELECT MIN(JobId) AS first FROM Job WHERE JobTDate >= :since"
_LAST: Final = "SELECT MAX(JobId) AS last FROM Job"
_RUN: Final = "SELECT Job AS run FROM Job WHERE JobId = :number"
_KEPT: Final = "SELECT MIN(JobRetention) AS seconds FROM Client WHERE AutoPrune <> 0"
_LOG: Final = (
    "SELECT SUBSTR(LogText, 1, 1000) AS line FROM Log WHERE JobId = :number AND "
    "(LogText LIKE '%rror%' OR LogText LIKE '%arning%' OR LogText LIKE '%ERR=%') ORDER BY LogId LIMIT :most"
)


class Last(msgspec.Struct, frozen=True):
    """The job with the highest number that was read: the state of the stream."""

    number: int = 0
    run: str = ""


class Catalog:
    """The catalog of one director."""

    def __init__(self, database: Database, about: About) -> None:
        self._database, self._about = database, about
        self._has_log = True

    def streams(self) -> list[Stream]:
        """Returns its only list. A director forgets the jobs of each client after some time; the shortest counts."""
        kept = self._one(_KEPT, "Client", "seconds")
        return [Stream(name="jobs", remembers=int(kept or 0) * ticks.PER_SECOND)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that were made, have started or have ended since, and each that had not ended."""
        last = msgspec.convert(look.state, Last) if isinstance(look.state, dict) else Last()
        if self._is_new(last):
            last = Last()
        waiting = awaited(look.unfinished)
        after = self._begin(last, look.since)
        while rows := self._database.ask(_AFTER, "Job", after=after):
            records = [record_of(row) for row in rows]
            after = int(records[-1]["jobid"])
            if after > last.number:
                last = Last(after, records[-1]["job"])
            for record in records:
                if (one := waiting.get(record["jobid"])) and one.run == record["job"]:
                    del waiting[record["jobid"]]
            yield self._page(records, state=msgspec.to_builtins(last))
            if len(rows) < PAGE:
                break
        yield from self._again(waiting)

    def rights(self) -> Iterator[Right]:
        """Asks for each table whether it may be read."""
        for table, right in TABLES.items():
            try:
                self._database.ask(f"SELECT 1 AS one FROM {table} WHERE 1 = 0", table)  # noqa: S608 - a name of ours
            except RefusedError:
                yield msgspec.structs.replace(right, held=False)
            else:
                yield msgspec.structs.replace(right, held=True)

    def _begin(self, last: Last, since: int) -> int:
        """Returns the number after which is to be read."""
        seconds = max(since - ticks.UNIX_EPOCH, 0) // ticks.PER_SECOND
        first = self._one(_FIRST, "Job", "first", since=seconds)
        if first is None:
            return last.number or int(self._one(_LAST, "Job", "last") or 0)
        return min(int(first) - 1, last.number) if last.number else int(first) - 1

    def _is_new(self, last: Last) -> bool:
        """Whether the catalog was made anew since, so that its numbers are other jobs."""
        if not last.number:
            return False
        run = self._one(_RUN, "Job", "run", number=last.number)
        if run is not None:
            return record_of({"run": run})["run"] != last.run
        return int(self._one(_LAST, "Job", "last") or 0) < last.number

    def _again(self, waiting: dict[str, Awaited]) -> Iterator[Page]:
        numbers = sorted(map(int, waiting))
        for first in range(0, len(numbers), _ONE_BY_ONE):
            some = [str(number) for number in numbers[first : first + _ONE_BY_ONE]]
            records = [
                record_of(row) for row in self._database.ask(f"{_JOBS} WHERE Job.JobId IN ({', '.join(some)})", "Job")
            ]
            runs = {record["jobid"]: record["job"] for record in records}
            gone = [waiting[number].job.job_id for number in some if runs.get(number) != waiting[number].run]
            yield self._page([one for one in records if one["job"] == waiting[one["jobid"]].run], gone=gone)

    def _page(self, records: Sequence[Record], **more: Any) -> Page:
        jobs, refused = readable(records, lambda record: job_of(record, self._about, self._log(record)))
        return Page(jobs=jobs, refused=refused, **more)

    def _log(self, record: Record) -> list[str]:
        """Returns the lines of a bad job's log that may say why; none if they may not be read."""
        if not self._has_log or not is_bad(record) or not record["jobid"].isdecimal():
            return []
        try:
            rows = self._database.ask(_LOG, "Log", number=int(record["jobid"]), most=_LINES)
        except RefusedError:
            self._has_log = False
            return []
        return [record_of(row)["line"] for row in rows]

    def _one(self, question: str, what: str, column: str, **values: Any) -> Any:
        rows = self._database.ask(question, what, **values)
        if not rows:
            return None
        return rows[0][column]
