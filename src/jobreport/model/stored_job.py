"""A job as it is stored, and the effect of a new report: it creates, updates or keeps the job, or is refused."""

from enum import Enum
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import SILENT_INTERVALS, TEXT_LIMITS, Job
from jobreport.model.usual import Usual

PRESUMED: Final = "presumed:"
"""The comments of a job begin with this if its failure was not reported but presumed."""


SKEW: Final = 600 * ticks.PER_SECOND
"""How far the clock of a run and the clock of what keeps its result may differ, in ticks."""
DATED: Final = frozenset({"kopia", "pgbackrest"})
"""Tools for whose results the name contains the day on which the backup began. Without the day, all backups that a host
ever made of one thing would have the same name, and each new one would be compared with all of them.
"""
_DATED_SKEW: Final = 5 * ticks.PER_SECOND
"""How far the two times may differ if the name contains only the day, in ticks. Several backups of a day have the same
name, such as one that was started without the runner, so only the time tells them apart. Both times are from the clock
of the host in the name.
"""
_TOGETHER: Final = 60 * ticks.PER_SECOND
"""How far apart two tellers of one run, who have its end from the same clock, may tell that."""


class StoredJob(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A job, and what the store knows about it.

    `received` and `heard` are the times of its first and of its last report (ticks, by this service's clock).
    `presumed`: its failure was not reported, but presumed. `app`: the app registration that reported it first; where
    several tell of it, the first of those who see as much as the one that counts.
    """

    job: Job
    received: int
    heard: int
    presumed: bool = False
    app: str = ""

    @property
    def filed(self) -> int:
        """The time by which the job is ordered and filtered (contract, "unfinished jobs")."""
        return self.job.start or self.received

    @property
    def deadline(self) -> int | None:
        """The time in ticks until which a report must come, or the job is presumed to have failed.

        None if the job has ended or promises no heartbeats. Example: with a heartbeat of 60 seconds it is 180 seconds
        after the last report.
        """
        if not self.job.heartbeat or self.job.state.finished:
            return None
        return self.heard + SILENT_INTERVALS * self.job.heartbeat * ticks.PER_SECOND


class Effect(Enum):
    """The effect of a report on the stored job."""

    CREATE = "created"
    UPDATE = "updated"
    KEEP = "nothing new, observed before what is stored, or told by one that sees less"
    ALIVE = "nothing new but the time: the job still runs so"
    REFUSE = "a finished job would become unfinished"


def effect_of(stored: StoredJob | None, report: Job) -> Effect:
    """Decides the effect of a report on the stored job; see "The write side" in the reference.

    Who sees more counts first, whenever it was observed: its first report replaces what one that sees less has told,
    even a finished job by an unfinished one, and after it nothing of the other counts. Among those who see as much, an
    older observation never replaces a newer one, and a finished job can be corrected, but cannot become unfinished. A
    failure that was only presumed is replaced by any later report.
    """
    if stored is None:
        return Effect.CREATE
    if report.sees is not stored.job.sees:
        if report.sees.rank < stored.job.sees.rank:
            return Effect.UPDATE
        if not stored.presumed:
            return Effect.KEEP
    if report.observed < stored.job.observed:
        return Effect.KEEP
    if stored.presumed:
        return Effect.UPDATE if report.observed > stored.job.observed else Effect.KEEP
    if stored.job.state.finished and not report.state.finished:
        return Effect.REFUSE
    if report.same_but_for_time(stored.job):
        return Effect.ALIVE
    return Effect.UPDATE


def apart(one: Job, other: Job) -> int | None:
    """Returns how far apart in time (ticks) two jobs are that are one; None: they are not. Of both it must be known
    that they made what has the same short name.

    One of them is a run that knows no reference. The other has one, and is what came of the run, which began while that
    ran; or another teller saw it as a run too, and both ended together.
    """
    run, result = sorted((one, other), key=lambda job: (job.sees.rank, bool(job.reference)))
    if run.reference or not result.reference:
        return None
    if run.sees is result.sees:
        ended = run.origin != result.origin and run.finish and result.finish
        between = abs(run.finish - result.finish)
        return between if ended and between <= _TOGETHER else None
    until = run.finish or result.start  # it may have told of what it made before its end
    skew = _DATED_SKEW if run.made.partition(":")[0] in DATED else SKEW
    return abs(run.start - result.start) if run.start - skew <= result.start <= until + skew else None


def presume_failed(stored: StoredJob, usual: Usual | None = None) -> StoredJob:
    """Returns `stored` as a job that is presumed to have failed: Failed at its last report, and `presumed`.

    The comments also say how far it had come, if it is known what is `usual` of its series. That decides nothing: a job
    may take as long as it likes while it gives signs of life.
    """
    start = stored.job.start or stored.received
    note = f"{PRESUMED} no sign of life since {ticks.to_iso(stored.heard, digits=0)}"
    if usual and stored.job.state is not JobState.NotStarted and start <= stored.heard:
        ran, whole = (ticks.duration(0, length) for length in (stored.heard - start, usual.duration.median))
        note += f", {ran} after its start; good runs of its series take {whole} (median of {usual.runs})"
    return _presumed(stored, note)


def presume_started_again(stored: StoredJob) -> StoredJob:
    """Returns `stored` as a job that is presumed to have failed at its last report, since its work was started again
    and it never told an end.
    """
    return _presumed(stored, f"{PRESUMED} started again")


def presume_unseen(stored: StoredJob, what: str, since: int) -> StoredJob:
    """Returns `stored` as a job that is presumed to have failed, since its origin says no more of it since then
    (ticks).

    `what` says why: it is `not listed any more`, or `unchanged`.
    """
    return _presumed(stored, f"{PRESUMED} {what} since {ticks.to_iso(since, digits=0)}")


def _presumed(stored: StoredJob, note: str) -> StoredJob:
    job = stored.job
    start = job.start or stored.received
    comments = f"{note}\n{job.comments}"[: TEXT_LIMITS["comments"]] if job.comments else note
    failed = job.evolve(state=JobState.Failed, start=start, finish=max(start, stored.heard), comments=comments)
    return msgspec.structs.replace(stored, job=failed, presumed=True)
