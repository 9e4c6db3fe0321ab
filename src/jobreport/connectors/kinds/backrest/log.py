"""Reads the log of operations of one Backrest instance.

Each operation has a number, which a change of the operation makes the highest in the log. So a look asks for the
operations above the number that it saw last. In three cases that would miss some, and the whole log is read: the
operation with that number is gone, since Backrest may give numbers again after a restart; the number now belongs to
another operation, since the log is a new one; or some hours have passed, since a hub that was disconnected gets the
missing operations with their old numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from jobreport.connectors.base import Look, NextRun, Page, UnreadableRecordError
from jobreport.connectors.http_client import HttpServer
from jobreport.connectors.json_items import items
from jobreport.connectors.kinds.backrest.operations import Operation, job_of, next_run_of, operation_of
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.origins.backrest import PENDING

_BATCH: Final = 500
"""So many jobs are handed on together."""
_WHOLE: Final = 6 * 3600 * ticks.PER_SECOND
"""After such a while the log is read as a whole."""
_NEWEST: Final = 100
_RUNS: Final = "STATUS_INPROGRESS"
Record = tuple[Any, str]
"""An operation as JSON, and its text as it came."""


class LogPosition(msgspec.Struct, frozen=True):
    """How far a log was read: its last lasting operation, and when the whole log was last read (ticks)."""

    modno: int = 0
    id: int = 0
    start: int = 0
    whole: int = 0

    def after(self, operation: Operation) -> "LogPosition":
        """Returns the mark when an operation was read."""
        if not operation.lasts or operation.modno < self.modno:
            return self
        return LogPosition(operation.modno, operation.id, operation.unix_time_start_ms, self.whole)

    def is_of(self, operation: Operation) -> bool:
        """Whether this is the operation that was read last."""
        return (operation.id, operation.unix_time_start_ms) == (self.id, self.start)


class Log:
    """The log of the instance that has this key in the server that is asked: empty for its own."""

    def __init__(self, server: HttpServer, key: str) -> None:
        self._server, self._key = server, key

    def operations(self, most: int = 0, having: Mapping[str, str] | None = None) -> Iterator[Record]:
        """Gives the operations, or those `having` all of these; `most`: the newest so many. Raises CannotReadError."""
        asked: dict[str, Any] = {"selector": {"originalInstanceKeyid": self._key, **(having or {})}}
        if most:
            asked["lastN"] = str(most)
        pieces = self._server.pieces("v1.Backrest/GetOperations", "GetOperations", asked)
        return items(pieces, "Backrest's answer to GetOperations", "operations", may_lack=True)

    def overdue(self, until: int) -> int:
        """Returns when the run should have begun that waits longest, if nothing runs; 0 if it is not before `until`."""
        newest = self._newest()
        if any(one.status == _RUNS for one in newest):
            return 0
        due = [one.start for one in newest if one.status == PENDING and one.start]
        first = min(due, default=until)
        return first if first < until else 0

    def next_runs(self, now: int) -> list[NextRun]:
        """Returns when plans make their next backups. What should have begun by `now` is tried again, or begins."""
        found = (next_run_of(one) for one in self._newest())
        return [one for one in found if one is not None and one.at > now]

    def _newest(self) -> list[Operation]:
        """Returns the newest operations. Those that wait are among them, for they begin after all others."""
        most = _NEWEST
        while True:
            found = [one for record in self.operations(most) if (one := _of(record)) is not None]
            if len(found) < most or any(one.status != PENDING for one in found):
                return found
            most *= 4


class Reading:
    """One look at a log."""

    def __init__(self, log: Log, look: Look) -> None:
        self._log, self._look = log, look
        self._last = _mark(look.state)
        self._mark = self._last
        self._is_there = False
        self._waiting = {job.job_id: job for job in look.unfinished}

    def pages(self) -> Iterator[Page]:
        """Gives what has changed, and each operation that had not ended. Raises CannotReadError."""
        changed = bool(self._last.modno) and self._look.now - self._last.whole < _WHOLE
        if changed:
            yield from self._told(self._log.operations(having={"modnoGte": str(self._last.modno)}))
        if changed and self._is_there:
            mark, wanted = self._mark, frozenset(self._waiting)
            for place in {_place_of(job) for job in self._waiting.values()}:
                yield from self._told(self._log.operations(having=dict(place)), wanted)
            self._mark = mark  # of other plans nothing was asked meanwhile
        else:
            self._mark = LogPosition(whole=self._look.now)
            yield from self._told(self._log.operations())
        yield Page(gone=sorted(self._waiting), state=msgspec.to_builtins(self._mark))

    def _told(self, records: Iterable[Record], wanted: frozenset[str] | None = None) -> Iterator[Page]:
        jobs: list[Job] = []
        for record, text in records:
            try:
                operation = operation_of(record)
                job = job_of(operation, text)
            except UnreadableRecordError as error:
                yield Page(refused=[str(error)])
                continue
            self._is_there |= self._last.is_of(operation)
            self._mark = self._mark.after(operation)
            if job is None or (wanted is not None and job.job_id not in wanted):
                continue
            self._waiting.pop(job.job_id, None)
            jobs.append(job)
            if len(jobs) == _BATCH:
                yield Page(jobs=jobs)
                jobs = []
        if jobs:
            yield Page(jobs=jobs)


def _mark(state: Any) -> LogPosition:
    return msgspec.convert(state, LogPosition) if isinstance(state, dict) else LogPosition()


def _of(record: Record) -> Operation | None:
    try:
        return operation_of(record[0])
    except UnreadableRecordError:
        return None


def _place_of(job: Job) -> tuple[tuple[str, str], ...]:
    """Returns what selects the operations among which that of a job is: those of its plan, by its record, be that of
    the instance or of its hub; all, if another told of the job since.
    """
    try:
        operation = msgspec.json.decode(job.raw, type=Operation, strict=False)
    except msgspec.DecodeError:
        return ()
    return ("planId", operation.plan_id), ("repoGuid", operation.repo_guid)
