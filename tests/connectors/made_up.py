"""A made-up origin that pages, forgets, changes and fails, and the connector that reads it as real ones read theirs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import msgspec

from jobreport.connectors.base import CannotReadError, Kind, Look, Page, Right, Stream
from jobreport.connectors.configured import Configured
from jobreport.connectors.paging import Answer, walk
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.sees import Sees

HOUR = 3600 * ticks.PER_SECOND
MEMORY = 30 * 24 * HOUR


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """It is told nothing."""


@dataclass
class Entry:
    """A job as the origin has it, and when it last changed."""

    job: Job
    changed: int


@dataclass
class Origin:
    """What the origin has now, by stream and ID, and what it ever had. `fails_after`: so many pages can be had, then an
    error comes; None: all. `no_jobs` turn out to be none. `ahead`: how far its clock is before ours (ticks).
    """

    clock: Callable[[], int]
    names: tuple[str, ...] = ("east", "west")
    whole: bool = False
    sees: Sees = Sees.RUNS
    page: int = 3
    ahead: int = 0
    fails_after: int | None = None
    denied: frozenset[str] = frozenset()
    lists: dict[str, dict[str, Entry]] = field(default_factory=dict)
    no_jobs: set[str] = field(default_factory=set)
    ever: dict[str, Entry] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lists = {name: {} for name in self.names}

    @property
    def now(self) -> int:
        """The origin's own time."""
        return self.clock() + self.ahead

    def begin(self, stream: str, number: int, **more: object) -> str:
        """Starts a job."""
        name = f"{stream}:{number}"
        self._put(
            stream,
            Job(
                job_id=name,
                service=ServiceType.VM,
                type=JobType.Backup,
                state=JobState.InProgress,
                start=self.now,
                plan="nightly",
                resource=f"vm {number % 4}",
            ).evolve(**more),
        )
        return name

    def end(self, stream: str, name: str, state: JobState = JobState.Successful, **more: object) -> None:
        """Ends a job."""
        job = self.lists[stream][name].job
        self._put(stream, job.evolve(**({"state": state, "finish": max(job.start, self.now)} | more)))

    def lose(self, stream: str, name: str) -> None:
        """Forgets a job that has not ended, as an origin does that is started again."""
        del self.lists[stream][name]

    def forget(self) -> None:
        """Forgets what ended longer ago than its memory reaches."""
        for jobs in self.lists.values():
            for name in [name for name, one in jobs.items() if self._is_old(one)]:
                del jobs[name]

    def _is_old(self, one: Entry) -> bool:
        return one.job.state.finished and one.changed < self.now - MEMORY

    def _put(self, stream: str, job: Job) -> None:
        entry = Entry(job, self.now)
        self.lists[stream][job.job_id] = self.ever[job.job_id] = entry


class Reader:
    """The connector: what was made or has changed since, newest first, and then each that had not ended."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._pages = 0

    def streams(self) -> list[Stream]:
        origin = self._origin
        return [Stream(name=name, sees=origin.sees, whole=origin.whole, remembers=MEMORY) for name in origin.names]

    def rights(self) -> list[Right]:
        return [
            Right(name="list", without="its jobs", stream=name, held=name not in self._origin.denied)
            for name in self._origin.names
        ]

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        origin = self._origin
        origin.asked.append(stream.name)
        if stream.name in origin.denied:
            raise CannotReadError(f"access denied for list in {stream.name}")
        found = [one.job for one in origin.lists[stream.name].values() if origin.whole or one.changed >= look.since]
        found = [job for job in found if job.job_id not in origin.no_jobs]
        found.sort(key=lambda job: (job.start, job.job_id), reverse=True)

        def ask(start: object) -> Answer[Job]:
            first = start if isinstance(start, int) else 0
            self._count()
            # The last of a page comes once more at the beginning of the next, as where jobs come meanwhile.
            after = first + origin.page
            return Answer(found[max(0, first - 1) : after], after if after < len(found) else None)

        for jobs in walk(ask, stream.name):
            yield Page(jobs=jobs, clock=origin.now)
        for job in () if origin.whole else look.unfinished:
            self._count()
            if job.job_id in origin.no_jobs:
                yield Page(withdrawn=[job.job_id])
                continue
            entry = origin.lists[stream.name].get(job.job_id)
            yield Page(jobs=[entry.job]) if entry else Page(gone=[job.job_id])

    def _count(self) -> None:
        self._pages += 1
        if self._origin.fails_after is not None and self._pages > self._origin.fails_after:
            raise CannotReadError("500 Internal Server Error")


def configured(origin: Origin, name: str = "made-up", every: int = 300) -> Configured:
    """The connector of an origin."""

    def opened(_settings: Settings) -> AbstractContextManager[Reader]:
        return nullcontext(Reader(origin))

    kind = Kind(name="made-up", about="a test", sees=origin.sees, settings=Settings, keys={}, open=opened)
    return Configured(name=name, kind=kind, every=every, tenant="default", settings=Settings())
