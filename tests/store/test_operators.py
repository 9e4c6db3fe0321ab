"""Accounts and sessions of operators, on either store."""

import pytest
from argon2 import PasswordHasher

from clocks import Clock
from jobreport.identity import purge
from jobreport.identity import tenants as identity
from jobreport.identity.operators import accounts, leftovers
from jobreport.identity.operators import sessions as kept
from jobreport.identity.operators.accounts import OperatorError, Reach
from jobreport.identity.operators.passwords import PasswordError, Passwords
from jobreport.identity.operators.sessions import Proof, Sessions, hash_token, session_id
from jobreport.model import ticks
from jobreport.model.audit import SERVICE, Actor
from jobreport.model.roles import Role
from jobreport.store import Store
from jobreport.store.registry import audit_log, operators, sessions
from jobreport.store.registry.operators import Operator

PASSWORD, OTHER = "correct horse battery staple", "seven green bottles on a wall"
BY = Actor("user:root", "host")
HOUR = 3600


@pytest.fixture
def hashing() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def anna(store: Store, hashing: Passwords) -> Operator:
    return added(store, hashing, "Anna")


def added(store: Store, hashing: Passwords, name: str, role: Role = Role.Viewer, *tenants: str) -> Operator:
    """An operator who sees these tenants, which are made; or all."""
    for tenant in tenants:
        identity.ensure(store, tenant)
    reach = Reach(tenants, not tenants)
    return accounts.add(store, name=name, role=role, reach=reach, password=PASSWORD, hashing=hashing, by=BY)


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
    token = Sessions(store).begin(anna, Actor("operator:Anna", "192.0.2.1"), "")
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


# Sessions


def test_session_is_found_by_its_token_alone_which_is_not_kept(store: Store, anna: Operator) -> None:
    found = Sessions(store)
    token = found.begin(anna, Actor("operator:Anna", "192.0.2.1"), "Firefox \x1b[31m" + "x" * 500)
    who = found.find(token)
    assert who
    assert (who.operator, who.name, who.role, who.reach) == (anna.number, "Anna", Role.Viewer, None)
    assert found.find(token[:-1]) is None
    assert found.find(who.session.hex()) is None
    (one,) = found.of(who)
    assert (one.token, one.address) == (hash_token(token), "192.0.2.1")
    assert one.agent.startswith("Firefox \N{REPLACEMENT CHARACTER}[31mxxx")
    assert len(one.agent) == 120
    with store.reading() as transaction:
        rows = transaction.exec_driver_sql("SELECT * FROM operator_session").all()
    assert token not in repr(rows)


def test_session_ends_after_twelve_idle_hours_and_after_thirty_days(store: Store, clock: Clock, anna: Operator) -> None:
    found = Sessions(store)
    idle, used = (found.begin(anna, BY, "") for _ in range(2))
    for _ in range(11):
        clock.pass_by(HOUR)
        assert found.find(used)
    clock.pass_by(HOUR - 1)
    assert found.find(idle, by_person=False)
    clock.pass_by(1)
    assert found.find(idle) is None
    for _ in range(59):
        assert found.find(used)
        clock.pass_by(12 * HOUR - 60)
    assert found.find(used)
    clock.pass_by(30 * 24 * HOUR - 59 * (12 * HOUR - 60) - 12 * HOUR - 1)
    assert found.find(used)
    clock.pass_by(1)
    assert found.find(used) is None


def test_page_that_is_left_open_does_not_keep_its_session(store: Store, clock: Clock, anna: Operator) -> None:
    token = Sessions(store).begin(anna, BY, "")
    for _ in range(12 * 60 - 1):
        clock.pass_by(60)
        assert Sessions(store).find(token, by_person=False)
    clock.pass_by(60)
    assert Sessions(store).find(token, by_person=False) is None


def test_last_use_is_written_once_a_minute_at_the_most(store: Store, clock: Clock, anna: Operator) -> None:
    token = Sessions(store).begin(anna, BY, "")
    began, seen = clock.now, set()
    for _ in range(150):
        clock.pass_by(1)
        who = Sessions(store).find(token)
        assert who
        seen.add((Sessions(store).of(who)[0].seen - began) // ticks.PER_SECOND)
    assert seen == {0, 60, 120}


def test_who_is_disabled_loses_the_sessions_and_changes_count_at_once(
    store: Store, hashing: Passwords, anna: Operator
) -> None:
    token = Sessions(store).begin(anna, BY, "")
    identity.ensure(store, "acme")
    accounts.change(store, "anna", role=Role.Operator, reach=Reach(("acme",)))
    who = Sessions(store).find(token)
    assert who
    assert (who.role, len(who.reach or ())) == (Role.Operator, 1)
    assert accounts.disable(store, "anna")[1] == 1
    accounts.enable(store, "anna")
    assert Sessions(store).find(token) is None
    token = Sessions(store).begin(anna, BY, "")
    assert accounts.set_password(store, "anna", OTHER, hashing) == 1
    assert Sessions(store).find(token) is None


def test_sessions_that_are_over_are_deleted_and_no_others(store: Store, clock: Clock, anna: Operator) -> None:
    Sessions(store).begin(anna, BY, "")
    clock.pass_by(6 * HOUR)
    token = Sessions(store).begin(anna, BY, "")
    clock.pass_by(6 * HOUR)
    leftovers.delete(store)
    leftovers.delete(store)
    with store.reading() as transaction:
        rows = transaction.exec_driver_sql("SELECT token FROM operator_session").all()
    assert [bytes(row.token) for row in rows] == [hash_token(token)]
    assert Sessions(store).find(token)


def test_password_counts_as_given_for_ten_minutes(store: Store, clock: Clock, anna: Operator) -> None:
    found = Sessions(store)
    token = found.begin(anna, BY, "")

    def confirmed() -> bool:
        who = found.find(token)
        assert who
        return found.is_confirmed(who)

    assert confirmed()
    clock.pass_by(600)
    assert not confirmed()
    who = found.find(token)
    assert who
    found.confirm(who)
    assert confirmed()
    clock.pass_by(-5)
    assert not confirmed(), "the clock was set back, and nobody knows when it was"


def test_all_sessions_of_one_operator_end_and_of_no_other(store: Store, hashing: Passwords, anna: Operator) -> None:
    other = Sessions(store).begin(added(store, hashing, "ben"), BY, "")
    mine = [Sessions(store).begin(anna, BY, "") for _ in range(3)]
    assert kept.end_all(store, anna.number, "Anna", BY) == 3
    assert [Sessions(store).find(token) for token in mine] == [None] * 3
    assert Sessions(store).find(other)
    with store.writing() as transaction:
        assert sessions.end_everybodys(transaction) == 1


def test_token_of_a_provider_is_read_with_the_sessions_token_alone(store: Store, anna: Operator) -> None:
    found = Sessions(store)
    token = found.begin(anna, BY, "", proof=Proof(by="provider", given=0, id_token="eyJ.id.token"))
    assert found.id_token(token) == "eyJ.id.token"
    assert found.id_token(found.begin(anna, BY, "")) == ""
    assert found.id_token("") == found.id_token("jro_other") == ""
    with store.reading() as transaction:
        rows = transaction.exec_driver_sql("SELECT * FROM operator_session").all()
    assert "eyJ" not in repr(
        [[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in rows]
    )
    who = found.find(token)
    assert who
    assert not found.is_confirmed(who), "nobody knows when proof was given"
