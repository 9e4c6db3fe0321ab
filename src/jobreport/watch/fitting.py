"""Finds the expectations that fit series by their patterns: the age that their copies may have, and their schedule."""

from collections.abc import Sequence

from jobreport.model.expectation import Expectation, most_specific
from jobreport.model.good_copy_age import COPIES, DAILY, Agreed, Source
from jobreport.model.series_query import Series
from jobreport.store import Transaction
from jobreport.store.query.series.agreed_ages import agreed, told_of
from jobreport.store.registry.tenants import Tenant


def ages(transaction: Transaction, tenant: Tenant, listed: Sequence[Series], now: int) -> dict[int, Agreed | None]:
    """Returns how old the last good copies of these series may become, by their numbers.

    None if nothing says so, or if only a default could say so and the copy is too young for one: a default is looked up
    only for a copy that is older than `DAILY`, or than the shortest age of the tenant if that is less.
    """
    before = now - min(tenant.ages.least, DAILY)
    old = [told_of(one) for one in listed if one.status.good_id and one.status.good_finish < before]
    known = agreed(transaction, tenant.number, old, tenant.ages)
    return {one.number: _age(tenant, one, known.get(one.number)) for one in listed}


def _age(tenant: Tenant, one: Series, known: Agreed | None) -> Agreed | None:
    if one.type not in COPIES:
        return None
    found = known or tenant.ages.agreed(*about(one))
    if found and found.source is Source.DEFAULT and schedule_of(tenant.expectations, one):
        # A schedule says how old a copy may become; over holidays, that is older than any default.
        return None
    return found


def schedule_of(expectations: Sequence[Expectation], one: Series) -> Expectation | None:
    """Returns the most specific of these expectations that says when runs of a series are due; None if none does."""
    return most_specific(rule for rule in expectations if rule.is_schedule and rule.fits(*about(one)))


def about(one: Series) -> tuple[int, int, str, str, str]:
    """Returns the service, type, plan, resource and origin of a series, with which patterns are compared."""
    return int(one.service), int(one.type), one.plan, one.resource, one.origin
