"""In which stretch of time a page lies, and how many jobs match in all, by the kept counts.

A count is of a whole UTC day, and a range may end within one. So its ends are snapped to whole days. From Monday 18:00
on: Tuesday is the first day that is taken as a whole; the jobs of Monday's six hours are counted from the index, and
added. From Monday 06:00 on: Monday is taken as a whole, and the jobs of its first six hours are taken off.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from jobreport.model import ticks
from jobreport.model.query import JobFilter
from jobreport.store.derived import counts
from jobreport.store.query.day_walk import Span
from jobreport.store.query.totals import Days

FIRST_DAY: Final = 0
LAST_DAY: Final = counts.day_of(ticks.YEAR_9999)
"""Days that no job is filed before or after."""

NEAR: Final = 100
"""So many jobs before a page, or after it, are sooner walked over than their days are looked for."""

Stretch = tuple[int, int]
"""From and to, in ticks, both included."""
Numbers = Callable[[Days | None, Sequence[Stretch]], Sequence[int]]
"""How many jobs are filed on the days, by the kept counts, if any are given; and then how many in each of some
stretches, which are counted."""
Locate = Callable[[Days, int, int, int], Span]
"""As `day_walk.locate`: of the days, how many jobs to skip, how many to hold, how many there are."""


class Window(NamedTuple):
    """Where a page lies. `since` and `until` are ticks, both included, None where the query has no bound there.

    Of the jobs in between that match, `before` come before the page, in the query's order, and `behind` come after it;
    `size` are on it. `total` match in all.
    """

    total: int
    since: int | None
    until: int | None
    before: int
    size: int
    behind: int

    @property
    def jobs(self) -> int:
        """How many match in between."""
        return self.before + self.size + self.behind


class _End(NamedTuple):
    """An end of a range: the outermost day that is taken as a whole, and what is counted because of that.

    `beside`: the range goes on, by a part of the next day. `beyond`: the day goes on, by a part outside of the range.
    The shorter of the two is counted, which is half a day at the most.
    """

    day: int
    beside: Stretch | None = None
    beyond: Stretch | None = None


def days(since: int | None, until: int | None) -> Days:
    """The first and the last day that have a part in the stretch."""
    return FIRST_DAY if since is None else counts.day_of(since), LAST_DAY if until is None else counts.day_of(until)


def whole_days(where: JobFilter) -> Days:
    """The first and the last day that are in the range as a whole; the first is the later where none is."""
    first = FIRST_DAY if where.since is None else counts.day_of(where.since + ticks.PER_DAY - 1)
    last = LAST_DAY if where.until is None else counts.day_of(where.until + 1) - 1
    return first, last


def find(
    where: JobFilter,
    skip: int,
    size: int,
    numbers: Numbers,
    locate: Locate,
    *,
    newest_first: bool = True,
    wide: bool = False,
) -> Window:
    """The window of the page of `size` jobs after `skip`; without a size, just the total.

    `wide`: the window of a page near either end may be the whole range, since an index has just its jobs, in order.
    """
    since, until = where.since, where.until
    oldest, newest = _oldest(since), _newest(until)
    if oldest.day > newest.day:  # no whole day
        (total,) = numbers(None, [(since or 0, ticks.YEAR_9999 if until is None else until)])
        return _placed(where, total, skip, size)
    parts = (newest.beside, newest.beyond, oldest.beyond, oldest.beside)
    on_days, *counted = numbers((oldest.day, newest.day), [part for part in parts if part])
    numbered = iter(counted)
    before, over, under, after = [next(numbered) if part else 0 for part in parts] if counted else (0, 0, 0, 0)
    within = max(0, on_days - over - under)
    total = before + within + after
    page = _placed(where, total, skip, size)
    if not page.size or (wide and min(page.before, page.behind) <= NEAR):
        return page
    skip = page.before if newest_first else page.behind
    end = skip + page.size
    # Of the page, what lies on these days: from and to, among their jobs.
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


def _placed(where: JobFilter, total: int, skip: int, size: int) -> Window:
    """The page within the whole range."""
    end = min(skip + size, total)
    return Window(total, where.since, where.until, skip, max(0, end - skip), max(0, total - end))


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
