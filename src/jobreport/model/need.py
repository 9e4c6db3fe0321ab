"""How a series stands, in the one word that all pages, numbers and lists count by: it follows from its verdict.

A person can say "I have it" (a mark): then the series still is not well, but somebody looks after it. A mark ends by
itself when the series is well again, when its time is over, and when something else or something worse is wrong. And a
person can retire a series that no longer runs, on purpose: it is not judged until a new job of it arrives.
"""

from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.good_copy_age import COPIES, DAILY, Agreed
from jobreport.model.series import SeriesStatus

GRACE: Final = 15 * 60 * ticks.PER_SECOND
"""A job that is due has so long to start before it counts as not started (ticks): schedulers wait for a slot, spread
their jobs by some minutes, and reports take a moment.
"""
MAX_NOTE: Final = 1_000
"""The most characters of a note."""
MAX_TICKET: Final = 200
"""The most characters of a ticket."""


class Need(IntEnum):
    """How a series stands. It is kept with its verdict (`model.judgement`), by these numbers."""

    WELL = 0
    NO_RHYTHM = 1
    """Its last good copy is older than a daily one may be, and nothing tells how old it may become."""
    NO_COPY = 2
    """It never had a good copy, and none of its jobs was not good."""
    NOT_STARTED = 3
    """A job should have started `GRACE` ago and has not, and no good one came since."""
    TOO_OLD = 4
    """Its last good copy is older than agreed, though its jobs are good."""
    NOT_GOOD = 5
    """A job was not good, and no good one came since."""
    OVERLONG = 6
    """A run goes on longer than the longest that is expected."""
    SHRUNK = 7
    """Its newest good run is far smaller than usual."""
    NO_DATA = 8
    """Its connector has no data, so what seems to be missing may only be unseen."""
    MAINTENANCE = 9
    """Something is wrong, but it is within a maintenance window."""


BAD: Final = frozenset({Need.NOT_STARTED, Need.TOO_OLD, Need.NOT_GOOD, Need.OVERLONG, Need.SHRUNK, Need.NO_DATA})
"""What needs somebody."""


class Standing(StrEnum):
    """How series stand, as a filter has it."""

    NEEDS_YOU = "needsYou"
    IN_HANDS = "inHands"
    NOT_JUDGED = "notJudged"
    NO_RHYTHM = "noRhythm"
    MAINTENANCE = "maintenance"
    RETIRED = "retired"


class Snapshot(msgspec.Struct, frozen=True):
    """The state of a series when it is marked, or when it is compared with a mark. `state` is that of its newest job
    that has ended (0: none has); `cause` is the code of that job's cause, or empty. `good` is the filed time of the
    newest good job, `last` that of the newest one that has started or should have (ticks).
    """

    need: Need
    state: int
    cause: str
    good: int
    last: int


class Kind(IntEnum):
    """What a person said of a series."""

    IN_HANDS = 1
    RETIRED = 2


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What the person `by` said of a series at `since` (ticks), and how that was found then. `until`: when it ends
    (ticks; 0: never). `ticket` may be an address.
    """

    kind: Kind
    by: str
    since: int
    until: int = 0
    note: str = ""
    ticket: str = ""
    found: Snapshot


class Held(StrEnum):
    """Whether a mark still holds; if not, why."""

    HOLDS = ""
    EXPIRED = "its time was over"
    SUCCEEDED = "the series was well again"
    WORSE = "it got worse"
    OTHER_CAUSE = "it fails for another cause"
    NOT_STARTED = "it did not start"
    NEW_JOB = "a new job arrived"


def need_of(kind: JobType, status: SeriesStatus, agreed: Agreed | None, due: int, now: int) -> Need:
    """Returns how a series stands at `now` (ticks). `agreed`: how old its last good copy may become; `due`: when the
    newest of its jobs was due that should have started and have not (ticks; 0: there is none).
    """
    if status.not_good:
        return Need.NOT_GOOD
    if due and due > status.good_filed:
        return Need.NOT_STARTED
    if not status.good_id:
        return Need.NO_COPY
    if kind not in COPIES:
        return Need.WELL
    age = now - status.good_finish
    if agreed:
        return Need.TOO_OLD if age > agreed.age else Need.WELL
    return Need.NO_RHYTHM if age > DAILY else Need.WELL


def is_to_come(job_state: int, due: int, now: int) -> bool:
    """Returns whether a job in this state is still to start at `now` (ticks): it is due later, or a moment ago."""
    return job_state == JobState.NotStarted and due > now - GRACE


def held(mark: Mark, found: Snapshot, now: int, *, is_open: bool = False) -> Held:
    """Returns whether the mark still holds for its series as it is found at `now` (ticks). `is_open`: an incident of it
    goes on, so it is not well yet, whatever its jobs alone say.
    """
    was = mark.found
    if mark.kind is Kind.RETIRED:
        return Held.NEW_JOB if found.last > was.last else Held.HOLDS
    if not is_open and found.need is not Need.MAINTENANCE and (found.need not in BAD or found.good > was.good):
        return Held.SUCCEEDED
    if mark.until and now >= mark.until:
        return Held.EXPIRED
    if _badness(found) > _badness(was):
        return Held.WORSE
    if found.need is was.need is Need.NOT_GOOD and found.state != JobState.Skipped and found.cause != was.cause:
        return Held.OTHER_CAUSE
    # Who mends what fails is no longer right about it when it does not even start.
    if was.need is Need.NOT_GOOD and found.need is Need.NOT_STARTED:
        return Held.NOT_STARTED
    return Held.HOLDS


def standing_of(need: Need, mark: Mark | None) -> Standing | None:
    """Returns how a series counts; None if it is well. `mark`: what holds of it."""
    if mark and mark.kind is Kind.RETIRED:
        return Standing.RETIRED
    if need in BAD:
        return Standing.IN_HANDS if mark else Standing.NEEDS_YOU
    return _OTHERS.get(need)


_OTHERS: Final = {
    Need.NO_COPY: Standing.NOT_JUDGED,
    Need.NO_RHYTHM: Standing.NO_RHYTHM,
    Need.MAINTENANCE: Standing.MAINTENANCE,
}
_STATES: Final = {JobState.Exception: 1, JobState.Stopped: 2, JobState.Failed: 6}
_OTHER_BADNESS: Final = {Need.NO_DATA: 1, Need.OVERLONG: 2, Need.SHRUNK: 2, Need.NOT_STARTED: 3, Need.TOO_OLD: 4}


def _badness(found: Snapshot) -> int:
    """Returns how bad it is: exceptions or no data; stopped, too long or too small; did not start, too old, failed."""
    if found.need is Need.NOT_GOOD:
        return _STATES.get(JobState(found.state), 1)
    return _OTHER_BADNESS.get(found.need, 0)


def rank(kind: JobType, status: SeriesStatus) -> int:
    """Returns by what series are listed that are not well: those that leave copies before all others, since while a
    clean-up or a restore fails no data is without one; of these, those that never had a good one, the oldest first, and
    then each longest without one.
    """
    place = status.good_finish or status.first - _PART
    return place if kind in COPIES else place + 2 * _PART


_PART: Final = 2**60
"""More ticks than any time has."""
