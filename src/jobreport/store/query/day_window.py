"""Finds the time range in which a page lies, and the total of all jobs that match, from the kept counts.

A kept count is for a whole UTC day, but a query may begin or end within a day. So each end of its range is moved to the
nearer midnight, and the jobs in between are counted in an index and added or subtracted. Examples:

- From Monday 18:00 on: Tuesday is the first whole day, and the jobs of Monday 18:00 to 24:00 are added.
- From Monday 06:00 on: Monday is the first whole day, and the jobs of Monday 00:00 to 06:00 are subtracted.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from jobreport.model import ticks
from jobreport.store.derived import counts
from jobreport.store.query.day_walk import Span
from jobreport.store.query.totals import Days

FIRST_DAY: Final = 0
LAST_DAY: Final = counts.day_of(ticks.YEAR_9999)
"""The first and the last day on which a job can be filed."""

NEAR: Final = 100
"""If at most this many jobs come before a page, or after it, reading past them is faster than finding its days."""

Stretch = tuple[int, int]
"""A time range: its first and its last tick, both included."""
Numbers = Callable[[Days | None, Sequence[Stretch]], Sequence[int]]
"""Returns the number of jobs on the given days, from the kept counts (left out if no days are given), and then the
number of jobs in each of the given stretches, counted in an index."""
Locate = Callable[[Days, int, int, int], Span]
"""Calls `day_walk.locate` with: the days, the number of jobs to skip, the size of the page, and the number of jobs on
the days."""


class Window(NamedTuple):
    """The time range in which a page lies: `since` to `until` (ticks, both included; None: no bound on this side).

    Of the jobs in this range that match, `before` come before the page in the query's order, `size` are on the page,
    and `behind` come after it. `total` is the number of all jobs that match, in any range.
    """

    total: int
    since: int | None
    until: int | None
    before: int
    size: int
    behind: int

    @property
    def jobs(self) -> int:
        """The number of jobs that match within the window."""
        return self.before + self.size + self.behind


class _End(NamedTuple):
    """One end of a range: `day`, the outermost day that is taken whole, and the correction for that, if any.

    `beside` is a part of the next day that is still in the range: its jobs are added. `beyond` is a part of `day` that
    is outside of the range: its jobs are subtracted. At most one of the two is given, and it is at most half a day.

    Example: the range ends on Friday. At 06:00, `day` is Thursday and `beside` is Friday 00:00 to 06:00. At 18:00,
    `day` is Friday and `beyond` is Friday 18:00 to 24:00.
    """

    day: int
    beside: Stretch | None = None
    beyond: Stretch | None = None


def days(since: int | None, until: int | None) -> Days:
    """Returns the first and the last UTC day of which at least a part is in the range. None: no bound on this side."""
    return FIRST_DAY if since is None else counts.day_of(since), LAST_DAY if until is None else counts.day_of(until)


def whole_days(since: int | None, until: int | None) -> Days:
    """Returns the first and the last UTC day that are completely in the range.

    If no day is, the first that is returned is later than the last.
    """
    first = FIRST_DAY if since is None else counts.day_of(since + ticks.PER_DAY - 1)
    last = LAST_DAY if until is None else counts.day_of(until + 1) - 1
    return first, last


def find(
    since: int | None,
    until: int | None,
    skip: int,
    size: int,
    numbers: Numbers,
    locate: Locate,
    *,
    newest_first: bool = True,
    wide: bool = False,
) -> Window:
    """Returns the window of the page that has `size` jobs after the first `skip`. With size 0 only its total counts.

    `wide`: an index has exactly the matching jobs, in order. Then a page near either end of the range needs no days:
    its window is the whole range.

    Example: 1,000 jobs a day, a range of one year, the newest first. The page of 100 jobs after 20,050 lies on the 21st
    day from the end. So the window is this one day, with 50 jobs before the page and 850 behind it.
    """
    oldest, newest = _oldest(since), _newest(until)
    if oldest.day > newest.day:  # no whole day
        (total,) = numbers(None, [(since or 0, ticks.YEAR_9999 if until is None else until)])
        return _placed(since, until, total, skip, size)
    parts = (newest.beside, newest.beyond, oldest.beyond, oldest.beside)
    on_days, *counted = numbers((oldest.day, newest.day), [part for part in parts if part])
    numbered = iter(counted)
    before, over, under, after = [next(numbered) if part else 0 for part in parts] if counted else (0, 0, 0, 0)
    within = max(0, on_days - over - under)
    total = before + within + after
    page = _placed(since, until, total, skip, size)
    if not page.size or (wide and min(page.before, page.behind) <= NEAR):
        return page
    skip = page.before if newest_first else page.behind
    end = skip + page.size
    # The part of the page that lies on the whole days: from job number `begin` to `finish` of their jobs.
    begin, finish = max(0, skip - before), min(end - before, within)
    span = Span(newest.day + 1, oldest.day - 1, 0, 0)
    if begin < finish:
        span = locate((oldest.day, newest.day), begin + over, finish - begin, on_days)
    if skip < before:
        top, newer = until, skip
    elif skip >= before + within:
        top, newer = _begin(oldest.day) - 1, skip - before - within
    elif newest.beyond and span.newest == newest.day:
        top, newer = until, max(0, span.newer - over)
    else:
        top, newer = _begin(span.newest + 1) - 1, span.newer
    if end > before + within:
        bottom, older = since, total - end
    elif end <= before:
        bottom, older = _begin(newest.day + 1), before - end
    elif oldest.beyond and span.oldest == oldest.day:
        bottom, older = since, max(0, span.older - under)
    else:
        bottom, older = _begin(span.oldest), span.older
    sides = (newer, older) if newest_first else (older, newer)
    return Window(total, bottom, top, sides[0], page.size, sides[1])


def _placed(since: int | None, until: int | None, total: int, skip: int, size: int) -> Window:
    """Returns the window of a page that is the whole range."""
    end = min(skip + size, total)
    return Window(total, since, until, skip, max(0, end - skip), max(0, total - end))


def _newest(until: int | None) -> _End:
    if until is None:
        return _End(LAST_DAY)
    day = counts.day_of(until)
    begin, end = _begin(day), _begin(day + 1) - 1
    if until == end:
        return _End(day)
    if until - begin < ticks.PER_DAY // 2:
        return _End(day - 1, beside=(begin, until))
    return _End(day, beyond=(until + 1, end))


def _oldest(since: int | None) -> _End:
    if since is None:
        return _End(FIRST_DAY)
    day = counts.day_of(since)
    begin, end = _begin(day), _begin(day + 1) - 1
    if since == begin:
        return _End(day)
    if end - since < ticks.PER_DAY // 2:
        return _End(day + 1, beside=(since, end))
    return _End(day, beyond=(begin, since - 1))


def _begin(day: int) -> int:
    return day * ticks.PER_DAY
