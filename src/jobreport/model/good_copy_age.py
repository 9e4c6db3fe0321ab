"""How old the last good copy of a series may become before somebody has to look.

That is what expectations say (`model.expectation`). Nobody declares it for all series, so there is a default, and it is
called one: what ran every day has 26 hours, so that a backup may be two hours late. What ran less often has one and a
half times its longest gap between two runs of the last 60 days before its newest. A series with less than three jobs
has no default: one backup that somebody made by hand tells no rhythm. Work that leaves no copy, such as a restore,
never has one.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.expectation import PER_HOUR, Expectation, most_specific, pattern_words

DAILY: Final = 26 * PER_HOUR
"""The age that is agreed for a series that ran every day, in ticks."""
COPIES: Final = frozenset(kind for kind in JobType if kind.name.endswith("Backup"))
"""The types of jobs that leave a copy."""
LOOK_BACK: Final = 60 * ticks.PER_DAY
"""Runs that are older than this when the newest one began do not count, in ticks."""
RHYTHM: Final = 3
"""A series with fewer jobs than this has no default."""


class Source(IntEnum):
    """What says an age, the most specific first."""

    PATTERN = 0
    PLAN = 1
    SERVICE = 2
    TENANT = 3
    DEFAULT = 4


class Agreed(msgspec.Struct, frozen=True):
    """How old the last good copy of a series may become, in ticks, and what says so. `name`: the pattern of plans, the
    name of the service, or the whole pattern in words.
    """

    age: int
    source: Source
    name: str = ""


class Ages(msgspec.Struct, frozen=True):
    """The expectations that say an age, of one tenant."""

    rules: tuple[Expectation, ...] = ()

    @property
    def tenant(self) -> int:
        """The age of all series of which nothing more specific says one (ticks; 0: none)."""
        return max((one.age for one in self.rules if not any(one.pattern[1:])), default=0)

    @property
    def least(self) -> int:
        """The age in ticks below which no copy of the tenant is too old."""
        return min(self.tenant or DAILY, *(rule.age for rule in self.rules)) if self.rules else DAILY

    def agreed(self, service: int, kind: int, plan: str, resource: str, origin: str) -> Agreed | None:
        """Returns what is agreed for a series of this service, type, plan, resource and origin; None if nothing is, so
        that the default counts.
        """
        one = most_specific(rule for rule in self.rules if rule.fits(service, kind, plan, resource, origin))
        return _agreed(one) if one else None


def ages_of(expectations: Sequence[Expectation]) -> Ages:
    """Returns what these expectations say of ages."""
    return Ages(tuple(one for one in expectations if one.age))


def _agreed(one: Expectation) -> Agreed:
    _, service, *others = one.pattern
    if one.plan and not any((service, one.type, one.resource, one.origin)):
        return Agreed(one.age, Source.PLAN, one.plan)
    if not any(others):
        name = ServiceType(service).name if service else ""
        return Agreed(one.age, Source.SERVICE if service else Source.TENANT, name)
    return Agreed(one.age, Source.PATTERN, pattern_words(one))


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
