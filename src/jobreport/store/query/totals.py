"""Several codes and a stretch of days in; how many jobs there are of them, by the kept counts, out."""

from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import ANY
from jobreport.store.query.conditions import Codes
from jobreport.store.query.indexes import CODES, constant
from jobreport.store.schema.jobs import job_count as table

_DAYS: Final = (
    table.c.tenant == bindparam("tenant"),
    table.c.day >= bindparam("first"),
    table.c.day <= bindparam("last"),
)


def of_codes(connection: Connection, tenant: int, days: tuple[int, int], codes: Codes) -> int:
    """How many jobs of these codes are filed on the days, from the first to the last."""
    first, last = days
    found = _sum(codes).value(connection, {"tenant": tenant, "first": first, "last": last})
    # A damaged count may be below 0; a number of jobs never is.
    return max(0, int(found))


@lru_cache(maxsize=512)
def _sum(codes: Codes) -> Prepared:
    chosen = [
        table.c[name].in_([constant(code) for code in some or (ANY,)]) for name, some in zip(CODES, codes, strict=True)
    ]
    return Prepared(select(func.coalesce(func.sum(table.c.jobs), 0)).where(*_DAYS, *chosen))
