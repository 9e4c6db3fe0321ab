"""Reads a page of jobs: the jobs on it, the exact total of all that match, and where the next page begins.

If the query filters only by codes (service, type, state) and time, the kept counts give the total and the time range in
which the page lies. For any other query the jobs are counted, or searched for a text (`search`). Then one index is
read, from the end of the range that is nearer to the page: page 9,999 of 10,000 is read from the last job backwards.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import product
from typing import Any, Final

from sqlalchemy import Connection

from jobreport.model.query import Clock, JobQuery, Line, Page, Sort
from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared, Rows
from jobreport.store.query import conditions, day_walk, day_window, keyset, statements, totals
from jobreport.store.query.codes import EVERY, Codes
from jobreport.store.query.conditions import Shape
from jobreport.store.query.costs import Costs
from jobreport.store.query.day_window import Stretch, Window
from jobreport.store.query.indexes import Index
from jobreport.store.query.named import NAMED
from jobreport.store.query.search import BOUNDS, Bounds, Search
from jobreport.store.query.statements import Columns
from jobreport.store.query.totals import Days

TotalOf = Callable[[Connection, Mapping[str, Any], Codes, Days], int]
"""The function `totals.total`, or a function that returns the same number from a cache."""


def find(
    connection: Connection,
    tenant: int,
    query: JobQuery,
    now: int,
    *,
    total_of: TotalOf = totals.total,
    bounds: Bounds = BOUNDS,
) -> Page:
    """Returns the page of `query` among the jobs of `tenant`.

    `now` (ticks) is the present time; it gives the duration of jobs that still run.
    """
    return _Reader(connection, tenant, query, now, total_of, bounds).begin()()


def begin(connection: Connection, tenant: int, query: JobQuery, now: int) -> Callable[[], Page]:
    """Sends the statements of `find`, and returns a function that returns the page.

    On PostgreSQL the answer of the last statement is waited for only when that function is called.
    """
    return _Reader(connection, tenant, query, now, totals.total, BOUNDS).begin()


def every(
    connection: Connection, tenant: int, query: JobQuery, now: int, columns: Columns
) -> tuple[int, Prepared | None, dict[str, Any]]:
    """Returns the number of all jobs that match (the page is ignored), and a statement with the values of its
    parameters. The statement reads `columns` of all these jobs, in order; it is None if no job can match.
    """
    return _Reader(connection, tenant, query, now, totals.total, BOUNDS).every(columns)


class _Reader:
    """Answers one query from one snapshot."""

    def __init__(
        self, connection: Connection, tenant: int, query: JobQuery, now: int, total_of: TotalOf, bounds: Bounds
    ) -> None:
        self._connection, self._query, self._where = connection, query, query.where
        self._total_of, self._bounds = total_of, bounds
        self._dialect = dialect_of(connection)
        self._shape = shape = conditions.shape_of(self._dialect, query.where)
        self._clock, self._is_counted = shape.codes.clock, shape.is_counted
        self._may_match = self._is_counted or conditions.answerable(query.where)
        self._values = {}
        if self._may_match:
            self._values = conditions.values(connection, tenant, query.where, now, bounds.candidates)
        self._by_time = query.sort.by_time(self._clock)
        # If there is such an index, no costs need to be compared.
        self._direct = conditions.direct_index(shape) if self._by_time else None

    def begin(self) -> Callable[[], Page]:
        """Returns a function that returns the page (see `begin` of this module)."""
        if not self._may_match:
            return lambda: Page(0, [], None)
        if self._where.search and (keys := self._search.keys(self._query.after)) is not None:
            return lambda: self._gathered(keys)
        window = self._window()
        if not window.size:
            return lambda: Page(window.total, [], None)
        rows = self._rows(window)
        return lambda: page_of(self._query, window.total, rows())

    def every(self, columns: Columns) -> tuple[int, Prepared | None, dict[str, Any]]:
        """Returns the number of all jobs that match, the statement that reads them, and the values for it."""
        if not self._may_match:
            return 0, None, {}
        index = self._costs.for_page(self._query.sort, 1)
        statement = statements.every(self._shape._replace(by=index), self._query.sort, columns)
        return self._total(), statement, self._values

    def _window(self) -> Window:
        """Returns the window of the page. For a page after a position, nothing is skipped: reading begins there."""
        query = self._query
        if self._by_time and not query.after:
            if self._is_counted:
                return self._by_counts(query.page * query.size, query.size)
            if self._where.search and not self._where.ended and (window := self._search.window(query)):
                return window
        total = self._total()
        skip = 0 if query.after else query.page * query.size
        # A page after a position has no number, so the total cannot tell whether another page follows. One more job
        # is read: if it is there, so is another page.
        size = max(0, min(query.size + bool(query.after), total - skip))
        return Window(total, *self._where.range, skip, size, max(0, total - skip - size))

    def _total(self) -> int:
        """Returns the number of jobs that match."""
        if self._where.search:
            return self._search.total
        if self._is_counted:
            return self._by_counts(0, 0).total
        index = self._costs.cheapest()
        if self._shape.others and self._shape.others <= {*NAMED.get(index, ())} and not self._shape.ended:
            return self._costs.size(index)
        return int(statements.count(self._shape._replace(by=index)).value(self._connection, self._values))

    def _by_counts(self, skip: int, size: int) -> Window:
        """Returns the window of a page, with the total, from the kept counts."""

        def locate(days: Days, skip: int, size: int, number: int) -> day_walk.Span:
            return day_walk.locate(self._connection, self._values, self._shape.codes, days, skip, size, number)

        wide, newest_first = self._direct is not None, self._query.sort.descending
        since, until = self._where.range
        return day_window.find(since, until, skip, size, self._numbers, locate, newest_first=newest_first, wide=wide)

    def _numbers(self, days: Days | None, stretches: Sequence[Stretch]) -> list[int]:
        """Returns the numbers of jobs on the days and in the stretches (see `day_window.Numbers`).

        One statement asks for all of them if a round trip to the database costs more than adding up.
        """
        if days and self._dialect.has_slow_round_trips:
            values = {**self._values, "first": days[0], "last": days[1]}
            for number, (since, until) in enumerate(stretches):
                values |= self._between(since, until, behind=str(number))
            statement = statements.count_parts(_short(self._shape), len(stretches))
            return [max(0, int(number)) for number in statement.rows(self._connection, values)[0]]
        numbers = [self._total_of(self._connection, self._values, self._shape.codes, days)] if days else []
        for since, until in stretches:
            values = {**self._values, **self._between(since, until)}
            numbers.append(int(statements.count(_short(self._shape)).value(self._connection, values)))
        return numbers

    def _between(self, since: int | None, until: int | None, *, behind: str = "") -> dict[str, int | None]:
        """Returns the bounds of the times by which the jobs are counted, as parameters."""
        first, last = _BOUNDS[self._clock]
        return {first + behind: since, last + behind: until}

    def _rows(self, window: Window) -> Callable[[], Rows]:
        """Returns a function that returns the rows of the window's page, read from the nearer end of the window.

        Example: 9,000 jobs of the window come before the page and 100 behind it. Then the order is reversed, 100 jobs
        are skipped, and the rows are turned round again.
        """
        query = self._query
        backwards = self._by_time and window.behind < window.before
        sort = Sort(query.sort.key, not query.sort.descending) if backwards else query.sort
        skip = window.behind if backwards else window.before
        since, until = self._ends(window)
        by = self._direct or self._index(window, skip)
        bounds = (since is not None, until is not None)
        statement, each_pair = _statement(self._shape, by, bounds, sort, skip > 0, query.after is not None)
        values = self._values | self._between(window.since, window.until)
        values["skip"], values["size"] = skip, window.size
        if query.after:
            values |= keyset.values(query.after)
        if each_pair:
            values |= self._pairs() | {"most": skip + window.size}
        rows = statement.begin(self._connection, values)
        return (lambda: rows()[::-1]) if backwards else rows

    def _ends(self, window: Window) -> tuple[int | None, int | None]:
        """Returns the bounds of the window that still exclude a job; None for a bound that excludes none."""
        since, until, after = window.since, window.until, self._query.after
        if after and self._by_time:
            # The position itself excludes all jobs before it. A bound that excludes no more than these would only make
            # another statement.
            here = after.key if self._clock is Clock.ENDED else after.filed
            if self._query.sort.descending:
                until = until if until is not None and until < here else None
            else:
                since = since if since is not None and since > here else None
        return since, until

    def _index(self, window: Window, skip: int) -> Index:
        """Returns the index by which the page is read at the least cost."""
        same = (window.since, window.until) == self._where.range
        costs = self._costs if same else self._costs_within(window.since, window.until)
        return costs.for_page(self._query.sort, (skip + window.size) / max(1, window.jobs))

    def _pairs(self) -> dict[str, list[int]]:
        """Returns every pair of service and type that passes the filters, as parameters.

        Example: for the services 1 and 2 and the type 5 these are `[1, 2]` and `[5, 5]`.
        """
        services = [*map(int, self._where.services)] or EVERY["service"]
        types = [*map(int, self._where.types)] or EVERY["type"]
        pairs = [*product(services, types)]
        return {"pair_services": [pair[0] for pair in pairs], "pair_types": [pair[1] for pair in pairs]}

    def _gathered(self, keys: Sequence[tuple[Any, ...]]) -> Page:
        """Returns the page of the jobs that a search found. `keys` has all of them, in order."""
        query = self._query
        skip = 0 if query.after else query.page * query.size
        job_ids = [key[-1] for key in keys[skip : skip + query.size + 1]]
        values = {"tenant": self._values["tenant"], "ids": self._dialect.array(job_ids)}
        rows = {row[0]: row for row in statements.OF_IDS.rows(self._connection, values)} if job_ids else {}
        return page_of(query, self._search.total, [rows[job_id] for job_id in job_ids])

    @cached_property
    def _costs(self) -> Costs:
        return self._costs_within(*self._where.range)

    def _costs_within(self, since: int | None, until: int | None) -> Costs:
        where = self._where
        filed, ended = (where.since, where.until), (where.ended_since, where.ended_until)
        if self._clock is Clock.ENDED:
            ended = since, until
        else:
            filed = since, until
        return Costs(self._connection, self._shape, self._values, filed, ended)

    @cached_property
    def _search(self) -> Search:
        return Search(self._connection, self._shape, self._values, self._costs, self._query.sort, self._bounds)


_BOUNDS: Final = {clock: (f"{clock}since", f"{clock}until") for clock in Clock}
"""The names of the bounds of the times by which the jobs are counted."""


@lru_cache(maxsize=512)
def _short(shape: Shape) -> Shape:
    """Returns the shape of a statement that counts the jobs of a short time range, which has both bounds."""
    return shape._replace(by=conditions.likely_index(shape)).within(since=True, until=True)


@lru_cache(maxsize=1024)
def _statement(
    shape: Shape, by: Index, bounds: tuple[bool, bool], sort: Sort, skips: bool, after: bool
) -> tuple[Prepared, bool]:
    """Returns the statement that reads a page by an index, and whether it reads each pair of codes by itself.

    `bounds`: whether the times by which the jobs are counted have a first and a last one. `skips`: jobs come before the
    page. `after`: the page begins after a position.
    """
    shape = shape._replace(by=by).within(since=bounds[0], until=bounds[1])
    by_time = sort.by_time(shape.codes.clock)
    in_order = by_time and shape.in_order
    each_pair = shape.dialect.is_shared and by is Index.PAIR and by_time and not in_order
    by_key = skips or not in_order or not (shape.dialect.filters_in_index or shape.is_direct)
    return statements.page(shape, sort, after=after, by_key=by_key, each_pair=each_pair), each_pair


_line: Final[Callable[[Sequence[Any]], Line]] = partial(tuple.__new__, Line)
"""Does the same as `Line._make`, in a third of the time."""


def page_of(query: JobQuery, total: int, rows: Rows) -> Page:
    """Returns the page that has these rows.

    Another page follows if `rows` has one row more than the page, or if it was asked for by number and the total says
    so.
    """
    lines = [*map(_line, rows[: query.size])]
    more = len(rows) > query.size or (not query.after and (query.page + 1) * query.size < total)
    return Page(total, lines, keyset.position(query.sort, lines[-1]) if more and lines else None)
