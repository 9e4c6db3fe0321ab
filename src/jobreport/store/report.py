"""A query in, the page that answers it out: the exact total and the jobs, from one snapshot."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, func, select

from jobreport.model import ticks
from jobreport.model.job import fold
from jobreport.model.query import JobQuery, Page
from jobreport.store import counts, search
from jobreport.store.rows import LISTED, keepable, listed
from jobreport.store.schema import job as table

_FILTERS: Final = {
    "since": table.c.filed >= bindparam("since"),
    "until": table.c.filed <= bindparam("until"),
    "service": table.c.service == bindparam("service"),
    "type": table.c.type == bindparam("type"),
    "state": table.c.state == bindparam("state"),
    "search": search.CONDITION,
}
_FIRST_DAY: Final = 0
_LAST_DAY: Final = counts.day_of(ticks.YEAR_9999)


def find(connection: Connection, tenant: int, query: JobQuery) -> Page:
    """The page of `query` among the jobs of `tenant`, and the total of all that match."""
    parameters: dict[str, Any] = {
        name: value for name in _FILTERS if (value := getattr(query, name)) is not None and value != ""
    }
    parameters["tenant"] = tenant
    skip = query.page * query.size
    if not keepable(query.search):
        return Page(0, ())
    if query.search:
        # No count is kept of what a text occurs in.
        parameters["search"] = fold(query.search)
        total = _count(connection, parameters)
    else:
        total, parameters, skip = _from_counts(connection, tenant, query, parameters, skip)
    if query.page * query.size >= total:
        return Page(total, ())
    _, page = _statements(frozenset(parameters))
    rows = connection.execute(page, {**parameters, "skip": skip, "size": query.size}).all()
    return Page(total, listed(rows))


def _from_counts(
    connection: Connection, tenant: int, query: JobQuery, parameters: dict[str, Any], skip: int
) -> tuple[int, dict[str, Any], int]:
    """The total; and the parameters and number of jobs to skip with which the page is found without a long way.

    Whole days are counted already. What a range has of a day at either end is counted from the index.
    """
    first = _FIRST_DAY if query.since is None else counts.day_of(query.since + ticks.PER_DAY - 1)
    last = _LAST_DAY if query.until is None else counts.day_of(query.until + 1) - 1
    if first > last:  # no whole day
        return _count(connection, parameters), parameters, skip
    newest = oldest = 0
    if query.until is not None and (end := (last + 1) * ticks.PER_DAY) <= query.until:
        newest = _count(connection, {**parameters, "since": end})
    if query.since is not None and (start := first * ticks.PER_DAY) > query.since:
        oldest = _count(connection, {**parameters, "until": start - 1})
    whole = counts.total(connection, tenant, query, first, last)
    total = newest + whole + oldest
    if not newest <= skip < total:
        return total, parameters, skip
    if skip < newest + whole:
        day, skip = counts.locate(connection, tenant, query, first, last, skip - newest)
    else:
        day, skip = first - 1, skip - newest - whole
    end = (day + 1) * ticks.PER_DAY - 1
    return total, {**parameters, "until": end if query.until is None else min(end, query.until)}, skip


def _count(connection: Connection, parameters: dict[str, Any]) -> int:
    count, _ = _statements(frozenset(parameters))
    found: int = connection.execute(count, parameters).scalar_one()
    return found


@lru_cache(maxsize=256)
def _statements(names: frozenset[str]) -> tuple[Select[Any], Select[Any]]:
    """Count and page for one shape of filter: built once, compiled once."""
    where = (table.c.tenant == bindparam("tenant"), *(_FILTERS[name] for name in sorted(names - {"tenant"})))
    count = select(func.count()).select_from(table).where(*where)
    page = (
        select(*LISTED)
        .where(*where)
        .order_by(table.c.filed.desc(), table.c.job_id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
    )
    return count, page
