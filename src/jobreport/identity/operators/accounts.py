"""Accounts of operators: adds, changes, disables and removes them, and verifies who signs in.

There is no default account.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from jobreport.identity.operators import passwords
from jobreport.identity.operators.passwords import Passwords
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry, Detail
from jobreport.model.roles import Role
from jobreport.model.spelling import nearest
from jobreport.store import Store, Transaction
from jobreport.store.registry import audit_log, operator_links, operators, sessions, tenants
from jobreport.store.registry.operators import Operator
from jobreport.store.registry.tenants import TenantStatus

MAX_NAME: Final = 64
_NAME: Final = re.compile(r"[\w.@+-]+( [\w.@+-]+)*")


class OperatorError(ValueError):
    """Raised if there is no such operator, or if this cannot be done to the account. The message says why."""


class Reach(msgspec.Struct, frozen=True):
    """The tenants that an operator may see: those with these names, or all, also those created later."""

    tenants: tuple[str, ...] = ()
    all_tenants: bool = False

    def __str__(self) -> str:
        return "every tenant" if self.all_tenants else ", ".join(self.tenants)


def check_name(name: str) -> None:
    """Raises OperatorError if no operator may have this name."""
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise OperatorError(
            f"an operator's name has 1 to {MAX_NAME} letters, digits or . @ + - _, and may have single spaces between "
            "them, such as anna, Anna Weber or anna@example.com"
        )


def add(
    store: Store, *, name: str, role: Role, reach: Reach, password: str, hashing: Passwords, by: Actor = ITSELF
) -> Operator:
    """Adds an operator. Raises OperatorError if the name is taken or not allowed, or a tenant does not exist;
    PasswordError if the password is not allowed.
    """
    check_name(name)
    passwords.check(password, name)
    hashed = hashing.hash(password)
    with store.writing() as transaction:
        operators.lock(transaction)
        _require_free(transaction, name)
        new = Operator(
            number=operators.new_number(transaction),
            name=name,
            role=role,
            password=hashed,
            created=store.clock(),
            all_tenants=reach.all_tenants,
            tenants=tenant_numbers(transaction, reach.tenants),
        )
        operators.add(transaction, new)
        _note(store, transaction, Action.OperatorAdded, new, by, {"role": role.name.lower(), **about(reach)})
    return new


def require_new(store: Store, name: str) -> None:
    """Raises OperatorError if the name is taken or not allowed, so that nobody types a password in vain."""
    check_name(name)
    with store.reading() as transaction:
        _require_free(transaction, name)


def _require_free(transaction: Transaction, name: str) -> None:
    if found := operators.find(transaction, name):
        raise OperatorError(f"there is an operator {found.name} already")


def change(
    store: Store, name: str, *, role: Role | None = None, reach: Reach | None = None, by: Actor = ITSELF
) -> tuple[Operator, Operator]:
    """Gives the operator another role or other tenants. Returns the account before and after. It takes effect at once.

    Raises OperatorError if there is no such operator, a tenant does not exist, or a provider says what this person may.
    """
    with store.writing() as transaction:
        return changed(store, transaction, _held_here(transaction, name), role=role, reach=reach, by=by)


def changed(
    store: Store, transaction: Transaction, before: Operator, *, role: Role | None, reach: Reach | None, by: Actor
) -> tuple[Operator, Operator]:
    """Does what `change` does, with an account that was read in this transaction, under `operators.lock`."""
    after, detail = before, dict[str, str | bool | list[str]]()
    if role is not None and role is not before.role:
        operators.set_role(transaction, before.number, role)
        detail |= {"role": role.name.lower(), "roleBefore": before.role.name.lower()}
        after = msgspec.structs.replace(after, role=role)
    if reach is not None:
        numbers = tenant_numbers(transaction, reach.tenants, known=before.tenants)
        after = msgspec.structs.replace(after, all_tenants=reach.all_tenants, tenants=tuple(sorted(numbers)))
        if after.reach != before.reach:
            was = reach_of(transaction, before)
            operators.set_reach(transaction, before.number, numbers, all_tenants=reach.all_tenants)
            detail |= {**about(reach), **{f"{key}Before": value for key, value in about(was).items()}}
    if detail:
        _note(store, transaction, Action.OperatorChanged, after, by, detail)
    return before, after


def set_password(
    store: Store, name: str, password: str, hashing: Passwords, *, but: bytes = b"", by: Actor = ITSELF
) -> int:
    """Gives the operator another password, and ends all links, and all sessions except the one with the hash `but`.
    Returns how many sessions.

    Raises OperatorError if there is no such operator, or it has no password; PasswordError if this one is not allowed.
    """
    passwords.check(password, require_own(find(store, name)).name)
    hashed = hashing.hash(password)
    with store.writing() as transaction:
        found = _held_here(transaction, name)
        operators.set_password(transaction, found.number, hashed)
        ended = sessions.end_all(transaction, found.number, but)
        operator_links.end_all(transaction, found.number)
        _note(store, transaction, Action.OperatorPassword, found, by, {"sessionsEnded": ended})
    return ended


def disable(store: Store, name: str, *, by: Actor = ITSELF) -> tuple[Operator, int]:
    """Disables the account and ends its sessions and links. Returns it, and how many sessions there were.

    Raises OperatorError if there is no such operator, or it is disabled already.
    """
    with store.writing() as transaction:
        found = _held(transaction, name)
        if found.disabled:
            raise OperatorError(f"the operator {found.name} is disabled since {ticks.to_iso(found.disabled, digits=0)}")
        operators.set_disabled(transaction, found.number, store.clock())
        ended = sessions.end_all(transaction, found.number)
        operator_links.end_all(transaction, found.number)
        _note(store, transaction, Action.OperatorDisabled, found, by, {"sessionsEnded": ended})
    return found, ended


def enable(store: Store, name: str, *, by: Actor = ITSELF) -> Operator:
    """Enables a disabled account. Raises OperatorError if there is no such operator, or it is not disabled."""
    with store.writing() as transaction:
        found = _held(transaction, name)
        if not found.disabled:
            raise OperatorError(f"the operator {found.name} is not disabled")
        operators.set_disabled(transaction, found.number, 0)
        _note(store, transaction, Action.OperatorEnabled, found, by, {})
    return found


def remove(store: Store, name: str, *, by: Actor = ITSELF) -> Operator:
    """Deletes the account with its sessions. What it did stays in the audit log.

    Raises OperatorError if there is none.
    """
    with store.writing() as transaction:
        found = _held(transaction, name)
        operators.remove(transaction, found.number)
        _note(store, transaction, Action.OperatorRemoved, found, by, {})
    return found


def verified(store: Store, hashing: Passwords, name: str, password: str) -> Operator | None:
    """Returns the operator if the password is right and the account may be used; None otherwise, after the same time.

    A hash that was made with other parameters than those of today is replaced.
    """
    with store.reading() as transaction:
        found = operators.find(transaction, name)
    usable = found is not None and not found.disabled
    if not hashing.verify(found.password if found and usable else None, password) or found is None:
        return None
    if found.password and hashing.is_old(found.password):
        hashed = hashing.hash(password)
        with store.writing() as transaction:
            operators.lock(transaction)
            # Unless it was changed meanwhile.
            current = operators.find(transaction, name)
            if current and current.password == found.password:
                operators.set_password(transaction, found.number, hashed)
                found = msgspec.structs.replace(found, password=hashed)
    return found


def find(store: Store, name: str) -> Operator:
    """Returns the operator with this name, also if disabled. Raises OperatorError if there is none."""
    with store.reading() as transaction:
        return require(transaction, name)


def require(transaction: Transaction, name: str) -> Operator:
    """Returns the operator with this name. Raises OperatorError if there is none, and suggests one."""
    if found := operators.find(transaction, name):
        return found
    near = nearest(name, [one.name for one in operators.list_operators(transaction)])
    hint = f"did you mean {near!r}? " if near else ""
    raise OperatorError(f"there is no operator {name!r}: {hint}jobreport operator list shows those that there are")


def require_own(one: Operator) -> Operator:
    """Returns the operator. Raises OperatorError if this person signs in by a provider, which alone changes that."""
    if one.issuer:
        raise OperatorError(
            f"{one.name} signs in by {one.issuer}: role, tenants and password are managed there; disable and remove "
            "work here"
        )
    return one


def reach_of(transaction: Transaction, one: Operator) -> Reach:
    """Returns the tenants that the operator may see, by name."""
    called = {tenant.number: tenant.name for tenant in tenants.list_tenants(transaction)}
    return Reach(tuple(called[number] for number in one.tenants if number in called), one.all_tenants)


def only_tenant(store: Store) -> Reach:
    """Returns the reach of an operator for whom none was named: the only tenant that there is.

    Raises OperatorError if there is none, or more than one.
    """
    with store.reading() as transaction:
        found = [
            one.name
            for one in tenants.list_tenants(transaction)
            if one.status is TenantStatus.ACTIVE and one.number != SERVICE
        ]
    if len(found) != 1:
        there = f"there are {len(found)} tenants" if found else "there is no tenant yet"
        raise OperatorError(f"{there}: say by --tenants or --all-tenants which ones this person may see")
    return Reach((found[0],))


def tenant_numbers(transaction: Transaction, names: Sequence[str], known: Sequence[int] = ()) -> tuple[int, ...]:
    """Returns the numbers of the tenants with these names.

    Raises OperatorError if a tenant does not exist; and if it is suspended or deleted, unless its number is in `known`.
    """
    found = []
    for name in dict.fromkeys(names):
        tenant = tenants.find(transaction, name)
        if tenant is None:
            raise OperatorError(f"there is no tenant {name}: jobreport tenant list shows those that there are")
        if tenant.number not in known and (unusable := tenant.unusable()):
            raise OperatorError(unusable)
        found.append(tenant.number)
    return tuple(found)


def _held(transaction: Transaction, name: str) -> Operator:
    operators.lock(transaction)
    return require(transaction, name)


def _held_here(transaction: Transaction, name: str) -> Operator:
    return require_own(_held(transaction, name))


def about(reach: Reach) -> dict[str, bool | list[str]]:
    """Returns the reach as it is told in the audit log."""
    return {"allTenants": True} if reach.all_tenants else {"tenants": list(reach.tenants)}


def _note(store: Store, transaction: Transaction, action: Action, one: Operator, by: Actor, detail: Detail) -> None:
    target = f"operator:{one.name}"
    entry = AuditEntry(tenant=SERVICE, at=store.clock(), actor=by, action=action, target=target, detail=detail)
    audit_log.append(transaction, entry)
