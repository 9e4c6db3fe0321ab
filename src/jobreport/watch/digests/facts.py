"""Reads how a tenant stands, for its digest: the same that the overview of the monitor tells."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jobreport.model import streams
from jobreport.model.incident import IncidentState
from jobreport.model.incident_query import IncidentFilter, IncidentPage, IncidentQuery
from jobreport.model.judgement import Verdict
from jobreport.store import Store
from jobreport.store.query import attention, silence
from jobreport.store.query.attention import Why
from jobreport.store.query.long_runs import LongRun, long_runs
from jobreport.store.query.needs_now import NeedsNow, needs_now
from jobreport.store.registry import connectors
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import deliveries, incident_pages

LISTED: Final = 50
"""So many series that are not well have a line of their own."""


_WARNED: Final = IncidentQuery(
    where=IncidentFilter(verdicts=(Verdict.OVERLONG, Verdict.SHRUNK), states=(IncidentState.OPEN,)), size=LISTED
)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant stands at `now` (ticks).

    `silent`: since when nothing is reported for longer than its rhythm (ticks; 0: it is not so). `why` its series are
    not good, by the ID of the job. `unseen`: what connectors cannot see. `undelivered`: how many messages were given
    up. `warned`: the open incidents of series that are not counted among those that need somebody: what takes too
    long, or is much smaller than usual. `oldest` is when the oldest of the last good copies was made (ticks; 0: there
    is none).
    """

    tenant: Tenant
    now: int
    needs: NeedsNow
    why: Mapping[str, Why]
    long: Sequence[LongRun]
    unseen: Sequence[str]
    silent: int
    undelivered: int
    warned: IncidentPage
    oldest: int


def gather(store: Store, tenant: Tenant, now: int) -> Facts:
    """Reads them from one snapshot."""
    number = tenant.number
    (summary,) = store.tenants_summary([number])
    with store.reading() as transaction:
        needs = needs_now(transaction, number, tenant.ages, now, LISTED)
        listed = [one.series.status for one in (*needs.needing, *needs.in_hands[:LISTED])]
        return Facts(
            tenant=tenant,
            now=now,
            needs=needs,
            why=attention.why(transaction, number, {one.ended_id for one in listed if one.not_good}),
            long=long_runs(transaction, [number], now).get(number, []),
            unseen=streams.lacks(connectors.standings(transaction, number), now),
            silent=silence.silent(transaction, [tenant], {tenant.name: summary.last_job}, now).get(number, 0),
            undelivered=deliveries.failed(transaction).get(number, 0),
            warned=incident_pages.find(transaction, number, _WARNED),
            oldest=summary.oldest_good,
        )
