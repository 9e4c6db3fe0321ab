"""How old the last good copy of a series may become before somebody has to look.

That is agreed for plans, for services or for a tenant, and the most specific agreement counts. Nobody declares it for
all of them, so there is a default, and it is called one: what ran every day has 26 hours, so that a backup may be two
hours late. What ran less often has one and a half times its longest gap between two runs of the last 60 days before its
newest. A series with less than three jobs has no default: one backup that somebody made by hand tells no rhythm. Work
that leaves no copy, such as a restore, never has one.
"""

from collections.abc import Sequence
from enum import IntEnum
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType

PER_HOUR: Final = 3600 * ticks.PER_SECOND
DAILY: Final = 26 * PER_HOUR
"""The age that is agreed for a series that ran every day, in ticks."""
COPIES: Final = frozenset(kind for kind in JobType if kind.name.endswith("Backup"))
"""The types of jobs that leave a copy."""
LOOK_BACK: Final = 60 * ticks.PER_DAY
"""Runs that are older than this when the newest one began do not count, in ticks."""
RHYTHM: Final = 3
"""A series with fewer jobs than this has no default."""


class Source(IntEnum):
    """Where an age comes from, the most specific first."""

    PLAN = 1
    SERVICE = 2
    TENANT = 3
    DEFAULT = 4


class AgeRule(msgspec.Struct, frozen=True, order=True):
    """An age in ticks that is agreed for the plans that match a `pattern`, or for a service (its code; 0: for plans).

    In a pattern, `*` stands for any characters and `?` for one. The case counts.
    """

    service: int
    pattern: str
    age: int

    def fits(self, service: int, plan: str) -> bool:
        """Returns whether it is about a series of this service and plan."""
        return service == self.service if self.service else fnmatchcase(plan, self.pattern)


class Agreed(msgspec.Struct, frozen=True):
    """How old the last good copy of a series may become, in ticks, and which agreement says so. `name` is the pattern
    of plans, or the name of the service.
    """

    age: int
    source: Source
    name: str = ""


class Ages(msgspec.Struct, frozen=True):
    """What is agreed with a tenant: an age for all its series (ticks; 0: none), and the `rules` beside it."""

    tenant: int = 0
    rules: tuple[AgeRule, ...] = ()

    @property
    def least(self) -> int:
        """The age in ticks below which no copy of the tenant is too old."""
        return min(self.tenant or DAILY, *(rule.age for rule in self.rules)) if self.rules else self.tenant or DAILY

    def agreed(self, service: int, plan: str) -> Agreed | None:
        """Returns what is agreed for a series of this service and plan; None if nothing is, so that the default counts.

        Of several patterns that match, the longest counts.
        """
        fitting = [rule for rule in self.rules if rule.fits(service, plan)]
        if plans := [rule for rule in fitting if not rule.service]:
            rule = max(plans, key=lambda one: (len(one.pattern), one.pattern))
            return Agreed(rule.age, Source.PLAN, rule.pattern)
        if fitting:
            return Agreed(fitting[0].age, Source.SERVICE, ServiceType(fitting[0].service).name)
        return Agreed(self.tenant, Source.TENANT) if self.tenant else None


def default_age(starts: Sequence[int], jobs: int) -> Agreed | None:
    """Returns what counts by default for a series of so many jobs with runs at these times (ticks, in any order).

    None if it has less than `RHYTHM` jobs, or less than two runs in the last 60 days before the newest one.
    """
    ordered = sorted(starts)
    if not ordered or jobs < RHYTHM:
        return None
    counted = [start for start in ordered if start >= ordered[-1] - LOOK_BACK]
    if len(counted) < 2:
        return None
    longest = max(later - earlier for earlier, later in pairwise(counted))
    return Agreed(DAILY if longest <= DAILY else longest * 3 // 2, Source.DEFAULT)
