"""Accounts of operators, on either store."""

import pytest
from argon2 import PasswordHasher
from example_operators import BY, OTHER, PASSWORD, added

from clocks import Clock
from jobreport.identity import purge
from jobreport.identity import tenants as identity
from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import OperatorError, Reach
from jobreport.identity.operators.passwords import PasswordError, Passwords
from jobreport.identity.operators.sessions import Sessions, session_id
from jobreport.model.audit import SERVICE, Actor
from jobreport.model.roles import Role
from jobreport.store import Store
from jobreport.store.registry import audit_log, operators
from jobreport.store.registry.operators import Operator


def actions(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as transaction:
        links = audit_log.links(transaction, SERVICE)
        return [(one.actor, one.action, one.target) for one in links if one.action.startswith("operator.")]


def test_account_is_kept_as_it_was_made(store: Store, hashing: Passwords, clock: Clock) -> None:
    made = added(store, hashing, "Zoë Weber", Role.Admin, "acme", "globex")
    found = accounts.find(store, "ZOË weber")
    assert found == made
    assert (found.name, found.role, found.created, found.disabled) == ("Zoë Weber", Role.Admin, clock.now, 0)
    assert found.reach == frozenset(found.tenants)
    assert len(found.tenants) == 2
    assert PASSWORD not in (found.password or PASSWORD)
    assert "argon2" not in repr(found)
    assert added(store, hashing, "ben").reach is None


@pytest.mark.parametrize("name", ["anna", "ANNA", "\uff21nna"])
def test_name_is_taken_however_it_is_written(store: Store, hashing: Passwords, anna: Operator, name: str) -> None:
    assert accounts.find(store, name) == anna
    with pytest.raises(OperatorError, match="there is an operator Anna already"):
        added(store, hashing, name)


@pytest.mark.parametrize("name", ["", " anna", "anna ", "an  na", "a\nb", "a\0", "a,b", "<b>", "x" * 65, "\u202eanna"])
def test_name_that_cannot_be_one_is_refused(store: Store, hashing: Passwords, name: str) -> None:
    with pytest.raises(OperatorError, match="an operator's name has 1 to 64"):
        added(store, hashing, name)
    with pytest.raises(OperatorError, match="there is no operator"):
        accounts.find(store, name)


def test_password_and_tenants_are_checked_before_anything_is_kept(store: Store, hashing: Passwords) -> None:
    common = {"role": Role.Viewer, "hashing": hashing}
    with pytest.raises(PasswordError):
        accounts.add(store, name="anna", password="short", reach=Reach(all_tenants=True), **common)
    with pytest.raises(OperatorError, match="there is no tenant nowhere"):
        accounts.add(store, name="anna", password=PASSWORD, reach=Reach(("nowhere",)), **common)
    with store.reading() as transaction:
        assert operators.list_operators(transaction) == ()


def test_only_the_right_password_of_an_enabled_account_is_verified(
    store: Store, hashing: Passwords, anna: Operator
) -> None:
    assert accounts.verified(store, hashing, "anna", PASSWORD) == anna
    for name, password in (("anna", OTHER), ("nobody", PASSWORD), ("", ""), ("a\0", "\0")):
        assert accounts.verified(store, hashing, name, password) is None
    accounts.disable(store, "anna")
    assert accounts.verified(store, hashing, "anna", PASSWORD) is None
    accounts.enable(store, "anna")
    assert accounts.verified(store, hashing, "anna", PASSWORD) == anna


def test_hash_of_earlier_parameters_is_replaced_at_sign_in(store: Store, hashing: Passwords, anna: Operator) -> None:
    later = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert accounts.verified(store, later, "anna", OTHER) is None
    assert accounts.find(store, "anna").password == anna.password
    assert accounts.verified(store, later, "anna", PASSWORD)
    replaced = accounts.find(store, "anna").password
    assert replaced is not None
    assert not later.is_old(replaced)
    assert accounts.verified(store, later, "anna", PASSWORD)


def test_misspelt_name_is_told_apart(store: Store, anna: Operator) -> None:
    with pytest.raises(OperatorError, match="no operator 'ana': did you mean 'Anna'"):
        accounts.disable(store, "ana")


def test_all_that_is_done_to_an_account_is_in_the_audit_log(store: Store, hashing: Passwords, anna: Operator) -> None:
    accounts.change(store, "anna", role=Role.Admin, by=BY)
    accounts.change(store, "anna", role=Role.Admin, by=BY)  # changes nothing
    accounts.set_password(store, "anna", OTHER, hashing, by=BY)
    token = Sessions(store).begin(accounts.find(store, "anna"), Actor("operator:Anna", "192.0.2.1"), "")
    who = Sessions(store).find(token)
    assert who
    Sessions(store).end(who, session_id(who.session), Actor("operator:Anna"))
    accounts.disable(store, "anna", by=BY)
    accounts.enable(store, "anna", by=BY)
    accounts.remove(store, "anna", by=BY)
    root, self_ = "user:root", "operator:Anna"
    assert actions(store) == [
        (root, "operator.added", self_),
        (root, "operator.changed", self_),
        (root, "operator.password", self_),
        (self_, "operator.signed-in", self_),
        (self_, "operator.signed-out", self_),
        (root, "operator.disabled", self_),
        (root, "operator.enabled", self_),
        (root, "operator.removed", self_),
    ]
    with store.reading() as transaction:
        details = [one.detail for one in audit_log.links(transaction, SERVICE)]
    assert not any("argon2" in detail or PASSWORD in detail or token in detail for detail in details)


def test_purged_tenant_is_taken_from_who_saw_it(store: Store, hashing: Passwords) -> None:
    both = added(store, hashing, "ben", Role.Viewer, "acme", "globex")
    gone = identity.delete(store, "acme", grace_seconds=0)
    for _ in purge.purge(store, gone):
        pass
    left = accounts.find(store, "ben")
    assert set(left.tenants) < set(both.tenants)
    assert len(left.tenants) == 1
    assert left.reach is not None
