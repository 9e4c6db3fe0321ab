"""Decides what a new report does to the job that is stored: create, update, keep it, or refuse the report."""

from enum import Enum
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import SILENT_INTERVALS, TEXT_LIMITS, Job

PRESUMED: Final = "presumed:"
"""How the comments of a job begin whose failure is concluded from its silence."""


class StoredJob(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A job and what the store knows about it: ticks of its first receipt and of its last sign of life,
    whether its state was presumed from silence, and the app registration that reported it first."""

    job: Job
    received: int
    heard: int
    presumed: bool = False
    app: str = ""

    @property
    def filed(self) -> int:
        """The time under which it is ordered and filtered (contract, "unfinished jobs")."""
        return self.job.start or self.received

    @property
    def deadline(self) -> int | None:
        """Ticks after which silence means failure, or None where nobody waits for a sign of life."""
        if self.job.state.finished or not self.job.heartbeat:
            return None
        return self.heard + SILENT_INTERVALS * self.job.heartbeat * ticks.PER_SECOND


class Verdict(Enum):
    """What becomes of a report."""

    CREATE = "created"
    UPDATE = "updated"
    KEEP = "nothing new, or observed before what is stored"
    ALIVE = "nothing new but the time: the job still runs so"
    REFUSE = "a finished job would become unfinished"


def judge(stored: StoredJob | None, report: Job) -> Verdict:
    """The rules of a repeated report; see "The write side" in the reference.

    An older observation never wins; a finished job may be corrected but not reopened; a state that was only
    presumed gives way to any later report.
    """
    if stored is None:
        return Verdict.CREATE
    if report.observed < stored.job.observed:
        return Verdict.KEEP
    if stored.presumed:
        return Verdict.UPDATE if report.observed > stored.job.observed else Verdict.KEEP
    if stored.job.state.finished and not report.state.finished:
        return Verdict.REFUSE
    if report.same_but_for_time(stored.job):
        return Verdict.ALIVE
    return Verdict.UPDATE


def presume_failed(stored: StoredJob) -> StoredJob:
    """`stored` as a job that died in silence: Failed at its last sign of life, and marked as presumed."""
    job = stored.job
    start = job.start or stored.received
    note = f"{PRESUMED} no sign of life since {ticks.to_iso(stored.heard, digits=0)}"
    comments = f"{note}\n{job.comments}"[: TEXT_LIMITS["comments"]] if job.comments else note
    failed = job.evolve(state=JobState.Failed, start=start, finish=max(start, stored.heard), comments=comments)
    return msgspec.structs.replace(stored, job=failed, presumed=True)
