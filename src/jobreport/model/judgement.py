"""The verdict on a series and its changes: how it stands to what is expected of it, in one sentence with its numbers.

A verdict is not the state of a job. A series whose newest job is good can have missed its next run.
"""

from enum import StrEnum
from typing import Final

import msgspec

from jobreport.model.need import Need


class Verdict(StrEnum):
    """How a series stands to what is expected of it."""

    MET = "met"
    """It is as it should be."""
    RUNNING = "running"
    """The run that is due goes on."""
    LATE = "late"
    """The run that is due has not started, and its grace has not passed."""
    MISSED = "missed"
    """Its grace has passed, and it did not start."""
    FAILING = "failing"
    """Its newest run was not good, and no good one came since."""
    OVERLONG = "overlong"
    """A run goes on longer than the longest that is expected."""
    STALE = "stale"
    """Its last good copy is older than expected, though no run failed."""
    SHRUNK = "shrunk"
    """Its newest good run has less than a tenth of the usual objects or bytes."""
    NO_DATA = "noData"
    """Its connector has no data, so nothing is known."""
    MAINTENANCE = "maintenance"
    """Something is wrong, but it is within a maintenance window."""


NEEDS_SOMEBODY: Final = frozenset(
    {Verdict.MISSED, Verdict.FAILING, Verdict.OVERLONG, Verdict.STALE, Verdict.SHRUNK, Verdict.NO_DATA}
)
"""What somebody has to look after."""


NEED_OF: Final = {
    Verdict.MISSED: Need.NOT_STARTED,
    Verdict.FAILING: Need.NOT_GOOD,
    Verdict.OVERLONG: Need.OVERLONG,
    Verdict.STALE: Need.TOO_OLD,
    Verdict.SHRUNK: Need.SHRUNK,
    Verdict.NO_DATA: Need.NO_DATA,
    Verdict.MAINTENANCE: Need.MAINTENANCE,
}
"""How series of these verdicts stand. Those of the others are well, or nothing can be said of them."""


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """A verdict, and in one sentence with its numbers why. `cause`: the code of the cause of a job that was not good,
    empty if it has none; `due`: the due time of the run that it is about (ticks; 0: it is about none); `job`: the ID of
    the job that it is about, or empty. `unsaid`: of what is not wrong, what cannot be said of it (`Need.NO_COPY`,
    `Need.NO_RHYTHM`), or that it is well.
    """

    verdict: Verdict
    sentence: str
    cause: str = ""
    due: int = 0
    job: str = ""
    unsaid: Need = Need.WELL

    @property
    def need(self) -> Need:
        """How the series stands, as all pages, numbers and lists count it."""
        return NEED_OF.get(self.verdict, self.unsaid)


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The verdict of a series became another at `at` (ticks), or its cause did. `tenant` and `series` are the numbers
    of both. `connector` is the name of the connector that reads it, empty if none does; `origin` is what reports its
    jobs; `service` and `type` are codes. `job` is the ID of the job that it is about, or empty.
    """

    tenant: int
    series: int
    verdict: Verdict
    before: Verdict
    sentence: str
    cause: str
    connector: str
    origin: str
    service: int
    type: int
    plan: str
    resource: str
    at: int
    job: str = ""
