"""Finds out from the index of ends whether a job ended in a night, for many tenants and nights at once."""

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Integer, Label, bindparam, exists, literal_column, select

from jobreport.store.db.expressions import any_of, walk
from jobreport.store.derived.counts import ANY
from jobreport.store.query.codes import constant
from jobreport.store.schema.jobs import job, job_count

SOME: Final = (
    select(job_count.c.tenant)
    .where(
        any_of(job_count.c.tenant),
        job_count.c.service == constant(ANY),
        job_count.c.type == constant(ANY),
        job_count.c.state == constant(ANY),
        job_count.c.day >= bindparam("first", type_=Integer()),
        job_count.c.day <= bindparam("last", type_=Integer()),
        job_count.c.ended > literal_column("0", Integer),
    )
    .group_by(job_count.c.tenant)
    .subquery("some")
)
"""Those of the tenants `ids` that have a job that ended on the UTC days from `first` to `last`.

They are read from the counts, since Citus keeps these on the same node as the jobs of the tenant. The table of tenants
is on every node, and Citus cannot look from each of its rows into the jobs."""


def ended_in_nights(number: int, *conditions: ColumnElement[bool]) -> list[Label[bool]]:
    """Returns the columns `night0`, `night1`, … for each row of `SOME`: whether a job of the tenant that meets the
    conditions ended in that night. There are `number` nights in a row.

    Parameters, in ticks: `begin0` is when the first night begins, `begin1` the second, and so on; the last one is when
    the last night ends.
    """
    return [
        exists(
            walk(select(literal_column("1", Integer)), job, "job_ended")
            .where(
                job.c.tenant == SOME.c.tenant,
                job.c.finish >= bindparam(f"begin{place}", type_=BigInteger()),
                job.c.finish < bindparam(f"begin{place + 1}", type_=BigInteger()),
                # The condition of the partial index is the last one: SQLite begins to read at the first lower bound.
                job.c.finish > literal_column("0", BigInteger),
                *conditions,
            )
            .correlate(SOME)
        ).label(f"night{place}")
        for place in range(number)
    ]
