"""What a step of the backfill is: what it reads, how far it has come, and which rows come next."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
    tuple_,
)


class Position(NamedTuple):
    """How far a step has come: `last` is the last subject, day or series of the tenant that is done."""

    step: str
    tenant: int
    last: int


class Progress(NamedTuple):
    """How far the step that comes next has come: `done` of `total` subjects, jobs or series (`what`)."""

    what: str
    done: int
    total: int


class Step(NamedTuple):
    """A step: what it reads, and how.

    `fill` does a part of it. It returns how far it has come; None: the step is done. `measure` returns how many of
    `what` are done, and how many there are.
    """

    what: str
    fill: Callable[[Connection, Position], Position | None]
    measure: Callable[[Connection, Position], tuple[int, int]]


def measured(
    number: Column[int], amount: Column[int] | None = None, *only: ColumnElement[bool]
) -> Callable[[Connection, Position], tuple[int, int]]:
    """Returns a function that adds up `amount` (None: counts the rows), of those up to a position and of all."""
    done = tuple_(number.table.c.tenant, number) <= tuple_(bindparam("tenant"), bindparam("last"))
    each: ColumnElement[int] = literal_column("1", Integer) if amount is None else amount
    measured = select(func.coalesce(func.sum(case((done, each), else_=0)), 0), func.coalesce(func.sum(each), 0)).where(
        *only
    )

    def measure(connection: Connection, here: Position) -> tuple[int, int]:
        row = connection.execute(measured, {"tenant": here.tenant, "last": here.last}).one()
        return int(row[0]), int(row[1])

    return measure


def rows_after(columns: Sequence[ColumnElement[Any]], number: Column[int]) -> Select[Any]:
    """Returns a SELECT of the rows after a tenant and a number in it, in this order."""
    tenant = number.table.c.tenant
    place = tuple_(tenant, number) > tuple_(bindparam("tenant"), bindparam("last"))
    return select(tenant, number, *columns).where(place).order_by(tenant, number)
