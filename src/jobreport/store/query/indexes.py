"""The indexes by which jobs can be read, and the ways to make a database use the one that was chosen.

Without statistics, or with old ones, a database may read a year of jobs for one page; the kept counts know better
(`costs`). SQLite is told the name of the index. PostgreSQL has no such hint: there the other indexes are made useless,
by a `+` before their columns. `+service = 3` is compared, but not looked up in an index.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, UnaryExpression
from sqlalchemy.sql.operators import custom_op

from jobreport.model.query import SortKey
from jobreport.store.db.expressions import walk
from jobreport.store.query.codes import Codes
from jobreport.store.schema.jobs import job as table


class Index(StrEnum):
    """An index of the jobs. For one value that is looked up, each except `SUBJECT`, `CAUSE`, `NUMBER` and `ENDED`
    returns the jobs in the order of their filed times.
    """

    TIME = "all jobs"
    PAIR = "those of some services and types, each pair by itself"
    STATE = "those of some states, each by itself; it lacks the Successful, which nearly all are"
    COMMENTED = "those that have comments"
    FAILING = "those of which objects failed"
    SUBJECT = "those about some subjects"
    CAUSE = "those that are not good because of some causes"
    ENDED = "those that have ended, in the order of their ends"
    NUMBER = "those of some row numbers, where rows have one"


LOOKED_UP: Final[dict[Index, tuple[str, ...]]] = {Index.PAIR: ("service", "type"), Index.STATE: ("state",)}
"""The codes that are looked up in an index. An index contains the other codes too; these are compared within it, so no
job's row is read for that."""
_NAMES: Final = {
    Index.TIME: "job_filed",
    Index.PAIR: "job_service_type",
    Index.STATE: "job_state",
    Index.COMMENTED: "job_commented",
    Index.FAILING: "job_failing",
    Index.SUBJECT: "job_subject",
    Index.CAUSE: "job_cause",
    Index.ENDED: "job_ended",
    Index.NUMBER: None,
}

# One code of a cause may have two numbers.
_OUT_OF_ORDER: Final = (Index.SUBJECT, Index.CAUSE, Index.NUMBER, Index.ENDED)


def hinted(statement: Select[Any], index: Index) -> Select[Any]:
    """Returns the statement with the hint to read this index, for the databases that know hints."""
    return walk(statement, table, _NAMES[index])


def beside(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Returns the column with a `+` before it: it is then compared, but not looked up in an index."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def in_order(index: Index, codes: Codes, key: SortKey = SortKey.START) -> bool:
    """Whether the index returns the jobs in the order of this key.

    An index by state returns those of one state in the order of time, but those of two states one state after the
    other.
    """
    if key is not SortKey.START:
        return key is SortKey.FINISH and index is Index.ENDED
    if index is Index.PAIR:
        return codes.service == codes.type == 1
    return codes.state == 1 if index is Index.STATE else index not in _OUT_OF_ORDER
