"""Counts how many series of each tenant stand in which way to what is expected of them."""

from collections import Counter
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select

from jobreport.model.judgement import Verdict
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.watch import series_verdict as table

_COUNTED: Final = Prepared(
    select(table.c.tenant, table.c.verdict, func.count())
    .where(any_of(table.c.tenant))
    .group_by(table.c.tenant, table.c.verdict)
)


def verdict_counts(connection: Connection, tenants: Collection[int]) -> dict[int, Counter[Verdict]]:
    """Returns how many series of each tenant have which verdict, as they were judged last."""
    found: dict[int, Counter[Verdict]] = {tenant: Counter() for tenant in tenants}
    for tenant, verdict, number in _COUNTED.rows(connection, {"ids": dialect_of(connection).array([*tenants])}):
        found[tenant][Verdict(verdict)] = int(number)
    return found
