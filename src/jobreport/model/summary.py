"""A query for groups of jobs, as a value: filters, the keys by which jobs are grouped, and the values of each group."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from jobreport.model import zones
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter

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


COUNTED: Final = frozenset({Key.DAY, Key.SERVICE, Key.TYPE, Key.STATE})
"""The keys by which kept counts are stored. Their days are UTC days."""
CODES: Final[Mapping[Key, type[IntEnum]]] = {Key.SERVICE: ServiceType, Key.TYPE: JobType, Key.STATE: JobState}
"""The keys whose values are codes."""


class SummaryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query for groups: filters, keys, the time zone of days and hours (an IANA name), and further values."""

    where: JobFilter = JobFilter()
    by: tuple[Key, ...] = ()
    zone: str = zones.DEFAULT
    more: tuple[More, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether the kept counts and sums alone can answer it, and it asks for UTC days."""
        return self.is_kept and (Key.DAY not in self.by or self.zone == zones.DEFAULT)

    @property
    def is_kept(self) -> bool:
        """Whether the kept counts and sums have its values of whole days.

        They have the numbers of jobs by codes, and the sums of objects and bytes by service and type.
        """
        if not self.where.is_counted or self.where.ended or not COUNTED.issuperset(self.by) or More.LAST in self.more:
            return False
        return not self.more or not (self.where.states or Key.STATE in self.by)
