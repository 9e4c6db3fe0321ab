"""Runs that did not start, in the store. Each is kept as long as a late report may still turn out to be that run."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from jobreport.model import ticks
from jobreport.model.due_times import Missed
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedInsert
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.watch import missed_run as table

KEPT: Final = 62 * ticks.PER_DAY
"""A run that comes later than this is not looked for any more (ticks)."""
_OF: Final = Prepared(
    select(table.c.series, table.c.due, table.c.until, table.c.known, table.c.job, table.c.lost).where(
        table.c.tenant == bindparam("tenant"), any_of(table.c.series)
    )
)
_WHAT: Final = tuple(table.columns.keys())[2:]
_ADD: Final = PreparedInsert(table)
_GONE: Final = delete(table).where(
    table.c.tenant == bindparam("of"), table.c.series == bindparam("which"), table.c.due == bindparam("at")
)


def of_series(connection: Connection, tenant: int, numbers: Collection[int]) -> dict[int, list[Missed]]:
    """Returns the runs of these series that did not start, the oldest first, by series."""
    found: dict[int, list[Missed]] = {}
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*numbers])}
    for number, due, until, known, job, lost in sorted(_OF.rows(connection, values)):
        one = Missed(due=due, until=until, known=bool(known), job=job, lost=bool(lost))
        found.setdefault(number, []).append(one)
    return found


def put(
    connection: Connection, tenant: int, was: Mapping[int, Sequence[Missed]], now: Mapping[int, Sequence[Missed]]
) -> None:
    """Stores the runs of these series that did not start, in the place of those that are stored (`was`)."""
    gone = [(number, one) for number in now for one in was.get(number, ()) if one not in now[number]]
    new = [(number, one) for number in now for one in now[number] if one not in was.get(number, ())]
    if gone:
        connection.execute(_GONE, [{"of": tenant, "which": number, "at": one.due} for number, one in gone])
    if new:
        _ADD.many(connection, [(tenant, number, *(getattr(one, name) for name in _WHAT)) for number, one in new])
