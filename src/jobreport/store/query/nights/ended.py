"""Finds out from the index of ends whether a job ended in a night, for many tenants and nights at once."""

from sqlalchemy import BigInteger, ColumnElement, Integer, Label, Subquery, bindparam, exists, literal_column, select

from jobreport.store.db.expressions import walk
from jobreport.store.schema.jobs import job


def ended_in_nights(tenants: Subquery, number: int, *conditions: ColumnElement[bool]) -> list[Label[bool]]:
    """Returns the columns `night0`, `night1`, … of so many nights that follow each other: whether a job of the row's
    tenant ended in it that meets the conditions. `begin0` is when the first night begins (ticks), `begin1` the second,
    and so on; the last of these is when the last night ends.
    """
    return [
        exists(
            walk(select(literal_column("1", Integer)), job, "job_ended")
            .where(
                job.c.tenant == tenants.c.tenant,
                job.c.finish >= bindparam(f"begin{place}", type_=BigInteger()),
                job.c.finish < bindparam(f"begin{place + 1}", type_=BigInteger()),
                # The condition of the index stands last: SQLite begins to read at the first lower bound.
                job.c.finish > literal_column("0", BigInteger),
                *conditions,
            )
            .correlate(tenants)
        ).label(f"night{place}")
        for place in range(number)
    ]
