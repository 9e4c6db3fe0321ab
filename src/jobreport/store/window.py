"""A query in; its exact total, and the stretch of time in which its page lies, out, by the kept counts."""

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.query import JobQuery
from jobreport.store import counts

FIRST_DAY: Final = 0
LAST_DAY: Final = counts.day_of(ticks.YEAR_9999)
"""Days that no job is filed before or after."""


TotalOf = Callable[[Connection, int, JobQuery, int, int], int]
"""As `counts.total`, or by what is remembered of it."""


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


def days(since: int | None, until: int | None) -> tuple[int, int]:
    """The first and the last day that have a part in the stretch."""
    return FIRST_DAY if since is None else counts.day_of(since), LAST_DAY if until is None else counts.day_of(until)


def whole_days(query: JobQuery) -> tuple[int, int]:
    """The first and the last day that are in the query's range as a whole; the first is the later where none is."""
    first = FIRST_DAY if query.since is None else counts.day_of(query.since + ticks.PER_DAY - 1)
    last = LAST_DAY if query.until is None else counts.day_of(query.until + 1) - 1
    return first, last


def find(
    connection: Connection,
    tenant: int,
    query: JobQuery,
    count: Callable[[int | None, int | None], int],
    *,
    wide: bool,
    total_of: TotalOf = counts.total,
) -> Window:
    """The window of `query`'s page; its search text is not looked at.

    Whole days are counted already, and are added up by `total_of`. What a range has of a day at either end is counted
    by `count(since, until)`.
    `wide`: a first page's window may be the whole range, since an index begins with just its jobs.
    """
    since, until = query.since, query.until
    first, last = whole_days(query)
    skip = query.page * query.size
    if first > last:  # no whole day
        total = count(since, until)
        end = min(skip + query.size, total)
        return Window(total, since, until, skip, max(0, end - skip), max(0, total - end))
    start, stop = first * ticks.PER_DAY, (last + 1) * ticks.PER_DAY
    newest = count(stop, until) if until is not None and stop <= until else 0
    oldest = count(since, start - 1) if since is not None and since < start else 0
    # A damaged count may be below 0; a total never is.
    whole = max(0, total_of(connection, tenant, query, first, last))
    total = newest + whole + oldest
    end = min(skip + query.size, total)
    if skip >= end or (wide and not skip):
        return Window(total, since, until, skip, max(0, end - skip), total - end)
    # Of the page, what lies on whole days: from and to, among their jobs.
    begin, finish = max(0, skip - newest), min(end - newest, whole)
    span = counts.Span(last + 1, first - 1, 0, 0)
    if begin < finish:
        span = counts.locate(connection, tenant, query, first, last, begin, finish - begin, whole)
    if skip < newest:
        top, newer = until, skip
    elif skip < newest + whole:
        top, newer = (span.newest + 1) * ticks.PER_DAY - 1, span.newer
    else:
        top, newer = start - 1, skip - newest - whole
    if end > newest + whole:
        bottom, older = since, total - end
    elif end > newest:
        bottom, older = span.oldest * ticks.PER_DAY, span.older
    else:
        bottom, older = stop, newest - end
    return Window(total, bottom, top, newer, end - skip, older)
