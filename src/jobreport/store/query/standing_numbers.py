"""Counts how the series of many tenants stand (`model.need.Standing`), without reading those that are well."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, func, literal_column, select

from jobreport.model.good_copy_age import Ages
from jobreport.model.need import Standing, standing_of
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import needs
from jobreport.store.query.copies import copies
from jobreport.store.schema.jobs import series, series_count

_NONE: Final = literal_column("0", Integer)
_COUNTED: Final = Prepared(
    select(
        series_count.c.tenant,
        func.sum(series_count.c.series),
        func.sum(series_count.c.not_good),
        func.sum(series_count.c.never_good),
    )
    .where(any_of(series_count.c.tenant))
    .group_by(series_count.c.tenant)
)
_UNJUDGED: Final = Prepared(
    walk(select(series.c.tenant, func.count()), series, "series_good")
    .where(
        any_of(series.c.tenant),
        series.c.good_finish == literal_column("0", BigInteger),
        series.c.not_good == _NONE,
        series.c.jobs > _NONE,
    )
    .group_by(series.c.tenant)
)


class StandingNumbers(NamedTuple):
    """How many series a tenant has, how many of them stand in each way (the others are well), and the numbers of the
    retired ones.
    """

    series: int
    standing: Counter[Standing]
    retired: frozenset[int]

    @property
    def well(self) -> int:
        """How many are well."""
        return self.series - self.standing.total()


def standing_numbers(connection: Connection, ages: Mapping[int, Ages], now: int) -> dict[int, StandingNumbers]:
    """Returns how the series of each tenant stand at `now` (ticks). `ages`: what is agreed with each."""
    ids = {"ids": dialect_of(connection).array([*ages])}
    counted = {tenant: [*map(int, numbers)] for tenant, *numbers in _COUNTED.rows(connection, ids)}
    never = [tenant for tenant, (_, _, never_good) in counted.items() if never_good]
    unjudged = dict(_UNJUDGED.rows(connection, {"ids": dialect_of(connection).array(never)})) if never else {}
    old, special = copies(connection, ages, now), needs.special(connection, ages, now)
    found = {}
    for tenant in ages:
        every, not_good, _ = counted.get(tenant, (0, 0, 0))
        _, late, once = old[tenant].numbers(now) if tenant in old else (0, 0, 0)
        numbers = Counter[Standing | None](
            {
                Standing.NEEDS_YOU: not_good + late,
                Standing.NOT_JUDGED: int(unjudged.get(tenant, 0)),
                Standing.NO_RHYTHM: once,
            }
        )
        of_it = special.get(tenant, ())
        numbers.subtract(standing_of(one.base, None) for one in of_it)
        numbers.update(one.standing for one in of_it)
        retired = frozenset(one.series.number for one in of_it if one.standing is Standing.RETIRED)
        standing = Counter({one: numbers[one] for one in Standing if numbers[one]})
        found[tenant] = StandingNumbers(every, standing, retired)
    return found
