"""A query in, the page that answers it out: the exact total and the jobs, from one snapshot."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from jobreport.model.job import fold
from jobreport.model.query import JobQuery, Page
from jobreport.store.rows import LISTED, listed
from jobreport.store.schema import job as table

_FILTERS = {
    "since": table.c.filed >= bindparam("since"),
    "until": table.c.filed <= bindparam("until"),
    "service": table.c.service == bindparam("service"),
    "type": table.c.type == bindparam("type"),
    "state": table.c.state == bindparam("state"),
    # Every character means itself, `%` and `_` too; both sides are folded before they get here.
    "search": func.instr(table.c.folded, bindparam("search")) > 0,
}


def find(connection: Connection, tenant: int, query: JobQuery) -> Page:
    """The page of `query` among the jobs of `tenant`, and the total of all that match."""
    filters: dict[str, Any] = {
        name: value for name in _FILTERS if (value := getattr(query, name)) is not None and value != ""
    }
    if "search" in filters:
        filters["search"] = fold(filters["search"])
    count, page = _statements(frozenset(filters))
    parameters = {**filters, "tenant": tenant}
    total: int = connection.execute(count, parameters).scalar_one()
    skip = query.page * query.size
    if skip >= total:
        return Page(total, ())
    rows = connection.execute(page, {**parameters, "skip": skip, "size": query.size}).all()
    return Page(total, listed(rows))


@lru_cache(maxsize=256)
def _statements(names: frozenset[str]) -> tuple[Select[Any], Select[Any]]:
    """Count and page for one shape of filter: built once, compiled once."""
    where = (table.c.tenant == bindparam("tenant"), *(_FILTERS[name] for name in sorted(names)))
    count = select(func.count()).select_from(table).where(*where)
    page = (
        select(*LISTED)
        .where(*where)
        .order_by(table.c.filed.desc(), table.c.job_id.desc())
        .limit(bindparam("size"))
        .offset(bindparam("skip"))
    )
    return count, page
