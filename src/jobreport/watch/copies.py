"""Says how the last good copies of each tenant stand: how many are too old, and which gets too old next."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jobreport.model.good_copy_age import Agreed
from jobreport.store import Transaction
from jobreport.store.query.series.by_number import these
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import standing
from jobreport.watch.fitting import ages
from jobreport.watch.series_now import Special


class Copies(NamedTuple):
    """The last good copies of a tenant. `series`, with this plan and resource, has the one that gets too old first, or
    did so first. It was made at `good_finish` (ticks), and `agreed` is how old it may become. All of these are 0, empty
    or None if that is not known of any. `over`: how many are too old. Retired series do not count.
    """

    over: int = 0
    series: int = 0
    plan: str = ""
    resource: str = ""
    good_finish: int = 0
    agreed: Agreed | None = None


def copies(
    transaction: Transaction, tenants: Iterable[Tenant], specials: Mapping[int, Special], now: int
) -> dict[int, Copies]:
    """Returns how the copies of each tenant stand at `now` (ticks). `specials` are the series that count otherwise than
    is kept.
    """
    over = standing.too_old(transaction, specials, now)
    return {
        one.number: _copies(transaction, one, specials[one.number], over.get(one.number, 0), now) for one in tenants
    }


def _copies(transaction: Transaction, tenant: Tenant, of: Special, kept: int, now: int) -> Copies:
    over = kept - sum(0 < one.too_old < now for one in of.was.values()) + sum(0 < one.too_old < now for one in of.are)
    first = standing.first_too_old(transaction, tenant.number, 1 + len(of.was))
    places = [(at, number) for number, at in first if number not in of.numbers][:1]
    places += [(one.too_old, one.series.number) for one in of.are if one.too_old]
    found = these(transaction, tenant.number, [min(places)[1]] if places else ())
    if not found:
        return Copies(over)
    one = found[0]
    agreed = ages(transaction, tenant, found, now)[one.number]
    return Copies(over, one.number, one.plan, one.resource, one.status.good_finish, agreed)
