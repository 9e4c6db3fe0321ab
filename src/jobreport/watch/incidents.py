"""Opens, changes and closes incidents with the verdicts of series, in the transaction that stores these verdicts.

Nobody is told here: each change of an incident is stored as news, which the rules read later (`watch.notifying`).
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from jobreport.model.audit import ITSELF, Action, AuditEntry, Detail
from jobreport.model.incident import MAINTAINED, Incident
from jobreport.model.judgement import NEEDS_SOMEBODY, Change, Judgement, Verdict
from jobreport.model.need import Held, Kind, held
from jobreport.store import Transaction
from jobreport.store.query.series.announced import Announced
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import marks
from jobreport.store.watch import incidents as store
from jobreport.watch.mark_snapshot import snapshot_of

_AUDITED: Final = 20
"""Of so many that open or close in one transaction, each has an entry of its own in the audit log."""


def changed(transaction: Transaction, changes: Sequence[Change]) -> list[AuditEntry]:
    """Takes changes of verdicts, in the order in which they happened. The locks of their tenants must be held. Returns
    what is to be added to the audit log, at the end of the transaction.

    A verdict that needs somebody opens the incident of its series, or changes it; `met` closes it. A run that goes on
    or is late changes nothing: the series is not well yet. In a maintenance window nothing is told of an incident; when
    the window ends, it comes back.
    """
    return [
        entry
        for tenant, own in groupby(sorted(changes, key=lambda one: one.tenant), lambda one: one.tenant)
        for entry in _changed(transaction, tenant, [*own])
    ]


def say(transaction: Transaction, tenant: int, said: Mapping[int, Judgement]) -> None:
    """Takes what is said of series whose verdicts are as they were, though more of their runs failed or did not start.
    That is no news, but who hears of an incident again hears this.
    """
    store.say(transaction, tenant, said)


def _changed(transaction: Transaction, tenant: int, changes: Sequence[Change]) -> Iterator[AuditEntry]:
    known = store.open_of(transaction, tenant, {one.series for one in changes})
    # By their IDs: an incident may close, and another one of its series open, in the same call.
    new: dict[str, Incident] = {}
    other: dict[str, Incident] = {}
    for one in changes:
        was = known.get(one.series)
        now = _after(was, one) if was else _opened(one)
        if now is None:
            continue
        (other if was and was.incident not in new else new)[now.incident] = now
        known[one.series] = now
        if now.closed:
            del known[one.series]
    store.change(transaction, other.values())
    store.add(transaction, _held(transaction, tenant, new.values()))
    yield from _entries(tenant, Action.IncidentOpened, [*new.values()])
    yield from _entries(tenant, Action.IncidentClosed, [one for one in (*new.values(), *other.values()) if one.closed])


def _entries(tenant: int, action: Action, those: Sequence[Incident]) -> Iterator[AuditEntry]:
    """Gives the entries of the audit log: one for each, or one for all of very many."""
    if len(those) > _AUDITED:
        verdicts = dict(Counter(one.verdict.value for one in those))
        detail: Detail = {"incidents": len(those), "verdicts": verdicts}
        yield AuditEntry(
            tenant=tenant, at=those[0].changed, actor=ITSELF, action=action, target="incidents", detail=detail
        )
        return
    for one in those:
        about = {"plan": one.plan, "resource": one.resource, "verdict": one.verdict.value}
        said = one.ended if action is Action.IncidentClosed else one.sentence
        yield AuditEntry(
            tenant=tenant,
            at=one.changed,
            actor=ITSELF,
            action=action,
            target=f"incident:{one.incident}",
            detail={**about, "why": said},
        )


def _held(transaction: Transaction, tenant: int, new: Collection[Incident]) -> Iterator[Incident]:
    """Gives new incidents, with who looks after their series already."""
    said = marks.of_tenants(transaction, [tenant]).get(tenant, {})
    listed = these(transaction, tenant, {one.series for one in new if one.series in said})
    series = {one.number: one for one in listed}
    for one in new:
        mark = said.get(one.series)
        if mark and one.series in series and mark.kind is Kind.IN_HANDS:
            judgement = Judgement(one.verdict, one.sentence, one.cause)
            found = snapshot_of(series[one.series], judgement, Announced())
            if held(mark, found, one.opened) is Held.HOLDS:
                yield replace(one, held=mark.by)
                continue
        yield one


def _opened(one: Change) -> Incident | None:
    if one.verdict not in NEEDS_SOMEBODY:
        return None
    return Incident(
        tenant=one.tenant,
        incident=secrets.token_hex(8),
        series=one.series,
        service=one.service,
        type=one.type,
        plan=one.plan,
        resource=one.resource,
        origin=one.origin,
        connector=one.connector,
        verdict=one.verdict,
        sentence=one.sentence,
        cause=one.cause,
        job=one.job,
        opened=one.at,
        changed=one.at,
        returned=one.at if one.before is Verdict.MAINTENANCE else 0,
        back=MAINTAINED if one.before is Verdict.MAINTENANCE else "",
    )


def _after(was: Incident, one: Change) -> Incident | None:
    """Returns what a change makes of an open incident; None if it makes nothing of it."""
    if one.verdict is Verdict.MET:
        return replace(was, closed=one.at, changed=one.at, ended=one.sentence)
    if one.verdict is Verdict.MAINTENANCE:
        return replace(was, verdict=one.verdict, changed=one.at)
    if one.verdict not in NEEDS_SOMEBODY:
        return None
    now = replace(was, verdict=one.verdict, sentence=one.sentence, cause=one.cause, job=one.job, changed=one.at)
    return replace(now, returned=one.at, back=MAINTAINED) if was.verdict is Verdict.MAINTENANCE else now
