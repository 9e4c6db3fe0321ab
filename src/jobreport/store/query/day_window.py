"""A query in; its exact total, and the stretch of time in which its page lies, out, by the kept counts."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.query import JobQuery
from jobreport.store.derived import counts

FIRST_DAY: Final = 0
LAST_DAY: Final = counts.day_of(ticks.YEAR_9999)
"""Days that no job is filed before or after."""

NEAR: Final = 100
"""So many jobs before a page, or after it, are sooner walked over than their days are looked for."""

TotalOf = Callable[[Connection, int, JobQuery, int, int], int]
"""As `counts.total`, or by what is remembered of it."""

Stretch = tuple[int, int]
"""From and to, in ticks, both included."""
Numbers = Callable[[tuple[int, int] | None, Sequence[Stretch]], Sequence[int]]
"""How many jobs are filed on the days from the first to the last, by the kept counts, if any are given; and then how
many in each of some stretches, which are counted."""


class Window(NamedTuple):
    """Where a page lies. `since` and `until` are ticks, both ends included, None where the query has no bound there.

    Of the jobs in between that match, `newer` come before the page and `older` after it; `size` are on it.
    """

    total: int
    since: int | None
    until: int | None
    newer: int
    size: int
    older: int


class _End(NamedTuple):
    """An end of a range: the outermost day that is taken as a whole, and what is counted because of that.

    `beside`: the range goes on, by a part of the next day. `beyond`: the day goes on, by a part outside of the range.
    The shorter of the two is counted, which is half a day at the most.
    """

    day: int
    beside: Stretch | None = None
    beyond: Stretch | None = None


def days(since: int | None, until: int | None) -> tuple[int, int]:
    """The first and the last day that have a part in the stretch."""
    return FIRST_DAY if since is None else counts.day_of(since), LAST_DAY if until is None else counts.day_of(until)


def whole_days(query: JobQuery) -> tuple[int, int]:
    """The first and the last day that are in the query's range as a whole; the first is the later where none is."""
    first = FIRST_DAY if query.since is None else counts.day_of(query.since + ticks.PER_DAY - 1)
    last = LAST_DAY if query.until is None else counts.day_of(query.until + 1) - 1
    return first, last


def find(connection: Connection, tenant: int, query: JobQuery, numbers: Numbers, *, wide: bool) -> Window:
    """The window of `query`'s page; its search text is not looked at.

    `wide`: the window of a page near either end may be the whole range, since an index has just its jobs, in order.
    """
    since, until, skip = query.since, query.until, query.page * query.size
    oldest, newest = _oldest(since), _newest(until)
    if oldest.day > newest.day:  # no whole day
        (total,) = numbers(None, [(since or 0, ticks.YEAR_9999 if until is None else until)])
        end = min(skip + query.size, total)
        return Window(total, since, until, skip, max(0, end - skip), max(0, total - end))
    parts = (newest.beside, newest.beyond, oldest.beyond, oldest.beside)
    on_days, *counted = numbers((oldest.day, newest.day), [part for part in parts if part])
    numbered = iter(counted)
    before, over, under, after = (next(numbered) if part else 0 for part in parts)
    # A damaged count may be below 0; a total never is.
    on_days = max(0, on_days)
    within = max(0, on_days - over - under)
    total = before + within + after
    end = min(skip + query.size, total)
    if skip >= end or (wide and min(skip, total - end) <= NEAR):
        return Window(total, since, until, skip, max(0, end - skip), total - end)
    # Of the page, what lies on these days: from and to, among their jobs.
    begin, finish = max(0, skip - before), min(end - before, within)
    span = counts.Span(newest.day + 1, oldest.day - 1, 0, 0)
    if begin < finish:
        span = counts.locate(connection, tenant, query, oldest.day, newest.day, begin + over, finish - begin, on_days)
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
    return Window(total, bottom, top, newer, end - skip, older)


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
