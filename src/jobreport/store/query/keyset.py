"""Orders of jobs, and positions in them, from which a page goes on (keyset pagination).

Each order is by three columns in one direction: the key, the time under which a job is filed, its ID. The key of a job
that has not ended is, but by start, a number beyond all others, so that it comes last.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, literal_column, tuple_

from jobreport.model.job import INT64_MAX
from jobreport.model.query import Line, Position, Sort, SortKey
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
    """Whether a job comes after the position that the parameters of `values` name."""
    own = columns(sort)
    filed, job_id = bindparam("after_filed", type_=BigInteger()), bindparam("after_id", type_=Text())
    given: list[ColumnElement[Any]] = [filed, job_id]
    if len(own) > len(given):
        given.insert(0, bindparam("after_key", type_=BigInteger()))
    here, there = tuple_(*own), tuple_(*given)
    return here < there if sort.descending else here > there


def values(position: Position) -> dict[str, Any]:
    """The position, as parameters."""
    return {"after_key": position.key, "after_filed": position.filed, "after_id": position.job_id}


def position(sort: Sort, line: Line) -> Position:
    """Where a job is in the order."""
    if sort.key is SortKey.START:
        return Position(line.filed, line.filed, line.job_id)
    keys = {SortKey.FINISH: line.finish, SortKey.DURATION: line.finish - line.start, SortKey.FAILED: line.failed}
    return Position(keys[sort.key] if line.finish else _last(sort), line.filed, line.job_id)


def compared(sort: Sort, position: Position) -> tuple[Any, ...]:
    """What positions are compared by, in Python as in the database: by code point. It is as `columns` has it."""
    return (position.filed, position.job_id) if sort.key is SortKey.START else tuple(position)


def _last(sort: Sort) -> int:
    return -1 if sort.descending else INT64_MAX
