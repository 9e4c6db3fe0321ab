"""Tells which good runs of a time had far less than usual, as the verdict on their series did or does."""

from collections.abc import Collection

from jobreport.model.usual import shrunk, usual
from jobreport.store import Transaction
from jobreport.store.query.nights.endings import series_of
from jobreport.store.query.series import runs
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.facts import FEW_RUNS


def shrunk_among(transaction: Transaction, tenant: Tenant, job_ids: Collection[str], until: int) -> dict[str, str]:
    """Returns in words how those of these jobs have shrunk that have, by their IDs. Each is the last good one of its
    series that had ended at a time (ticks).
    """
    named = [*job_ids]
    of = dict(zip(series_of(transaction, tenant.number, named), named, strict=True))
    of.pop(0, None)  # what belongs to no series
    found = {}
    for number, last in runs.newest_before(transaction, tenant.number, of, until, FEW_RUNS).items():
        good = [run for run in last if run.state in tenant.good]
        if good and good[0].job_id == of[number] and (said := shrunk(good[0], usual(good[1:]))):
            found[good[0].job_id] = said
    return found
