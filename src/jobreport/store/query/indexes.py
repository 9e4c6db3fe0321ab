"""The codes of a query and how many jobs there are of each in; the index to walk, and the conditions for it, out.

A database without statistics, or with old ones, walks a year for a page. The kept counts know better. SQLite is told
the index by name. PostgreSQL cannot be told: there a column behind a `+` is compared but not looked up in an index.
"""

from enum import Enum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Subquery,
    UnaryExpression,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.operators import custom_op

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.query import JobQuery
from jobreport.store.derived import counts
from jobreport.store.schema.jobs import job as table

CODES: Final = ("service", "type", "state")


class Access(Enum):
    """Which index of the jobs is walked."""

    TIME = "all, newest first"
    PAIR = "those of one service and type, newest first"
    STATE = "those of one state, newest first"
    PAIRS = "those of each pair of service and type that may be, sorted afterwards"
    SUBJECT = "those of some subjects"
    NUMBER = "those of some numbers; SQLite only"
    COMMENTED = "those that have comments, newest first"
    FAILING = "those of which objects failed, newest first"


class Shape(NamedTuple):
    """What decides how a statement looks: all that differ in values only are one."""

    access: Access
    service: bool
    type: bool
    state: JobState | None
    since: bool
    until: bool


_LOOKED_UP: Final[dict[Access, tuple[str, ...]]] = {
    Access.TIME: (),
    Access.PAIR: ("service", "type"),
    Access.STATE: ("state",),
    Access.PAIRS: ("service", "type"),
    Access.SUBJECT: (),
    Access.NUMBER: (),
    Access.COMMENTED: (),
    Access.FAILING: (),
}
IN_SQLITE: Final = {
    Access.TIME: "INDEXED BY job_filed",
    Access.PAIR: "INDEXED BY job_service_type",
    Access.STATE: "INDEXED BY job_state",
    Access.PAIRS: "INDEXED BY job_service_type",
    Access.SUBJECT: "INDEXED BY job_subject",
    Access.NUMBER: "NOT INDEXED",
    Access.COMMENTED: "INDEXED BY job_commented",
    Access.FAILING: "INDEXED BY job_failing",
}
"""The hint that names the index."""
_ALL: Final = {"service": tuple(map(int, ServiceType)), "type": tuple(map(int, JobType))}
FEW: Final = 20_000
"""So few jobs are just read, or collected and sorted."""
A_SORTED_ROW: Final = 3
"""What a row costs that is collected and sorted, where one that is walked over costs 1."""
A_PAIR: Final = 20
"""What it costs to look for the jobs of one more pair."""


def codes_of(tenant: int, query: JobQuery) -> dict[str, Any]:
    """The tenant and the query's codes, as parameters."""
    codes = {name: int(code) for name in CODES if (code := getattr(query, name)) is not None}
    return {"tenant": tenant, **codes}


def shape(query: JobQuery, access: Access, since: int | None, until: int | None) -> Shape:
    """The shape of a statement with the query's codes, on this index and in this stretch of time."""
    return Shape(
        access, query.service is not None, query.type is not None, query.state, since is not None, until is not None
    )


def at_once(query: JobQuery) -> Access:
    """The index that is likely the best for a short stretch of time."""
    if _is_indexed(query.state):
        return Access.STATE
    return Access.PAIR if query.service is not None and query.type is not None else Access.TIME


def is_direct(query: JobQuery) -> bool:
    """Whether an index has just the jobs with the query's codes, in order; then it is that of `at_once`."""
    if query.state is not None:
        return query.service is None and query.type is None and _is_indexed(query.state)
    return (query.service is None) == (query.type is None)


def ways(query: JobQuery) -> tuple[Access, ...]:
    """The indexes by which the query's jobs can be read in the order of the report; all give the same."""
    found = [Access.TIME]
    if _is_indexed(query.state):
        found.append(Access.STATE)
    if query.service is not None and query.type is not None:
        found.append(Access.PAIR)
    elif query.service is not None or query.type is not None:
        found.append(Access.PAIRS)
    return tuple(found)


