"""How many jobs there are of some codes on some days: asked of the kept counts, and never counted.

A count is kept for each UTC day and service or any, type or any, state or any (`store.derived.counts`). Of several
codes the numbers are added up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY
from jobreport.store.query.codes import NAMES, Codes, constant, one_of
from jobreport.store.schema.jobs import job_count as table

Days = tuple[int, int]
"""The first and the last UTC day, both included, counted from year 1."""


def kept(codes: Codes) -> tuple[ColumnElement[bool], ...]:
    """The counts of these codes. Parameters: the codes, `tenant`, `first` and `last` (days)."""
    chosen = (
        one_of(table.c[name], name, number) if number else table.c[name] == constant(ANY)
        for name, number in zip(NAMES, codes, strict=True)
    )
    days = table.c.day >= bindparam("first"), table.c.day <= bindparam("last")
    return table.c.tenant == bindparam("tenant"), *chosen, *days


def select_total(codes: Codes) -> Select[Any]:
    """How many jobs these are, as `jobs`. A damaged count may be below 0; a number of jobs never is."""
    return select(func.coalesce(func.sum(table.c.jobs), 0).label("jobs")).where(*kept(codes))


@lru_cache(maxsize=512)
def _totals(asked: tuple[Codes, ...]) -> Prepared:
    if len(asked) == 1:
        return Prepared(select_total(asked[0]))
    return Prepared(select(*(select_total(codes).scalar_subquery() for codes in asked)))


def totals(connection: Connection, values: Mapping[str, Any], asked: tuple[Codes, ...], days: Days) -> list[int]:
    """How many jobs there are of each of the codes on the days, by one statement."""
    found = _totals(asked).rows(connection, {**values, "first": days[0], "last": days[1]})
    return [max(0, int(jobs)) for jobs in found[0]]


def total(connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days) -> int:
    """How many jobs there are of the codes on the days; `values` has the tenant and the codes."""
    return totals(connection, values, (codes,), days)[0]
