"""Orders of jobs, and positions in them, after which a next page begins (keyset pagination).

Each order is by three columns, all in one direction: the sort key, the filed time, the job ID. Example: a page sorted
by the number of failed objects ends with the job (3, 2 March 18:00, "b"). The next page begins with the first job whose
three values come after these: `(failed, filed, job_id) < (3, …, 'b')` if the order is descending.

A job that has not ended has no such key yet. It gets a number beyond all others as its key, so that it comes last. An
order by start needs no sort key, because the filed time is the start. If only jobs that have ended are read (`ended`),
their finish is the key as it is, which an index has in order.
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


def columns(sort: Sort, *, ended: bool = False) -> tuple[ColumnElement[Any], ...]:
    """Returns the columns by which the jobs are sorted. They contain the job ID, so no two jobs have equal values."""
    if sort.key is SortKey.START:
        return table.c.filed, table.c.job_id
    if ended:
        return _VALUES[sort.key], table.c.filed, table.c.job_id
    last = literal_column(str(_last(sort)), BigInteger)
    key = case((table.c.finish == _NONE, last), else_=_VALUES[sort.key])
    return key, table.c.filed, table.c.job_id


def ordered(sort: Sort, *, ended: bool = False) -> tuple[ColumnElement[Any], ...]:
    """Returns the terms of the ORDER BY clause."""
    return tuple(column.desc() if sort.descending else column.asc() for column in columns(sort, ended=ended))


def after(sort: Sort, *, ended: bool = False) -> ColumnElement[bool]:
    """Returns the condition that a job comes after a position. `values` has the parameters of the position."""
    own = columns(sort, ended=ended)
    filed, job_id = bindparam("after_filed", type_=BigInteger()), bindparam("after_id", type_=Text())
    given: list[ColumnElement[Any]] = [filed, job_id]
    if len(own) > len(given):
        given.insert(0, bindparam("after_key", type_=BigInteger()))
    here, there = tuple_(*own), tuple_(*given)
    return here < there if sort.descending else here > there


def values(position: Position) -> dict[str, Any]:
    """Returns the values of a position as parameters of a statement."""
    return {"after_key": position.key, "after_filed": position.filed, "after_id": position.job_id}


def position(sort: Sort, line: Line) -> Position:
    """Returns the position of a job in the order."""
    if sort.key is SortKey.START:
        return Position(line.filed, line.filed, line.job_id)
    keys = {SortKey.FINISH: line.finish, SortKey.DURATION: line.finish - line.start, SortKey.FAILED: line.failed}
    return Position(keys[sort.key] if line.finish else _last(sort), line.filed, line.job_id)


def compared(sort: Sort, position: Position) -> tuple[Any, ...]:
    """Returns the values of a position that are compared, in the order of `columns`.

    Python compares texts by code point, as the database does, so both sort alike.
    """
    return (position.filed, position.job_id) if sort.key is SortKey.START else tuple(position)


def _last(sort: Sort) -> int:
    return -1 if sort.descending else INT64_MAX
