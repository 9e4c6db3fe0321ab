"""The indexes by which jobs can be read, and how a database is told which one to take.

A database without statistics, or with old ones, reads a year for a page; the kept counts know better (`costs`). SQLite
is told the index by name. PostgreSQL cannot be told: there a column behind a `+` is compared but not looked up.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, UnaryExpression
from sqlalchemy.sql.operators import custom_op

from jobreport.store.db.expressions import walk
from jobreport.store.query.codes import Codes
from jobreport.store.schema.jobs import job as table


class Index(StrEnum):
    """An index of the jobs. Each gives the jobs of what is looked up in it in the order of time, but for `SUBJECT`."""

    TIME = "all jobs"
    PAIR = "those of some services and types, each pair by itself"
    STATE = "those of some states, each by itself; it lacks the Successful, which nearly all are"
    COMMENTED = "those that have comments"
    FAILING = "those of which objects failed"
    SUBJECT = "those about some subjects"
    NUMBER = "those of some row numbers, where rows have one"


LOOKED_UP: Final[dict[Index, tuple[str, ...]]] = {Index.PAIR: ("service", "type"), Index.STATE: ("state",)}
"""The codes that are looked up in an index. Others it has too: they are compared, and no job is read for that."""
_NAMES: Final = {
    Index.TIME: "job_filed",
    Index.PAIR: "job_service_type",
    Index.STATE: "job_state",
    Index.COMMENTED: "job_commented",
    Index.FAILING: "job_failing",
    Index.SUBJECT: "job_subject",
    Index.NUMBER: None,
}


def hinted(statement: Select[Any], index: Index) -> Select[Any]:
    """The statement with the index that it is to read, where a database can be told so."""
    return walk(statement, table, _NAMES[index])


def beside(column: ColumnElement[Any]) -> ColumnElement[int]:
    """A column that is compared, but not looked up in an index."""
    return UnaryExpression(column, operator=custom_op("+"), type_=Integer())


def in_order(index: Index, codes: Codes) -> bool:
    """Whether the jobs come out of the index in the order of time."""
    if index is Index.PAIR:
        return codes.service == codes.type == 1
    return codes.state == 1 if index is Index.STATE else index not in (Index.SUBJECT, Index.NUMBER)
