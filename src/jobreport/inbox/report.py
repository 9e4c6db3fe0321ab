"""The jobs in a delivered report, in the one form into which all webhooks and mails are read.

Readers are pure: they know neither the store nor the inbox. Fields that a report leaves empty are taken from the inbox.
"""

from typing import Final

import msgspec

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.text import shorten
from jobreport.runner.tools.base import Counts

MAX_JOBS: Final = 1_000
"""The jobs that one delivery may tell."""


class ReportedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job as its sender tells of it. Times are ticks, 0 means that it tells of none.

    `key` is the sender's own name of this run, the same in each report of it, such as `pbs1/UPID:…`: what is reported
    twice is one job by it. Empty: the report itself is the run, and its digest makes the key. `reference` is the name
    by which others may tell of it too, such as a connector; empty: nobody else does. `made` is the reference of what
    came of it, by which a list of results tells of it; or without a reference, the name by which others who have one
    know what ended at this time; empty: neither is known. `plan`, `resource`, `service` and
    `type` are as the sender names them; empty or None: those of the inbox. `counts` is None if the sender counts
    nothing. `raw` is the sender's record of this job as JSON text; empty: the whole report, where it is JSON.
    `observed` is when the sender saw the job in this state; 0: the time of receipt counts. So what comes late does not
    undo what is newer. Texts are as their sender wrote them: of any length, and maybe with secrets in them.
    """

    state: JobState
    key: str = ""
    reference: str = ""
    made: str = ""
    start: int = 0
    finish: int = 0
    observed: int = 0
    service: ServiceType | None = None
    type: JobType | None = None
    plan: str = ""
    resource: str = ""
    description: str = ""
    comments: str = ""
    counts: Counts | None = None
    raw: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one report says: jobs, or a comment on the plan, or nothing of ours. `log` is such a comment, which does
    what the text of a `/log` ping does. `ignored` says why it has neither, such as `a test of the notification`.
    """

    jobs: tuple[ReportedJob, ...] = ()
    log: str = ""
    ignored: str = ""


class UnreadableError(Exception):
    """Raised for a report that this form does not read. The message says, for people, what was found and expected.

    It is the answer to whoever sent the report. `aside` is for the operator alone, such as the names of mappings.
    """

    def __init__(self, message: str, aside: str = "") -> None:
        super().__init__(message)
        self.aside = aside

    @property
    def whole(self) -> str:
        """All that the operator may know."""
        return f"{self}: {self.aside}" if self.aside else str(self)


def known(state: JobState | None, word: str) -> tuple[JobState, str]:
    """Returns a state, and what is to be said of it: nothing. Where nobody knows what the sender's own `word` for it
    means (None), it is an exception, and the word is told.
    """
    return (JobState.Exception, f"unknown state {shorten(word.strip(), 100)!r}") if state is None else (state, "")


def check_number(jobs: int) -> None:
    """Raises UnreadableError if a delivery tells more jobs than one may."""
    if jobs > MAX_JOBS:
        raise UnreadableError(f"it tells {jobs:,} jobs, and one delivery may tell {MAX_JOBS:,}")
