"""Finds incidents that nobody looks after any more: the agreed time is over, it got worse, or the cause is another one.

Time passes and jobs arrive without anybody saying so, so this is looked for again and again.
"""

from msgspec.structs import replace

from jobreport.model.audit import ITSELF, Action, AuditEntry
from jobreport.model.incident import Incident
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import audit_log, tenants
from jobreport.store.watch import incidents
from jobreport.watch.series_now import SeriesNow, series_now


def look(store: Store) -> int:
    """Finds the incidents that nobody has any more, and makes them news. Returns how many there are."""
    now = store.clock()
    with store.reading() as transaction:
        wanted = incidents.held(transaction)
        ended = {tenant: those for tenant, own in wanted.items() if (those := _ended(transaction, tenant, own, now))}
    found = 0
    for tenant in sorted(ended):
        with store.writing() as transaction:
            locks.lock(transaction, tenant)
            # Judged again, since somebody may have taken it meanwhile.
            again = _ended(transaction, tenant, incidents.held(transaction).get(tenant, []), now)
            incidents.change(transaction, again)
            audit_log.append(transaction, *(_entry(one) for one in again))
            found += len(again)
    return found


def _ended(transaction: Transaction, number: int, those: list[Incident], now: int) -> list[Incident]:
    """Returns those that nobody has any more, as they are then."""
    tenant = tenants.by_number(transaction, number)
    if tenant is None or not those:
        return []
    listed = these(transaction, number, {one.series for one in those})
    judged = {one.series.number: one for one in series_now(transaction, tenant, listed, now)}
    return [
        replace(one, held="", returned=now, changed=now, back=_why(one, judged.get(one.series)))
        for one in those
        if not ((how := judged.get(one.series)) and how.holds)
    ]


def _why(one: Incident, how: SeriesNow | None) -> str:
    if how is None or how.mark is None or how.held is None:
        return f"{one.held} does not have it any more"
    return f"{one.held} had it: {how.held.value}"


def _entry(one: Incident) -> AuditEntry:
    return AuditEntry(
        tenant=one.tenant,
        at=one.returned,
        actor=ITSELF,
        action=Action.IncidentReturned,
        target=f"incident:{one.incident}",
        detail={"plan": one.plan, "resource": one.resource, "why": one.back},
    )
