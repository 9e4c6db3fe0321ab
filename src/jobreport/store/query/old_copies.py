"""Tells of each tenant how its old good copies stand: which gets too old first, and how many are too old."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from jobreport.model.good_copy_age import Ages, Agreed
from jobreport.store.db.prepared import Prepared
from jobreport.store.query.agreed_ages import Told, agreed
from jobreport.store.query.copies import Named, copies
from jobreport.store.schema.jobs import series

_NAMED: Final = Prepared(
    select(*(series.c[name] for name in Told._fields)).where(
        series.c.tenant == bindparam("tenant"), series.c.series == bindparam("series")
    )
)


class OldCopies(NamedTuple):
    """The old good copies of a tenant. `series`, with this plan and resource, has the one that is the first to get too
    old, or did so first. It was made at `good_finish` (ticks), and `agreed` is how old it may become. All of these are
    0, empty or None if no copy can be judged.

    `over`: how many are too old; `late`: how many of these are of series whose jobs are all good since; `once`: how
    many such series have an old copy and no known rhythm (`model.need`).
    """

    series: int
    plan: str
    resource: str
    good_finish: int
    agreed: Agreed | None
    over: int
    late: int
    once: int


def old_copies(
    connection: Connection, ages: Mapping[int, Ages], now: int, without: Mapping[int, frozenset[int]] | None = None
) -> dict[int, OldCopies]:
    """Returns how the copies of each tenant stand that are older at `now` (ticks) than the least of the `ages` that are
    agreed with it. Left out: tenants without such a copy, and of each tenant the series `without` names.
    """
    found = {}
    for tenant, known in copies(connection, ages, now).items():
        if not known.has_old(now):
            continue
        left_out = (without or {}).get(tenant, frozenset())
        first, numbers = known.first(now, left_out), known.numbers(now, left_out)
        if first is None:
            found[tenant] = OldCopies(0, "", "", 0, None, *numbers)
            continue
        number, good = first
        named = known.named.get(number) or _named(connection, tenant, number, ages[tenant])
        known.named[number] = named
        found[tenant] = OldCopies(number, named.plan, named.resource, good, named.agreed, *numbers)
    return found


def _named(connection: Connection, tenant: int, number: int, ages: Ages) -> Named:
    (told,) = _NAMED.rows(connection, {"tenant": tenant, "series": number})
    one = Told(*told)
    return Named(one.plan, one.resource, agreed(connection, tenant, [one], ages)[number])
