"""What people said of series, in the store (`model.need.Mark`): at most one mark for each series."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from jobreport.model.need import Kind, Mark, Need, Snapshot
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series as all_series
from jobreport.store.schema.operators import series_mark as table

_ABOUT: Final = ("kind", "by", "since", "until", "note", "ticket")
_FOUND: Final = Snapshot.__struct_fields__
_OF: Final = Prepared(
    select(table.c.tenant, table.c.series, *(table.c[name] for name in (*_ABOUT, *_FOUND))).where(
        any_of(table.c.tenant)
    )
)


def of_tenants(connection: Connection, tenants: Collection[int]) -> dict[int, dict[int, Mark]]:
    """Returns the marks of these tenants, by tenant and by number of the series, whether they still hold or not."""
    found: dict[int, dict[int, Mark]] = {}
    for tenant, number, *row in _OF.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
        found.setdefault(tenant, {})[number] = _mark(row)
    return found


def put(connection: Connection, tenant: int, series: int, mark: Mark) -> None:
    """Stores the mark of a series, in the place of an earlier one."""
    end(connection, tenant, series)
    said = {name: getattr(mark, name) for name in _ABOUT}
    found = {name: getattr(mark.found, name) for name in _FOUND}
    connection.execute(insert(table).values(tenant=tenant, series=series, **said, **found))


def end(connection: Connection, tenant: int, series: int) -> bool:
    """Deletes the mark of a series. Returns whether there was one."""
    gone = connection.execute(_END, {"of": tenant, "which": series})
    return bool(gone.rowcount)


_END: Final = delete(table).where(table.c.tenant == bindparam("of"), table.c.series == bindparam("which"))


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes the marks of series that are gone, since a new series can get the number of one that is gone."""
    marked = set(connection.execute(select(table.c.series).where(table.c.tenant == tenant)).scalars())
    if not marked:
        return
    known = select(all_series.c.series).where(all_series.c.tenant == tenant, all_series.c.series.in_(marked))
    for number in marked - set(connection.execute(known).scalars()):
        end(connection, tenant, number)


def _mark(row: list[Any]) -> Mark:
    kind, by, since, until, note, ticket, need, *found = row
    return Mark(
        kind=Kind(kind), by=by, since=since, until=until, note=note, ticket=ticket, found=Snapshot(Need(need), *found)
    )
