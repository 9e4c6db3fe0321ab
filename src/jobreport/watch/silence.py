"""Tells which tenants are silent and should not be: nothing of them is reported, and nobody has said that this is so.

A tenant whose series are all retired, in maintenance or in somebody's hands is quiet for a reason that is known.
"""

from collections.abc import Iterable, Mapping

from jobreport.model.expectation import Expectation
from jobreport.model.need import Standing
from jobreport.store import Transaction
from jobreport.store.query.nights import silence
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.numbers import Numbers
from jobreport.watch.schedules import open_until


def silent(
    transaction: Transaction,
    tenants: Iterable[Tenant],
    last_jobs: Mapping[str, int],
    of: Mapping[int, Numbers],
    now: int,
) -> dict[int, int]:
    """Returns since when (ticks) each of these tenants is silent at `now`, by its number, as `store.query.silence` has
    it; but for those of which that is no news. `of` is how the series of each stand.
    """
    quiet = {one.number: one for one in tenants}
    found = silence.silent(transaction, quiet.values(), last_jobs, now)
    return {one: since for one, since in found.items() if not _is_known(quiet[one], of[one], now)}


def _is_known(tenant: Tenant, of: Numbers, now: int) -> bool:
    """Returns whether somebody has said of each series why nothing comes of it."""
    said = of.standing[Standing.IN_HANDS] + of.standing[Standing.MAINTENANCE]
    if of.series == said and (said or of.retired):
        return True
    # What is young enough in a window of all is not in maintenance yet.
    return any(_is_of_all(one) and open_until(one, tenant.night.zone, now) for one in tenant.expectations)


def _is_of_all(one: Expectation) -> bool:
    """Returns whether an expectation of the tenant applies to each of its series."""
    return bool(one.windows) and not any(one.pattern[1:])
