"""An incident: one series needs somebody, from the verdict that says so to the one that says that all is well again.

A series has one open incident at most. Whatever is said of it meanwhile (it first did not start, then it failed) is
said of this one.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from jobreport.model.judgement import Verdict
from jobreport.model.message import Severity

SEVERITIES: Final[Mapping[Verdict, Severity]] = {
    Verdict.STALE: Severity.CRITICAL,
    Verdict.MISSED: Severity.ERROR,
    Verdict.FAILING: Severity.ERROR,
    Verdict.NO_DATA: Severity.ERROR,
    Verdict.OVERLONG: Severity.WARNING,
    Verdict.SHRUNK: Severity.WARNING,
}
"""How much each verdict matters. A failure is no drama while the last good copy is young enough."""
MAINTAINED: Final = "the maintenance is over"
"""Why an incident came back that nobody heard of in a maintenance window."""
NOT_WELL: Final = "over: "
"""The news with which an incident ends that is over although nothing became well begin so."""
_RANKS: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2, Severity.CRITICAL: 3}


class IncidentState(StrEnum):
    """Whether an incident goes on."""

    OPEN = "open"
    """It goes on, and nobody has it."""
    HELD = "held"
    """It goes on, and somebody looks after it."""
    CLOSED = "closed"
    """It is over."""


class Incident(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One incident. Times are ticks, 0: not yet.

    `series` is the number of its series, and `service` and `type` are codes; `origin` is what reports its jobs, and
    `connector` the connector that reads them, or empty. `verdict` and `sentence` say what is wrong, since `opened`;
    `cause` is the code of the cause and `job` the ID of the job that it is about, both may be empty. `ended` is the
    sentence of the good news. `held` is who looks after it (empty: nobody); `returned` is when it last came back to
    everybody, and `back` says why. `ticket` was written back by a program.
    """

    tenant: int
    incident: str
    series: int
    service: int
    type: int
    plan: str
    resource: str
    origin: str
    connector: str
    verdict: Verdict
    sentence: str
    cause: str
    job: str
    opened: int
    changed: int
    closed: int = 0
    ended: str = ""
    held: str = ""
    returned: int = 0
    back: str = ""
    ticket: str = ""

    @property
    def name(self) -> str:
        """What it is about, for people."""
        return " · ".join(filter(None, (self.plan, self.resource)))

    @property
    def host(self) -> str:
        """The name of the machine or of the inbox that reports its jobs; empty if a connector reads them."""
        return "" if self.connector else self.origin.partition("/")[2] or self.origin

    @property
    def place(self) -> str:
        """Where it is: the connector that reads its jobs, or who reports them."""
        return self.connector or self.origin

    @property
    def state(self) -> IncidentState:
        """Whether it goes on."""
        if self.closed:
            return IncidentState.CLOSED
        return IncidentState.HELD if self.held else IncidentState.OPEN

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return SEVERITIES.get(self.verdict, Severity.INFO)

    @property
    def is_well(self) -> bool:
        """Whether it ended because all is well again."""
        return bool(self.closed) and not self.ended.startswith(NOT_WELL)

    @property
    def waits(self) -> bool:
        """Whether somebody should hear of it: it is open, nobody has it, and it is in no maintenance window."""
        return not (self.closed or self.held or self.verdict is Verdict.MAINTENANCE)


def rank(severity: Severity) -> int:
    """Returns the place of a severity among the others; more is worse."""
    return _RANKS[severity]
