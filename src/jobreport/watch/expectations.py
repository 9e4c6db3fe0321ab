"""Sets, lists, removes and explains what is expected of series. Each change is in the audit log of the tenant.

After a change, all series of the tenant are judged again at once. A new or changed schedule counts only from now on, so
that no run is called missed that was due before anybody expected it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from jobreport.identity.tenants import TenantError, require
from jobreport.model import ticks, zones
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.expectation import (
    MAX_DAYS_OFF,
    MAX_SCHEDULES,
    MAX_WINDOWS,
    MOST,
    NAME,
    Expectation,
    name_for,
    pattern_words,
)
from jobreport.model.lengths import typed
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.watch import verdicts
from jobreport.watch import schedules
from jobreport.watch.schedules import days_off

LEAST: Final = 60 * ticks.PER_SECOND
"""The shortest age, interval or length of a window (ticks)."""
LONGEST: Final = 3650 * ticks.PER_DAY
"""The longest one (ticks)."""
_MOST: Final = {
    "cron": MAX_SCHEDULES,
    "calendar": MAX_SCHEDULES,
    "windows": MAX_WINDOWS,
    "holidays": MAX_SCHEDULES,
    "days_off": MAX_DAYS_OFF,
}


class ExpectationError(ValueError):
    """Raised if an expectation cannot be set beside the others, or if there is none. The message says why."""


def put(store: Store, name: str, wanted: Expectation, *, by: Actor = ITSELF, new: bool = False) -> Expectation:
    """Sets an expectation of a tenant and returns it. It replaces the one with the same name. If it has no name, it
    replaces the one with the same pattern, or gets a name made from the pattern. With `new` it replaces none.

    Raises TenantError if there is no such tenant, InvalidInputError if something of it is wrong, and ExpectationError
    if it cannot stand beside the others.
    """
    wanted = checked(wanted)

    def changed(tenant: Tenant) -> tuple[Expectation, ...]:
        nonlocal wanted
        if wanted.tenant and tenant.number != SERVICE:
            raise InvalidInputError.of("tenant", "only the operator's own tenant expects something of others")
        if not wanted.name:
            same = next((one for one in tenant.own if one.pattern == wanted.pattern and not new), None)
            taken = [one.name for one in tenant.own]
            wanted = replace(wanted, name=same.name if same else name_for(pattern_words(wanted), taken))
        return beside(tenant.own, (), (wanted,))

    _change(store, name, changed, by)
    return wanted


def remove(store: Store, name: str, which: str, *, by: Actor = ITSELF) -> None:
    """Removes an expectation of a tenant. Raises TenantError, and ExpectationError if there is none of this name."""

    def changed(tenant: Tenant) -> tuple[Expectation, ...]:
        named(replace(tenant, common=()), which)
        return beside(tenant.own, (which,), ())

    _change(store, name, changed, by)


def change(
    store: Store, name: str, gone: Collection[str], wanted: Sequence[Expectation], *, by: Actor = ITSELF
) -> None:
    """Removes expectations of a tenant by their names, and sets others, which were `checked`, all in one transaction.
    The tenant may be suspended. Raises TenantError, and ExpectationError if one contradicts the others.
    """
    _change(store, name, lambda tenant: beside(tenant.own, gone, wanted), by, suspended=True)


def beside(own: Sequence[Expectation], gone: Collection[str], wanted: Sequence[Expectation]) -> tuple[Expectation, ...]:
    """Returns a tenant's expectations after a change: `own` without those named in `gone`, and with those `wanted`.
    Raises ExpectationError if one contradicts the others.
    """
    replaced = {*gone, *(one.name for one in wanted)}
    whole = {one.pattern: one for one in own if one.name not in replaced}
    for one in wanted:
        if same := whole.get(one.pattern):
            raise ExpectationError(f"the expectation {same.name} applies to the same series: change that one")
        whole[one.pattern] = one
    if wanted and len(whole) > MOST:
        raise ExpectationError(f"a tenant has at most {MOST:,} expectations; use a pattern for several series")
    return tuple(whole.values())


def named(tenant: Tenant, name: str) -> Expectation:
    """Returns the expectation of this name among those of a tenant. Raises ExpectationError if there is none."""
    found = next((one for one in tenant.expectations if one.name == name), None)
    if found is None:
        raise ExpectationError(f"{tenant.name} has no expectation {name!r}: jobreport expect list shows those it has")
    return found


def checked(wanted: Expectation) -> Expectation:
    """Returns an expectation with its zone as the database spells it. Raises InvalidInputError, with every fault."""
    faults: list[FieldError] = []

    def fault(field: str, message: str) -> None:
        faults.append(FieldError(field, message))

    if wanted.name and not re.fullmatch(NAME, wanted.name):
        fault("name", "has 1 to 64 of a-z, 0-9, - and _, and begins with none of the last two")
    if not (wanted.age or wanted.is_schedule or wanted.windows or wanted.longest):
        fault("", "says nothing: give an age, a line of cron, a calendar event, an interval, or a window")
    if wanted.every and (wanted.cron or wanted.calendar):
        fault("every", "counts from the last run, so it does not go with cron or calendar")
    lengths = {name: getattr(wanted, name) for name in ("age", "every", "grace", "longest")}
    lengths |= {f"windows[{number}]": one.length for number, one in enumerate(wanted.windows)}
    for field, length in lengths.items():
        if length and not LEAST <= length <= LONGEST:
            fault(field, f"{typed(length)} is no length from {typed(LEAST)} to {typed(LONGEST)}")
    for field, most in _MOST.items():
        if len(getattr(wanted, field)) > most:
            fault(field.replace("days_off", "off"), f"has {len(getattr(wanted, field)):,}; there may be {most:,}")
    if not faults:
        faults += [
            FieldError("holidays", f"{one!r} {said}") for one in wanted.holidays if (said := days_off.fault(one))
        ]
        faults += schedules.faults(wanted)
    try:
        zone = zones.named(wanted.zone) or ""
    except ValueError as error:
        fault("zone", str(error))
    if faults:
        raise InvalidInputError(faults)
    return replace(wanted, zone=zone)


def says(one: Expectation) -> str:
    """Returns in words what an expectation says, as its options are written."""
    parts = [f"age {typed(one.age)}"] if one.age else []
    parts += [f'cron "{line}"' for line in one.cron]
    parts += [f'calendar "{event}"' for event in one.calendar]
    parts += ["the next runs that its origin announces"] if one.at else []
    for name in ("every", "grace", "longest"):
        if length := getattr(one, name):
            parts.append(f"{name} {typed(length)}")
    parts += [one.zone] if one.zone else []
    parts += [f"holidays {', '.join(one.holidays)}"] if one.holidays else []
    parts += [f"{len(one.days_off)} days off"] if one.days_off else []
    for window in one.windows:
        if window.cron:
            parts.append(f'window "{window.cron}" for {typed(window.length)}')
        else:
            begins, ends = (ticks.to_iso(time, digits=0) for time in (window.begins, window.ends))
            parts.append(f"window {begins}/{ends}")
    return ", ".join(parts)


def _change(
    store: Store, name: str, changed: Callable[[Tenant], tuple[Expectation, ...]], by: Actor, *, suspended: bool = False
) -> None:
    with store.writing() as transaction:
        tenant = require(name, tenants.find_for_update(transaction, name))
        may = suspended and tenant.status is TenantStatus.SUSPENDED
        if not may and (unusable := tenant.unusable()):
            raise TenantError(unusable)
        own = tuple(sorted(changed(tenant), key=lambda one: one.name))
        if own == tenant.own:
            return
        store_all(transaction, tenant, own)
        audit_log.append(transaction, *_entries(tenant, own, store.clock(), by))


def _entries(tenant: Tenant, own: Sequence[Expectation], at: int, by: Actor) -> Iterator[AuditEntry]:
    """Gives the entries of the audit log for the differences between `own` and what the tenant had."""
    before, now = ({one.name: one for one in every} for every in (tenant.own, own))
    for name in sorted({*before, *now}):
        if (one := now.get(name)) == before.get(name):
            continue
        yield AuditEntry(
            tenant=tenant.number,
            at=at,
            actor=by,
            action=Action.ExpectationSet if one else Action.ExpectationRemoved,
            target=f"expectation:{name}",
            detail={"pattern": pattern_words(one), "says": says(one)} if one else {},
        )


def store_all(transaction: Transaction, tenant: Tenant, own: tuple[Expectation, ...]) -> None:
    """Stores what is expected of a tenant's series, and has them judged again. The expectations of the operator's own
    tenant apply to all tenants, so all series are judged again.
    """
    tenants.set_expectations(transaction, tenant.number, own)
    others = tenants.list_tenants(transaction) if tenant.number == SERVICE else (tenant,)
    for one in sorted(others, key=lambda one: one.number):
        verdicts.judge_all(transaction, one.number)
