"""A question about groups of jobs, as a value: which jobs, what they are grouped by, and what is told of each group."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from jobreport.model import zones
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobFilter

MAX_GROUPS: Final = 10_000
"""Groups of one answer; a question that has more is refused, never cut."""
MAX_KEYS: Final = 2
"""Things by which one answer groups."""

UNSUCCESSFUL: Final = (JobState.Exception, JobState.Failed, JobState.Stopped)
"""The states of jobs that ended without all that they were to do. Skipped ones had nothing to do."""


class Key(StrEnum):
    """What jobs are grouped by."""

    DAY = "day"
    HOUR = "hour"
    SERVICE = "service"
    TYPE = "type"
    STATE = "state"
    PLAN = "plan"
    RESOURCE = "resource"
    ORIGIN = "origin"


class More(StrEnum):
    """What is told of each group beside its numbers of jobs. The jobs are read for it."""

    OBJECTS = "objects"
    BYTES = "bytes"
    LAST = "last"


COUNTED: Final = frozenset({Key.DAY, Key.SERVICE, Key.TYPE, Key.STATE})
"""The keys that kept counts know; the days are UTC."""
CODES: Final[Mapping[Key, type[IntEnum]]] = {Key.SERVICE: ServiceType, Key.TYPE: JobType, Key.STATE: JobState}
"""The keys whose values are codes."""


class SummaryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs, what they are grouped by, in which time zone (a name), and what is told of each group."""

    where: JobFilter = JobFilter()
    by: tuple[Key, ...] = ()
    zone: str = zones.DEFAULT
    more: tuple[More, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether kept counts know all of it: numbers of jobs by codes and UTC days, of codes and times."""
        days = Key.DAY not in self.by or self.zone == zones.DEFAULT
        return COUNTED.issuperset(self.by) and days and self.where.is_counted and not self.more
