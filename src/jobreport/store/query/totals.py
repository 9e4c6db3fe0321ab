"""Totals: the number of jobs with some codes on some days, read from the kept counts. No job is counted here.

There is a count for each UTC day, service (or any), type (or any) and state (or any); see `store.derived.counts`. For
several codes the counts are added up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from jobreport.model.query import Clock
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY
from jobreport.store.query.codes import NAMES, Codes, constant, one_of
from jobreport.store.schema.jobs import job_count as table

Days = tuple[int, int]
"""The first and the last UTC day, both included. Day 0 is 0001-01-01."""


def kept(codes: Codes) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions that select the counts of these codes.

    Parameters: those of `codes.values`, `tenant`, `first` and `last` (days).
    """
    chosen = (
        one_of(table.c[name], name, number) if number else table.c[name] == constant(ANY)
        for name, number in zip(NAMES, codes.numbers, strict=True)
    )
    days = table.c.day >= bindparam("first"), table.c.day <= bindparam("last")
    return table.c.tenant == bindparam("tenant"), *chosen, *days


def number_of(codes: Codes) -> ColumnElement[int]:
    """Returns the column with the number of jobs that started, or that ended, on the day of a count."""
    return table.c.ended if codes.clock is Clock.ENDED else table.c.jobs


def select_total(codes: Codes) -> Select[Any]:
    """Returns a query for the total of these codes, in the column `jobs`. Damaged counts may make it negative."""
    return select(func.coalesce(func.sum(number_of(codes)), 0).label("jobs")).where(*kept(codes))


@lru_cache(maxsize=512)
def _totals(asked: tuple[Codes, ...]) -> Prepared:
    if len(asked) == 1:
        return Prepared(select_total(asked[0]))
    return Prepared(select(*(select_total(codes).scalar_subquery() for codes in asked)))


def totals(connection: Connection, values: Mapping[str, Any], asked: tuple[Codes, ...], days: Days) -> list[int]:
    """Returns the total of each item of `asked` on the days, by one statement; `values` has the tenant and codes."""
    rows = _totals(asked).rows(connection, {**values, "first": days[0], "last": days[1]})
    return [max(0, int(jobs)) for jobs in rows[0]]


def total(connection: Connection, values: Mapping[str, Any], codes: Codes, days: Days) -> int:
    """Returns the total of the codes on the days. `values` has the tenant and the codes."""
    return totals(connection, values, (codes,), days)[0]
