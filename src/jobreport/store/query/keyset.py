"""An order of jobs in; its columns, what comes after a place in it, and the place of a job, out.

Each order is by three columns in one direction: the key, the time under which a job is filed, its ID. The key of a job
that has not ended is, but by start, a number beyond all others, so that it comes last.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, literal_column, tuple_

from jobreport.model.job import INT64_MAX
from jobreport.model.query import Line, Place, Sort, SortKey
from jobreport.store.schema.jobs import job as table

_VALUES: Final[dict[SortKey, ColumnElement[int]]] = {
    SortKey.FINISH: table.c.finish,
    SortKey.DURATION: table.c.finish - table.c.start,
    SortKey.FAILED: table.c.failed,
}
_NONE: Final = literal_column("0", BigInteger)


def columns(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    """What the jobs are ordered by; of two that are the same here, both are one job."""
    if sort.key is SortKey.START:
        return table.c.filed, table.c.job_id
    last = literal_column(str(_last(sort)), BigInteger)
    key = case((table.c.finish == _NONE, last), else_=_VALUES[sort.key])
    return key, table.c.filed, table.c.job_id


def ordered(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    """The terms of an ORDER BY."""
    return tuple(column.desc() if sort.descending else column.asc() for column in columns(sort))


def after(sort: Sort) -> ColumnElement[bool]:
    """Whether a job comes after the place that the parameters of `place_values` name."""
    found = columns(sort)
    filed, job_id = bindparam("after_filed", type_=BigInteger()), bindparam("after_id", type_=Text())
    place: list[ColumnElement[Any]] = [filed, job_id]
    if len(found) > len(place):
        place.insert(0, bindparam("after_key", type_=BigInteger()))
    here, there = tuple_(*found), tuple_(*place)
    return here < there if sort.descending else here > there


def place_values(place: Place) -> dict[str, Any]:
    """The place, as parameters."""
    return {"after_key": place.key, "after_filed": place.filed, "after_id": place.job_id}


def place(sort: Sort, line: Line, filed: int) -> Place:
    """Where a job is in the order."""
    keys = {
        SortKey.START: filed,
        SortKey.FINISH: line.finish,
        SortKey.DURATION: line.finish - line.start,
        SortKey.FAILED: line.failed,
    }
    ended = line.finish or sort.key is SortKey.START
    return Place(keys[sort.key] if ended else _last(sort), filed, line.job_id)


def place_key(sort: Sort, where: Place) -> tuple[Any, ...]:
    """What places are compared by, in Python as in the database: by code point."""
    return (where.filed, where.job_id) if sort.key is SortKey.START else tuple(where)


def _last(sort: Sort) -> int:
    return -1 if sort.descending else INT64_MAX
