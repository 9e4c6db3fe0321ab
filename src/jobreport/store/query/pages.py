"""Any question in; its exact total, the jobs of its page, and the place where the next page begins, out.

What generation 1 can ask has ways of its own (`store.query.report`). Every other question is answered here: the kept
counts tell how many entries each index has to look at, and the one with the fewest is read.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, select

from jobreport.model.query import NEWEST_FIRST, JobQuery, Line, Listing, ListQuery, Report, SortKey
from jobreport.store.db.arrays import among, one_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import conditions, day_window, keyset, report, totals
from jobreport.store.query.conditions import ROW, Kind, Texts
from jobreport.store.query.costs import Ways, number_of
from jobreport.store.query.indexes import A_SORTED_ROW, FEW, Access
from jobreport.store.query.search import Found
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import KEY, LINE, keyed

_COLUMNS: Final = (*LINE, table.c.filed)

Row = Sequence[Any]
Columns = tuple[ColumnElement[Any], ...]


def find(connection: Connection, tenant: int, query: ListQuery, now: int, *, few: int = FEW) -> Listing:
    """The page of `query` among the jobs of `tenant`; `now` (ticks) is until when a job that runs has lasted.

    `few` chooses the way, and changes nothing in what is found.
    """
    if not conditions.answerable(query.where):
        return Listing(0, [], None)
    plain = query.plain()
    if plain is not None:
        return _plain(connection, tenant, plain)
    return _Reading(connection, tenant, query, now, few).listing()


def _plain(connection: Connection, tenant: int, query: JobQuery) -> Listing:
    found = report.report(connection, tenant, query)
    listing = of_report(query, found)
    if listing is None:
        last = found.lines[-1]
        (row,) = _of_ids(connection, tenant, [last.job_id])
        return Listing(found.total, found.lines, keyset.place(NEWEST_FIRST, last, row[-1]))
    return listing


def of_report(query: JobQuery, found: Report) -> Listing | None:
    """The report of `query` with the place of its next page; None where the report does not tell that.

    The last job on the page may be one that has not started and is due at no known time.
    """
    if not found.lines or (query.page + 1) * query.size >= found.total:
        return Listing(found.total, found.lines, None)
    last = found.lines[-1]
    return Listing(found.total, found.lines, keyset.place(NEWEST_FIRST, last, last.start)) if last.start else None


def every(
    connection: Connection, tenant: int, query: ListQuery, now: int, columns: Columns
) -> tuple[int, Prepared | None, dict[str, Any]]:
    """How many match, whatever the page; and the statement that reads `columns` of all in order, with its values.

    There is none where no job can match.
    """
    if not conditions.answerable(query.where):
        return 0, None, {}
    return _Reading(connection, tenant, query, now, FEW).every(columns)


class _Reading:
    """A question in hand, within one snapshot."""

    def __init__(self, connection: Connection, tenant: int, query: ListQuery, now: int, few: int) -> None:
        self._connection, self._tenant, self._query, self._few = connection, tenant, query, few
        where = self._where = query.where
        self._ways = Ways(connection, tenant, where, now, query.after)
        self._values = self._ways.values

    def listing(self) -> Listing:
        """The answer."""
        query, size = self._query, self._query.size
        skip = 0 if query.after else query.page * size
        total, found = self._total()
        if skip >= total:
            return Listing(total, [], None)
        rows = self._gathered(found, skip) if found else self._page(total, skip)
        lines = [Line._make(row[:-1]) for row in rows[:size]]
        begin = keyset.place(query.sort, lines[-1], rows[size - 1][-1]) if len(rows) > size else None
        return Listing(total, lines, begin)

    def every(self, columns: Columns) -> tuple[int, Prepared, dict[str, Any]]:
        """As the function of that name."""

        def cost(way: Access) -> float:
            return (1 if self._is_ordered(way) else A_SORTED_ROW) * self._ways.cost(way)

        total, _ = self._total()
        kind = self._ways.kind(self._ways.cheapest(cost), Texts.EITHER if self._where.search else Texts.NONE)
        return total, every_of(kind._replace(sort=self._query.sort), columns), self._values

    def _total(self) -> tuple[int, Found | None]:
        """How many jobs match; and those that a search found, where they are few enough to be all of them."""
        if not self._where.search:
            return self._counted(Texts.NONE) if self._ways.more else self._kept_total(), None
        if Access.SUBJECT in self._ways.every or self._ways.cost(self._ways.cheapest()) <= self._few:
            return self._counted(Texts.EITHER), None
        kind = self._ways.kind(Access.SUBJECT)._replace(sort=self._query.sort)
        found = Found(self._connection, kind, self._values)
        if not found.told:
            return self._counted(Texts.EITHER), None
        total = found.total()
        return total, found if total <= self._few else None

    def _kept_total(self) -> int:
        """How many have the codes, by the kept counts; what a range has of a day is counted."""

        def numbers(days: tuple[int, int] | None, stretches: Sequence[day_window.Stretch]) -> list[int]:
            found = [totals.of_codes(self._connection, self._tenant, days, self._ways.codes)] if days else []
            kind = self._ways.kind(Access.TIME)._replace(since=True, until=True)
            for since, until in stretches:
                values = {**self._values, "since": since, "until": until}
                found.append(int(number_of(kind).value(self._connection, values)))
            return found

        times = JobQuery(since=self._where.since, until=self._where.until)
        return day_window.find(self._connection, self._tenant, times, numbers, wide=True).total

    def _counted(self, texts: Texts) -> int:
        """How many pass the filters, by reading the index with the fewest entries."""
        way = self._ways.cheapest()
        if way is Access.SUBJECT and texts is Texts.NONE and not self._ways.more & {*ROW}:
            return self._ways.size(way)
        return int(number_of(self._ways.kind(way, texts)).value(self._connection, self._values))

    def _page(self, total: int, skip: int) -> Sequence[Row]:
        """The rows of the page, and one more where there is one."""
        sort, after = self._query.sort, self._query.after
        limit = self._query.size + 1

        def cost(way: Access) -> float:
            if self._is_ordered(way):
                return min(1, (skip + limit) / total) * self._ways.size(way)
            return A_SORTED_ROW * self._ways.cost(way)

        way = self._ways.cheapest(cost)
        kind = self._ways.kind(way, Texts.EITHER if self._where.search else Texts.NONE)
        kind = kind._replace(sort=sort, after=after is not None)
        values = {**self._values, "skip": skip, "size": limit}
        if after and sort.key is SortKey.START:
            # An end of the range that lies beyond the place says nothing more, and would be taken for another filter.
            since, until = self._where.since, self._where.until
            if sort.descending:
                kind = kind._replace(until=until is not None and until < after.filed)
            else:
                kind = kind._replace(since=since is not None and since > after.filed)
        # PostgreSQL reads a job whole before it judges it by what the index has of it too, unless it needs no more.
        whole = kind.dialect == "sqlite" or conditions.is_direct(kind)
        by_key = skip > 0 or not self._is_ordered(way) or not whole
        return rows_of(kind, by_key=by_key).rows(self._connection, values)

    def _gathered(self, found: Found, skip: int) -> Sequence[Row]:
        """The same, of what a search found."""
        job_ids = found.job_ids(self._query.after)[skip : skip + self._query.size + 1]
        rows = {row[0]: row for row in _of_ids(self._connection, self._tenant, job_ids)}
        return [rows[job_id] for job_id in job_ids]

    def _is_ordered(self, way: Access) -> bool:
        """Whether an index has the jobs in the order that is asked for."""
        return self._query.sort.key is SortKey.START and self._ways.by_time(way)


_OF_IDS: Final = Prepared(
    select(*_COLUMNS).where(table.c.tenant == bindparam("tenant"), one_of(table.c.job_id)),
)


def _of_ids(connection: Connection, tenant: int, job_ids: list[str]) -> Sequence[Row]:
    return _OF_IDS.rows(connection, {"tenant": tenant, "ids": among(connection, job_ids)})


@lru_cache(maxsize=512)
def rows_of(kind: Kind, *, by_key: bool) -> Prepared:
    """The first `size` jobs of a kind.

    Where they are found `by_key`, those after `skip`: all that come before are looked at in the index alone.
    What a report tells of each, and when it is filed.
    """
    ordered = keyset.ordered(kind.sort)
    if not by_key:
        return Prepared(conditions.narrowed(select(*_COLUMNS), kind).order_by(*ordered).limit(bindparam("size")))
    keys = conditions.narrowed(select(KEY), kind).order_by(*ordered)
    whence = keyed(keys.limit(bindparam("size")).offset(bindparam("skip")).subquery("page"))
    return Prepared(select(*_COLUMNS).select_from(whence).order_by(*ordered))


@lru_cache(maxsize=128)
def every_of(kind: Kind, columns: Columns) -> Prepared:
    """These columns of all jobs of a kind, in order."""
    return Prepared(conditions.narrowed(select(*columns), kind).order_by(*keyset.ordered(kind.sort)))
