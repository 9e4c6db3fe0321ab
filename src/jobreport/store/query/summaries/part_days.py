"""Notices whether the jobs of a UTC day have changed, so that numbers about parts of the day can be cached.

The kept counts are of whole UTC days. A day of another time zone begins within a UTC day, and so does a night; at these
borders the jobs of some hours must be counted. Past days rarely change, but people look at the last thirty nights every
few seconds.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from jobreport.store.db.prepared import Prepared
from jobreport.store.query import totals
from jobreport.store.query.codes import Codes, constant
from jobreport.store.query.totals import Days
from jobreport.store.schema.jobs import job_count

Row = tuple[Any, ...]
Rows = list[Row]
Remember = Callable[[Hashable, int, Callable[[], Rows]], Rows]
"""Returns the rows of a question about a day: those that it remembers, if the day's number of changes was the same, or
else those that the function reads. They must not be changed."""
_CHANGES: Final = Prepared(
    select(job_count.c.day, job_count.c.changes).where(*totals.kept(Codes()), job_count.c.changes != constant(0))
)


def changes(connection: Connection, values: Mapping[str, Any], days: Days) -> dict[int, int]:
    """Returns the number of changes (`derived.counts`) of each day that has one; `values` has the tenant."""
    rows = _CHANGES.rows(connection, {**values, "first": days[0], "last": days[1]})
    return {day: int(number) for day, number in rows}


def read(_question: Hashable, _changes: int, rows: Callable[[], Rows]) -> Rows:
    """Remembers nothing."""
    return rows()
