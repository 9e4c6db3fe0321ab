"""Reads the jobs of a Bareos director through its console (`llist jobs`, with answers in JSON).

The director can list the jobs that were due since some time, but not those that changed since. It sorts by start, and
jobs with the same start may come in any order. Jobs that the console's access lists do not allow are left out, and only
their number is given.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.kinds.bareos.console import Console, RefusedError
from jobreport.connectors.kinds.bareos.records import About, Record, awaited, is_bad, job_of, record_of
from jobreport.connectors.kinds.bareos.rights import EVERY, LIST, LLIST
from jobreport.connectors.paging import Answer, walk
from jobreport.connectors.refusals import readable
from jobreport.model import ticks

PAGE: Final = 1000
_MOST_PAGE: Final = 64 * PAGE
_OVERLAP: Final = 2 * ticks.PER_DAY
"""A job that was due before the last look may have been given to the director since, by hand."""
_HOUR: Final = 3600 * ticks.PER_SECOND
_MONTH: Final = 24 * 30
_LINES: Final = 200
"""So many lines at the end of a bad job's log are looked at."""


class _Place(msgspec.Struct, frozen=True):
    """Where a page begins, and how long it may be."""

    offset: int
    limit: int


class Director:
    """One director. `partial`: that its console sees only some jobs is as it should be."""

    def __init__(self, console: Console, about: About, *, partial: bool = False) -> None:
        self._console, self._about, self._partial = console, about, partial
        self._hidden = False

    def streams(self) -> list[Stream]:
        """Returns its only list. A director forgets the jobs of each client after some time; the shortest counts."""
        clients = rows_of(self._console.ask("llist clients"), "clients")
        kept = [int(one.get("jobretention") or 0) for one in clients if one.get("autoprune") not in {"", "0", None}]
        return [Stream(name="jobs", overlap=_OVERLAP, remembers=min(kept, default=0) * ticks.PER_SECOND)]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that were due since, and each that had not ended."""
        hours = -(-(look.now - look.since) // _HOUR) + 1
        waiting = awaited(look.unfinished)
        there = self._count(hours)
        told: set[str] = set()
        self._hidden = False
        for records in self._listed(hours):
            told |= {record.get("jobid", "") for record in records}
            for record in records:
                if (one := waiting.get(record.get("jobid", ""))) and one.run == record.get("job"):
                    del waiting[record["jobid"]]
            yield self._page(records)
        for number, one in waiting.items():
            records = rows_of(self._console.ask(f"llist jobid={number}"), "jobs")
            again = [record for record in records if record.get("job") == one.run]
            gone = [] if again or self._hidden else [one.job.job_id]
            yield msgspec.structs.replace(self._page(again), gone=gone)
        if self._hidden and not self._partial:
            raise CannotReadError(
                "the director hides some of its jobs: the console's JobACL, ClientACL, PoolACL or FileSetACL does not "
                "name them"
            )
        if len(told) < there and not self._hidden:
            raise CannotReadError(f"the director listed {len(told):,} jobs, and should have listed {there:,}")

    def rights(self) -> Iterator[Right]:
        """Asks for the commands, and whether anything of the last month is hidden."""
        try:
            answer = self._console.ask(f"llist jobs hours={_MONTH} limit={PAGE}")
        except RefusedError:
            yield msgspec.structs.replace(LLIST, held=False)
            yield EVERY
        else:
            yield msgspec.structs.replace(LLIST, held=True)
            hides = hidden_in(answer) > 0
            seen = hides or bool(rows_of(answer, "jobs"))
            if not (self._partial and hides):
                yield msgspec.structs.replace(EVERY, held=not hides if seen else None)
        try:
            self._count(_MONTH)
        except RefusedError:
            yield msgspec.structs.replace(LIST, held=False)
        else:
            yield msgspec.structs.replace(LIST, held=True)

    def _count(self, hours: int) -> int:
        counted = rows_of(self._console.ask(f"list jobs count hours={hours}"), "jobs")
        return int(counted[0].get("count") or 0) if counted else 0

    def _listed(self, hours: int) -> Iterator[list[Record]]:
        """Gives the list page by page. Each begins with the whole group of jobs, of one start, with which the one
        before it ended; so it does not matter in which order these came.
        """
        group: set[str] = set()

        def ask(place: Hashable | None) -> Answer[Record]:
            nonlocal group
            at = place if isinstance(place, _Place) else _Place(0, PAGE)
            answer = self._console.ask(f"llist jobs hours={hours} limit={at.limit} offset={at.offset}")
            rows, hidden = rows_of(answer, "jobs"), hidden_in(answer)
            self._hidden = self._hidden or hidden > 0
            full = len(rows) + hidden >= at.limit
            first = _last_group(rows)
            if full and rows and not first:  # one group, which may have more
                if at.limit >= _MOST_PAGE:
                    raise CannotReadError(f"more than {at.limit:,} jobs have the same time of start")
                return Answer(rows, _Place(at.offset, 2 * at.limit))
            if not group <= {row.get("jobid", "") for row in rows}:
                raise CannotReadError("the director's list was changed while it was read")
            group = {row.get("jobid", "") for row in rows[first:]}
            return Answer(rows, _Place(at.offset + (first or at.limit), PAGE) if full else None)

        return (list(rows) for rows in walk(ask, "the jobs of the director"))

    def _page(self, records: Iterable[Record]) -> Page:
        jobs, refused = readable(records, lambda record: job_of(record, self._about, self._log(record)))
        return Page(jobs=jobs, refused=refused)

    def _log(self, record: Record) -> list[str]:
        """Returns the last lines of a bad job's log."""
        number = record.get("jobid", "")
        if not is_bad(record) or not number.isdecimal():
            return []
        counted = rows_of(self._console.ask(f"list joblog jobid={number} count"), "joblog")
        there = int(counted[0].get("count") or 0) if counted else 0
        command = f"llist joblog jobid={number} limit={_LINES} offset={max(there - _LINES, 0)}"
        return [row.get("logtext", "") for row in rows_of(self._console.ask(command), "joblog")]


def _last_group(rows: list[Record]) -> int:
    """Returns where the rows begin that have the last one's start."""
    return next((index for index, row in enumerate(rows) if row.get("starttime") == rows[-1].get("starttime")), 0)


def rows_of(answer: Mapping[str, Any], name: str) -> list[Record]:
    """Returns the rows of an answer. Of nothing the director makes an object, not a list. Raises CannotReadError."""
    told = {key.casefold(): value for key, value in answer.items()}.get(name)
    if told == {} or told == []:
        return []
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
        raise CannotReadError(f"the director's answer has no list of {name}")
    return [record_of(row) for row in told]


def hidden_in(answer: Mapping[str, Any]) -> int:
    """Returns how many rows of an answer were hidden by the console's access lists."""
    try:
        return msgspec.convert(answer, _Answer).meta.range.filtered
    except msgspec.ValidationError:
        return 0


class _Range(msgspec.Struct):
    filtered: int = 0


class _Meta(msgspec.Struct):
    range: _Range = msgspec.field(default_factory=_Range)


class _Answer(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta)