def choose(connection: Connection, tenant: int, query: JobQuery, days: tuple[int, int], visits: float) -> Access:
    """The index with the least to look at for `visits` jobs of the query on the `days`, from the first to the last."""
    if is_direct(query):
        return at_once(query)
    found = ways(query)
    # With what the query leaves open, some of them are the same.
    named = {
        names: JobQuery(**{name: getattr(query, name) for name in names})
        for names in (CODES, *(_LOOKED_UP[way] for way in found))
    }
    asked = list(dict.fromkeys(named.values()))
    known = dict(zip(asked, counts.totals(connection, tenant, asked, *days), strict=True))
    jobs = {names: known[query] for names, query in named.items()}
    each = visits / max(1, jobs[CODES])

    def cost(way: Access) -> float:
        if way is Access.PAIRS:
            others = _ALL["service" if query.service is None else "type"]
            return A_SORTED_ROW * jobs[_LOOKED_UP[way]] + A_PAIR * len(others)
        return each * jobs[_LOOKED_UP[way]]

    return min(found, key=cost)


def narrowed(
    statement: Select[Any], shape: Shape, *, behind: str = "", code: ColumnElement[int] | None = None
) -> Select[Any]:
    """`statement`, of the jobs that the shape's codes and times leave, by the shape's index.

    Parameters are `tenant`, `service`, `type`, `state`, `since` and `until` (ticks, both included; with `behind` behind
    the names of these two). With a `code`, of the pairs of `PAIRS` only that with this one.
    """
    return statement.where(*_conditions(shape, behind, code)).with_hint(table, IN_SQLITE[shape.access], "sqlite")


def _conditions(shape: Shape, behind: str, code: ColumnElement[int] | None) -> list[ColumnElement[bool]]:
    found = [table.c.tenant == bindparam("tenant")]
    for name in CODES:
        # Not by its truth: the code of a state may be 0.
        column, value = table.c[name], getattr(shape, name)
        given = value is not None and value is not False
        if name not in _LOOKED_UP[shape.access]:
            if given:
                found.append(beside(column) == bindparam(name))
        elif name == "state":
            # A partial index serves only who names its state outright, and to SQLite its condition word by word.
            found += [column == constant(int(shape.state or 0)), column != constant(int(JobState.Successful))]
        elif given:
            found.append(column == bindparam(name))
        else:
            found.append(column.in_([constant(each) for each in _ALL[name]]) if code is None else column == code)
    if shape.since:
        found.append(table.c.filed >= bindparam(f"since{behind}"))
    if shape.until:
        found.append(table.c.filed <= bindparam(f"until{behind}"))
    return found


def each_code(shape: Shape) -> Subquery:
    """The `code`s that make each pair of `PAIRS`, as rows; PostgreSQL only."""
    every = ",".join(map(str, _ALL["type" if shape.service else "service"]))
    return select(func.unnest(literal_column(f"'{{{every}}}'::integer[]")).label("code")).subquery("pair")


def order(*, backwards: bool, of: FromClause = table) -> tuple[ColumnElement[Any], ...]:
    """The order of the report (contract, "order"), or its reverse."""
    if backwards:
        return of.c.filed.asc(), of.c.job_id.asc()
    return of.c.filed.desc(), of.c.job_id.desc()


def _is_indexed(state: JobState | None) -> bool:
    return state not in (None, JobState.Successful)


def constant(code: int) -> ColumnElement[int]:
    """A code that stands in the statement itself."""
    return literal_column(str(code), Integer)


def beside(column: ColumnElement[Any]) -> ColumnElement[int]:
    """A column that is compared, but not looked up in an index."""
    return UnaryExpression(column, operator=custom_op("+"), type_=Integer())
