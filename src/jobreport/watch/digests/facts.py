"""Reads how a tenant stands for its digest: the same facts as on the overview of the monitor."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jobreport.model import streams
from jobreport.store import Store
from jobreport.store.query import reasons
from jobreport.store.query.reasons import Why
from jobreport.store.query.series.long_runs import LongRun, long_runs
from jobreport.store.registry import connectors
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import deliveries
from jobreport.watch import silence
from jobreport.watch.numbers import NeedsNow, needs_now
from jobreport.watch.series_now import special

LISTED: Final = 50
"""So many series that are not well have a line of their own."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant stands at `now` (ticks).

    `silent`: since when nothing is reported for longer than its rhythm (ticks; 0: it is not so). `why` its series are
    not good, by the ID of the job. `unseen`: what connectors cannot see. `undelivered`: how many messages were given
    up. `oldest` is when the oldest of the last good copies was made (ticks; 0: there is none).
    """

    tenant: Tenant
    now: int
    needs: NeedsNow
    why: Mapping[str, Why]
    long: Sequence[LongRun]
    unseen: Sequence[str]
    silent: int
    undelivered: int
    oldest: int


def gather(store: Store, tenant: Tenant, now: int) -> Facts:
    """Reads them from one snapshot."""
    number = tenant.number
    (summary,) = store.tenants_summary([number])
    with store.reading() as transaction:
        needs = needs_now(transaction, tenant, special(transaction, [tenant], now)[number], now, LISTED)
        listed = [one.series.status for one in (*needs.needing, *needs.in_hands[:LISTED])]
        return Facts(
            tenant=tenant,
            now=now,
            needs=needs,
            why=reasons.why(transaction, number, {one.ended_id for one in listed if one.not_good}),
            long=long_runs(transaction, [number], now).get(number, []),
            unseen=streams.lacks(connectors.standings(transaction, number), now),
            silent=silence.silent(
                transaction, [tenant], {tenant.name: summary.last_job}, {number: needs.numbers}, now
            ).get(number, 0),
            undelivered=deliveries.failed(transaction).get(number, 0),
            oldest=summary.oldest_good,
        )
