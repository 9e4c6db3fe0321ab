"""A rule about notifications: who hears of which incidents, after how many failures, how often again, and when not."""

from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.incident import Incident
from jobreport.model.incident_query import IncidentFilter
from jobreport.model.judgement import Verdict
from jobreport.model.quiet_hours import QuietHours

REPEAT: Final = ticks.PER_DAY
"""What goes on is told again after so long, unless the rule says otherwise (ticks)."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears of the incidents of these `tenants` (names; empty: of all) that pass a filter: the `channels`.

    `after`: of a series whose jobs fail, once so many of them have failed in a row. `repeat`: what goes on is told
    again after so long (ticks; 0: never). In the `quiet` hours nothing is told.
    """

    name: str
    channels: tuple[str, ...]
    tenants: tuple[str, ...] = ()
    where: IncidentFilter = IncidentFilter()
    after: int = 1
    repeat: int = REPEAT
    quiet: QuietHours | None = None

    def fits(self, tenant: str, one: Incident) -> bool:
        """Whether it is about this incident of the tenant of this name."""
        return (not self.tenants or tenant in self.tenants) and self.where.fits(one)

    def is_ripe(self, one: Incident, failures: int) -> bool:
        """Whether an incident is told of, whose series has so many jobs in a row that were not good. What did not start
        is told at once, however often that happened.
        """
        return one.verdict is not Verdict.FAILING or failures >= self.after

    def quiet_until(self, now: int) -> int:
        """Returns until when nothing is told (ticks); 0 if that is possible now."""
        return self.quiet.until(now) if self.quiet else 0
