"""Reads the sessions of a backup server: those that began or ended since the last look, and those that had not ended.

The list is paged by offsets, which shift when sessions come or go. So it is read in closed windows of time, oldest
first. If the number of sessions in a window changes meanwhile, since the server deletes old ones, the window is read
again.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from jobreport.connectors.base import Look, Page, Right, Stream, UnreadableRecordError
from jobreport.connectors.http_client import AbsentError, AnsweredError, DeniedError
from jobreport.connectors.kinds.veeam import records
from jobreport.connectors.kinds.veeam.client import PAGE, Listed, Veeam
from jobreport.connectors.kinds.veeam.families import Families, Waiting
from jobreport.connectors.kinds.veeam.next_runs import next_runs_of
from jobreport.connectors.kinds.veeam.settings import Settings
from jobreport.connectors.kinds.veeam.tasks import Tally, tally_of
from jobreport.connectors.refusals import readable
from jobreport.model import ticks
from jobreport.model.job import Job

SESSIONS: Final = "sessions"
NEXT_RUNS: Final = "next runs"
_LIST: Final = "api/v1/sessions"
_TASKS: Final = "api/v1/taskSessions"
_STATES: Final = "api/v1/jobs/states"
OVERLAP: Final = 900 * ticks.PER_SECOND
"""What has ended is found by when it ended, so that only the clocks may differ."""
_WINDOW: Final = ticks.PER_DAY
_LONGEST_WINDOW: Final = 64 * ticks.PER_DAY
_EDGE: Final = ticks.PER_SECOND
"""So much each window begins before the end of the one before it: nobody says to whom the edge belongs."""
_COUNTED: Final = frozenset({"warning", "failed"})
"""Sessions with these results are asked for how many of their machines were saved: to ask for all is a request each."""
_NOTED: Final = ticks.PER_DAY
"""Parents are noted until so long after their end: what a look before the next one may bring."""
_NEVER: Final = ticks.YEAR_2200

RIGHTS: Final = (
    Right(name="Backup Viewer: sessions", without="all of its jobs", stream=SESSIONS),
    Right(
        name="Backup Viewer: task sessions",
        without="how many machines of a job with warnings or errors were saved",
        stream=SESSIONS,
    ),
    Right(name="Backup Viewer: job states", without="when each job runs next", stream=NEXT_RUNS),
)


class Server:
    """A backup server as an origin of jobs."""

    def __init__(self, veeam: Veeam, settings: Settings) -> None:
        self._veeam, self._settings = veeam, settings

    def streams(self) -> list[Stream]:
        """Returns its lists."""
        remembers = self._settings.remembers * ticks.PER_SECOND
        sessions = Stream(name=SESSIONS, overlap=OVERLAP, notes=True, remembers=remembers)
        return [sessions, *([Stream(name=NEXT_RUNS, announces=True)] if self._settings.next_runs else [])]

    def rights(self) -> Iterator[Right]:
        """Asks for each list."""
        sessions, tasks, states = RIGHTS
        yield msgspec.structs.replace(sessions, held=self._veeam.may_ask(_LIST, SESSIONS))
        if self._veeam.lists_tasks:
            yield msgspec.structs.replace(tasks, held=self._veeam.may_ask(_TASKS, "task sessions"))
        if self._settings.next_runs:
            yield msgspec.structs.replace(states, held=self._veeam.may_ask(_STATES, "job states"))

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs of the sessions that began or ended since, and of each that had not ended; or when jobs run
        next.
        """
        return self._next_runs() if stream.name == NEXT_RUNS else self._sessions(look)

    def _next_runs(self) -> Iterator[Page]:
        for listed in self._veeam.pages(_STATES, "job states", orderColumn="Name", orderAsc="true"):
            found, refused = next_runs_of(listed.items, self._veeam.zone)
            yield Page(next_runs=found, refused=refused, clock=listed.clock)

    def _sessions(self, look: Look) -> Iterator[Page]:
        families = Families(look.state)
        waiting = {job.job_id: job for job in look.unfinished}
        for listed in self._lists(look):
            position, refused = self._take(families, listed)
            yield self._told(families.ready(position), waiting, refused, listed.clock)
        yield self._told(families.ready(_NEVER), waiting, [], 0)
        for job in waiting.values():
            yield self._again(job, families)
        yield Page(state=families.notes(look.now - _NOTED))

    def _lists(self, look: Look) -> Iterator[Listed]:
        """Gives each page of what began since, and of what ended since and began before."""
        begin, length = look.since, _WINDOW
        while begin < look.now:
            end = min(begin + length, look.now)
            size = 0
            for listed in self._list(createdAfterFilter=_time(begin - _EDGE), createdBeforeFilter=_time(end)):
                size = listed.total
                yield listed
            begin, length = end, min(2 * length, _LONGEST_WINDOW) if size <= PAGE else _WINDOW
        ended = {"endedAfterFilter": _time(look.since), "endedBeforeFilter": _time(look.now)}
        yield from self._list(createdBeforeFilter=_time(look.since), **ended)

    def _list(self, **criteria: Any) -> Iterator[Listed]:
        return self._veeam.pages(_LIST, SESSIONS, orderColumn="CreationTime", orderAsc="true", **criteria)

    def _take(self, families: Families, listed: Listed) -> tuple[int, list[str]]:
        """Takes the sessions of a page. Returns to which beginnings the list has come by it (ticks), and why some of
        it cannot be read.
        """
        refused, position, zone = [], 0, self._veeam.zone
        for raw in listed.items:
            try:
                session = records.session_of(raw)
                position = records.began(session, zone)
            except UnreadableRecordError as error:
                refused.append(str(error))
                continue
            until = max(records.finished(session, zone), position) if session.ended else _NEVER
            families.take(bytes(raw), session, until)
        return position, refused

    def _told(self, ready: Iterator[Waiting], waiting: dict[str, Job], refused: list[str], clock: int) -> Page:
        sessions = list(ready)
        jobs, more = readable(sessions, lambda one: self._job(one.raw, one.session))
        for job in jobs:
            waiting.pop(job.job_id, None)
        return Page(jobs=jobs, refused=[*refused, *more], clock=clock)

    def _again(self, job: Job, families: Families) -> Page:
        """Returns what is told of a session that had not ended, and was not told yet."""
        session = job.job_id.partition(":")[2]
        try:
            record = self._veeam.one(f"{_LIST}/{session}", f"session {session}")
        except AnsweredError as error:  # what is wrong with one hides none of the others
            return Page(refused=[str(error)])
        if record is None:
            return Page(gone=[job.job_id])

        def made(raw: bytes) -> Job | None:
            now = records.session_of(raw)
            return None if families.is_parent(now) else self._job(raw, now)

        jobs, refused = readable([record], made)
        return Page(jobs=jobs, refused=refused, withdrawn=[] if jobs or refused else [job.job_id])

    def _job(self, raw: bytes, session: records.Session) -> Job | None:
        codes = session.codes
        if codes is None:
            return None
        tally = self._tally(session) if session.ended and session.said.result.casefold() in _COUNTED else None
        return records.job_of(session, codes, raw, self._settings.name, self._veeam.zone, tally)

    def _tally(self, session: records.Session) -> Tally | None:
        """Returns how the tasks of a session went; None if its server does not say. Raises CannotReadError."""
        if not self._veeam.lists_tasks:
            return None
        pages = self._veeam.pages(_TASKS, f"the task sessions of {session.id}", sessionIdFilter=session.id)
        try:
            return tally_of(raw for page in pages for raw in page.items)
        except (DeniedError, AbsentError):
            return None
        except AnsweredError as error:
            raise UnreadableRecordError(str(error)) from None


def _time(time: int) -> str:
    return ticks.to_iso(time, digits=3)
