"""Counts a tenant's jobs again, to compare with what is kept of each day, or to repair it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Table, bindparam, func, literal_column, select

from jobreport.model import ticks
from jobreport.store.derived import sums
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job, job_count, job_sum

Key = tuple[int, ...]
"""The UTC day (day 0 is 0001-01-01), then the codes of `Derived.codes`, each a code or `ANY`."""
Values = tuple[int, ...]
"""What is kept for a key, in the order of `Derived.values`."""


class Derived(NamedTuple):
    """A table in which something is kept of each UTC day: its keys beside tenant and day, and its values."""

    table: Table
    codes: tuple[str, ...]
    values: tuple[str, ...]
    recount: Callable[[Connection, int, Iterable[int] | None], dict[Key, Values]]
    """Returns what each row of a tenant should be, on all days or only on some; rows of zeros are left out."""

    def kept(self, connection: Connection, tenant: int) -> dict[Key, Values]:
        """Returns every row of the tenant as it is stored. Some may be zeros."""
        columns = (self.table.c[name] for name in ("day", *self.codes, *self.values))
        rows = connection.execute(select(*columns).where(self.table.c.tenant == tenant))
        width = 1 + len(self.codes)
        return {tuple(row[:width]): tuple(row[width:]) for row in rows}


def _counts(connection: Connection, tenant: int, days: Iterable[int] | None) -> dict[Key, Values]:
    numbers: dict[Key, list[int]] = {}
    for place, moment in enumerate((job.c.filed, job.c.finish)):
        for day, service, kind, state, jobs in _by_day(connection, tenant, days, moment, _STATES, [func.count()]):
            for codes in product((service, ANY), (kind, ANY), (state, ANY)):
                numbers.setdefault((day, *codes), [0, 0])[place] += jobs
    return {key: tuple(values) for key, values in numbers.items()}


def _sums(connection: Connection, tenant: int, days: Iterable[int] | None) -> dict[Key, Values]:
    half = literal_column(str(sums.HALF), BigInteger)
    upper = job.c.size // half
    objects = (func.sum(job.c[name]) for name in ("failed", "successful", "skipped", "total"))
    added = [*objects, func.sum(upper), func.sum(job.c.size - upper * half)]
    rows = _by_day(connection, tenant, days, job.c.filed, _PAIRS, added)
    return {tuple(row[:3]): tuple(map(int, row[3:])) for row in rows if any(row[3:])}


_PAIRS: Final = (job.c.service, job.c.type)
_STATES: Final = (*_PAIRS, job.c.state)


def _by_day(
    connection: Connection,
    tenant: int,
    days: Iterable[int] | None,
    moment: Column[int],
    codes: tuple[Column[int], ...],
    values: Iterable[Any],
) -> Iterator[Any]:
    """Gives for each UTC day of a time of the jobs, and each of these codes, the values. A time of 0 is none."""
    of_tenant = select().where(job.c.tenant == tenant, moment > literal_column("0", BigInteger))
    if days is None:
        day = moment // literal_column(str(ticks.PER_DAY), BigInteger)
        yield from connection.execute(of_tenant.add_columns(day, *codes, *values).group_by(day, *codes))
        return
    of_day = of_tenant.add_columns(bindparam("day"), *codes, *values).where(
        moment >= bindparam("first"), moment < bindparam("end")
    )
    for number in sorted(days):
        # A damaged count may name a day on which no job can be.
        if 0 <= number <= ticks.YEAR_9999 // ticks.PER_DAY:
            first = number * ticks.PER_DAY
            parameters = {"day": number, "first": first, "end": first + ticks.PER_DAY}
            yield from connection.execute(of_day.group_by(*codes), parameters)


DERIVED: Final = (
    Derived(job_count, ("service", "type", "state"), ("jobs", "ended"), _counts),
    Derived(job_sum, ("service", "type"), sums.VALUES, _sums),
)
"""All that is kept of each day."""
