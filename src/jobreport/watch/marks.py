"""Keeps what people say of series: "I have it", or that one no longer runs, on purpose.

What is said is judged in `model.need`; each change is in the audit log of the tenant.
"""

from collections.abc import Iterable

from jobreport.model import ticks
from jobreport.model.audit import Action, Actor, AuditEntry
from jobreport.model.need import BAD, MAX_NOTE, MAX_TICKET, Kind, Mark
from jobreport.model.series_query import Series
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.query.series import runs
from jobreport.store.query.series.announced import Announced, announced
from jobreport.store.registry import audit_log, marks
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import incidents, verdicts
from jobreport.watch.mark_snapshot import snapshot_of
from jobreport.watch.series_now import SeriesNow, series_now


class MarkError(ValueError):
    """Raised if a series cannot be marked so. The message says why."""


def take(
    store: Store, tenant: Tenant, name: str, *, by: Actor, note: str = "", ticket: str = "", until: int = 0
) -> SeriesNow:
    """Marks the series of this number or key as one that somebody has, until a time (ticks; 0: until it is well again).

    Returns how it stands. Raises MarkError if there is no such series, if it needs nobody, if the time is over, or if a
    text is too long.
    """
    (one,) = _mark(store, tenant, [name], Kind.IN_HANDS, by, note, ticket, until)
    return one


def take_several(
    store: Store, tenant: Tenant, numbers: Iterable[int], *, by: Actor, note: str, ticket: str, until: int
) -> None:
    """Marks the series of these numbers so, all or none. Raises MarkError as `take` does."""
    _mark(store, tenant, map(str, numbers), Kind.IN_HANDS, by, note, ticket, until)


def end_several(store: Store, tenant: Tenant, numbers: Iterable[int], *, by: Actor) -> None:
    """Ends what was said of the series of these numbers, of all or of none. Raises MarkError as `end` does."""
    with store.writing() as transaction:
        locks.lock(transaction, tenant.number)
        for number in numbers:
            _end(store, transaction, tenant, _series(transaction, tenant, str(number)), by)


def retire(store: Store, tenant: Tenant, name: str, *, by: Actor, note: str = "", ticket: str = "") -> SeriesNow:
    """Takes the series of this number or key out of judgement until a new job of it arrives. Returns how it stands.

    Raises MarkError if there is no such series, or if a text is too long.
    """
    (one,) = _mark(store, tenant, [name], Kind.RETIRED, by, note, ticket, 0)
    return one


def end(store: Store, tenant: Tenant, name: str, *, by: Actor) -> bool:
    """Ends what was said of the series of this number or key. Returns whether anything was.

    Raises MarkError if there is no such series.
    """
    with store.writing() as transaction:
        locks.lock(transaction, tenant.number)
        return _end(store, transaction, tenant, _series(transaction, tenant, name), by)


def _end(store: Store, transaction: Transaction, tenant: Tenant, one: Series, by: Actor) -> bool:
    if not marks.end(transaction, tenant.number, one.number):
        return False
    incidents.release(transaction, tenant.number, one.number, store.clock(), f"{_who(by)} released it")
    verdicts.judge_at(transaction, tenant.number, {one.number: 0})
    audit_log.append(transaction, _entry(store, tenant, Action.SeriesUnmarked, by, one, {}))
    return True


def _mark(
    store: Store, tenant: Tenant, names: Iterable[str], kind: Kind, by: Actor, note: str, ticket: str, until: int
) -> list[SeriesNow]:
    now = store.clock()
    note, ticket = _text("a note", note, MAX_NOTE), _text("a ticket", ticket, MAX_TICKET)
    if until and until <= now:
        raise MarkError("it must end in the future")
    said = {"note": note, "ticket": ticket, "until": ticks.to_iso(until, digits=0) if until else ""}
    action = Action.SeriesTaken if kind is Kind.IN_HANDS else Action.SeriesRetired
    with store.writing() as transaction:
        locks.lock(transaction, tenant.number)
        listed = [_series(transaction, tenant, name) for name in names]
        going_on = incidents.open_among(transaction, tenant.number, [one.number for one in listed])
        coming = announced(transaction, [tenant.number], now).get(tenant.number, {})
        for stands in series_now(transaction, tenant, listed, now):
            one = stands.series
            if kind is Kind.IN_HANDS and stands.need not in BAD and one.number not in going_on:
                raise MarkError("this series needs nobody now")
            found = snapshot_of(one, stands.judgement, coming.get(one.number, Announced()))
            mark = Mark(kind=kind, by=_who(by), since=now, until=until, note=note, ticket=ticket, found=found)
            marks.put(transaction, tenant.number, one.number, mark)
            if kind is Kind.RETIRED:
                incidents.close(transaction, tenant.number, one.number, now, f"{mark.by} retired it")
            else:
                incidents.hold(transaction, tenant.number, one.number, mark.by, ticket)
        verdicts.judge_at(transaction, tenant.number, dict.fromkeys((one.number for one in listed), 0))
        # The locks of audit chains come last.
        audit_log.append(transaction, *(_entry(store, tenant, action, by, one, said) for one in listed))
        return series_now(transaction, tenant, listed, now)


def _series(transaction: Transaction, tenant: Tenant, name: str) -> Series:
    found = runs.one_series(transaction, tenant.number, name)
    if found is None:
        raise MarkError("there is no series of this number or key that has jobs")
    return found.series


def _who(by: Actor) -> str:
    return by.name.partition(":")[2] or by.name


def _text(what: str, text: str, most: int) -> str:
    kept = text.strip()
    if len(kept) > most:
        raise MarkError(f"{what} has at most {most:,} characters; this one has {len(kept):,}")
    return kept.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _entry(store: Store, tenant: Tenant, action: Action, by: Actor, one: Series, said: dict[str, str]) -> AuditEntry:
    about = {"plan": one.plan, "resource": one.resource, **{name: text for name, text in said.items() if text}}
    return AuditEntry(
        tenant=tenant.number, at=store.clock(), actor=by, action=action, target=f"series:{one.number}", detail=about
    )
