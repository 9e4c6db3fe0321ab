"""A query for groups of jobs, as a value: filters, the keys by which jobs are grouped, and the values of each group."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from jobreport.model import nights, zones
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import InvalidInputError
from jobreport.model.nights import NightHours
from jobreport.model.query import Clock, JobFilter

MAX_GROUPS: Final = 10_000
"""The most groups in one answer. If a query has more, it is refused; the answer is never cut off."""
MAX_KEYS: Final = 2
"""The most keys by which one query can group."""

UNSUCCESSFUL: Final = (JobState.Exception, JobState.Failed, JobState.Stopped)
"""The states of jobs that ended without doing all their work. (A skipped job had nothing to do.)"""


class Key(StrEnum):
    """The keys by which jobs can be grouped."""

    DAY = "day"
    HOUR = "hour"
    WEEK = "week"
    MONTH = "month"
    NIGHT = "night"
    SERVICE = "service"
    TYPE = "type"
    STATE = "state"
    PLAN = "plan"
    RESOURCE = "resource"
    ORIGIN = "origin"
    CAUSE = "cause"


class More(StrEnum):
    """Further values of each group, besides its numbers of jobs."""

    OBJECTS = "objects"
    BYTES = "bytes"
    LAST = "last"


TIMES: Final = frozenset({Key.DAY, Key.HOUR, Key.WEEK, Key.MONTH, Key.NIGHT})
"""The keys that are times. The night of a job is that in which it ended; the others are those of its start."""
COUNTED: Final = frozenset({Key.DAY, Key.WEEK, Key.MONTH, Key.NIGHT, Key.SERVICE, Key.TYPE, Key.STATE})
"""The keys whose groups the kept counts can give. Their days are UTC days."""
CODES: Final[Mapping[Key, type[IntEnum]]] = {Key.SERVICE: ServiceType, Key.TYPE: JobType, Key.STATE: JobState}
"""The keys whose values are codes."""


class SummaryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query for groups: filters, keys, the time zone of days and hours (an IANA name), and further values.

    `night` is the minute of the local day at which nights begin. A query by night is about jobs that have ended.
    """

    where: JobFilter = JobFilter()
    by: tuple[Key, ...] = ()
    zone: str = zones.DEFAULT
    more: tuple[More, ...] = ()
    night: int = nights.DEFAULT_MINUTE

    @property
    def clock(self) -> Clock:
        """The times by which jobs are counted: of the start, unless nights or times of the end are asked for."""
        if Key.NIGHT in self.by:
            return Clock.ENDED
        return Clock.STARTED if TIMES.intersection(self.by) else self.where.clock

    @property
    def hours(self) -> NightHours:
        """When the nights begin."""
        return NightHours(self.zone, self.night)

    @property
    def is_counted(self) -> bool:
        """Whether the kept counts and sums alone can answer it, and it asks for UTC days."""
        if not self.is_kept or not TIMES.intersection(self.by):
            return self.is_kept
        return self.zone == zones.DEFAULT and not (self.night and Key.NIGHT in self.by)

    @property
    def is_kept(self) -> bool:
        """Whether the kept counts and sums have its values of whole days.

        They have the numbers of jobs by codes, of the day of their start or of their end. They have the sums of objects
        and bytes by service and type, of the day of the start.
        """
        where, by_end = self.where, self.clock is Clock.ENDED
        if not where.is_counted or (where.started if by_end else where.ended):
            return False
        if not COUNTED.issuperset(self.by) or More.LAST in self.more:
            return False
        return not self.more or not (by_end or where.states or Key.STATE in self.by)


def too_many_groups(most: int) -> InvalidInputError:
    """Returns the error for too many groups. Its message says how to ask for fewer."""
    return InvalidInputError.of(
        "by",
        f"gives more than {most:,} groups; ask for a shorter range (startTime, finishTime), for days instead of hours, "
        "for fewer plans or resources, or by one thing instead of two",
    )
