"""Filters on what jobs only name by a number: plan, resource and origin of their subject, and their cause.

The names of a question are first looked up in the table of subjects, or of causes. Its few numbers then find the jobs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, select

from jobreport.model.query import JobFilter
from jobreport.store.db import Dialect, dialect_of
from jobreport.store.db.expressions import any_of, array_items
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.indexes import Index, beside
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects

SUBJECT: Final = ("plans", "resources", "origins")
"""The filters on the subject of a job. (The description is only searched, never filtered.)"""
CAUSE: Final = ("causes",)
"""The filter on the cause of a job."""
NAMED: Final = {Index.SUBJECT: SUBJECT, Index.CAUSE: CAUSE}
"""The filters by which these indexes find jobs."""
_TENANT: Final = bindparam("tenant", type_=Integer())


def values(connection: Connection, tenant: int, where: JobFilter) -> Mapping[str, Any]:
    """Returns the values of the parameters of `conditions`."""
    dialect, given = dialect_of(connection), {"tenant": tenant}
    parameters: dict[str, Any] = {}
    if about := frozenset(name for name in SUBJECT if getattr(where, name)):
        parameters |= {name: dialect.array(getattr(where, name)) for name in about}
        if dialect.plans_by_values:
            numbers = _numbers_about(about).rows(connection, given | parameters)
            parameters["about"] = dialect.array([number for (number,) in numbers])
    if where.causes:
        numbers = _OF_CODES.rows(connection, given | {"codes": dialect.array(where.causes)})
        parameters["cause_numbers"] = dialect.array([number for (number,) in numbers])
    return parameters


def conditions(others: frozenset[str], by: Index, dialect: Dialect) -> list[ColumnElement[bool]]:
    """Returns the conditions for the filters with the names `others`, in a statement that reads the index `by`."""
    conditions: list[ColumnElement[bool]] = []
    if about := others.intersection(SUBJECT):
        column = table.c.subject if by is Index.SUBJECT else beside(table.c.subject)
        items = array_items("about", subjects.c.subject) if dialect.plans_by_values else _about(about)
        conditions.append(column.in_(items))
    if others.intersection(CAUSE):
        column = table.c.cause if by is Index.CAUSE else beside(table.c.cause)
        conditions.append(column.in_(array_items("cause_numbers", causes.c.cause)))
    return conditions


def _about(names: frozenset[str]) -> Select[Any]:
    """Returns a query for the numbers of the subjects that pass the filters of these names."""
    given = [any_of(subjects.c[name[:-1]], name) for name in SUBJECT if name in names]
    return select(subjects.c.subject).where(subjects.c.tenant == _TENANT, *given)


@lru_cache(maxsize=8)
def _numbers_about(names: frozenset[str]) -> Prepared:
    return Prepared(_about(names))


_OF_CODES: Final = Prepared(select(causes.c.cause).where(causes.c.tenant == _TENANT, any_of(causes.c.code, "codes")))
