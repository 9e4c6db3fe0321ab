"""What is usual of a series: the median of its last good runs, and between which values eight of ten of them lie.

A backup that takes 40 minutes is slow only if it usually takes five. The numbers are those of the last `RUNS` good
runs, so that a series that grows slowly stays usual.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from jobreport.model import ticks

RUNS: Final = 30
"""The number of newest runs that are shown of a series, and of newest good runs that say what is usual."""

SHRUNK_TO: Final = 10
"""A run that has less than this part (a tenth) of the usual objects or bytes has shrunk."""
SHRUNK_RUNS: Final = 3
"""So many good runs before it must say what is usual."""
FAR: Final = 3600 * ticks.PER_SECOND
"""What runs far longer than usual runs at least this much longer than nine of ten good runs, in ticks."""
_TIMES: Final = 3


class Run(msgspec.Struct, frozen=True):
    """One job of a series. Times are ticks, `finish` is 0 until it ends; `state` is a code."""

    job_id: str
    state: int
    start: int
    finish: int
    objects: int
    bytes: int


class Range(msgspec.Struct, frozen=True):
    """The median of some numbers, and their 10th and 90th percentile: a tenth of them is less, a tenth is more."""

    median: int
    p10: int
    p90: int


class Usual(msgspec.Struct, frozen=True):
    """What is usual: of the durations in ticks, the numbers of objects, and the bytes of this many `runs`."""

    runs: int
    duration: Range
    objects: Range
    bytes: Range


def usual(runs: Sequence[Run]) -> Usual | None:
    """Returns what is usual of these runs, which have all ended; None if there is none."""
    if not runs:
        return None
    return Usual(
        len(runs),
        spread(run.finish - run.start for run in runs),
        spread(run.objects for run in runs),
        spread(run.bytes for run in runs),
    )


def is_far_longer(took: int, known: Usual) -> bool:
    """Returns whether a job that still runs after `took` (ticks) runs far longer than usual: three times as long as
    nine of ten good runs, and an hour more. A job of 20 seconds that takes a minute alarms nobody, and neither does one
    of ten hours that takes eleven.
    """
    return took > max(known.duration.p90 * _TIMES, known.duration.p90 + FAR)


def shrunk(good: Run, known: Usual | None) -> str:
    """Returns in words how a good run has shrunk; empty if it has not. `known` is what was usual before it."""
    if not known or known.runs < SHRUNK_RUNS:
        return ""
    for number, median, what in (
        (good.objects, known.objects.median, "objects"),
        (good.bytes, known.bytes.median, "bytes"),
    ):
        if number * SHRUNK_TO < median:
            return f"only {number:,} {what}, usually {median:,} (median of {known.runs} good runs)"
    return ""


def spread(numbers: Iterable[int]) -> Range:
    """Returns the range of at least one number. Between two of them it is interpolated, and rounded (half up)."""
    ordered = sorted(numbers)
    return Range(*(_percentile(ordered, tenth) for tenth in (5, 1, 9)))


def _percentile(ordered: Sequence[int], tenths: int) -> int:
    # The n numbers lie at 0, 1, … n - 1. In whole numbers, since bytes may be more than a float can hold exactly.
    place, rest = divmod(tenths * (len(ordered) - 1), 10)
    if not rest:
        return ordered[place]
    low, high = ordered[place : place + 2]
    return low + ((high - low) * rest * 2 + 10) // 20
