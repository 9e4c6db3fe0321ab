"""Sessions of operators, on either store: how they begin, how long they last, and what ends them."""

import pytest
from argon2 import PasswordHasher
from example_operators import BY, OTHER, PASSWORD, added

from clocks import Clock
from jobreport.identity import tenants as identity
from jobreport.identity.operators import accounts, leftovers
from jobreport.identity.operators import sessions as kept
from jobreport.identity.operators.accounts import Reach
from jobreport.identity.operators.passwords import Passwords
from jobreport.identity.operators.sessions import NoSessionError, Proof, Sessions, hash_token
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.roles import Role
from jobreport.store import Store
from jobreport.store.registry import sessions
from jobreport.store.registry.operators import Operator

HOUR = 3600


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


def test_no_session_begins_if_the_account_was_changed_since_the_password_was_right(
    store: Store, hashing: Passwords, anna: Operator
) -> None:
    verified = accounts.verified(store, hashing, "anna", PASSWORD)
    assert verified
    for change in (
        lambda: accounts.disable(store, "anna"),
        lambda: (accounts.enable(store, "anna"), accounts.set_password(store, "anna", OTHER, hashing)),
        lambda: accounts.remove(store, "anna"),
    ):
        change()
        with pytest.raises(NoSessionError):
            Sessions(store).begin(verified, BY, "")
    with store.reading() as transaction:
        assert transaction.exec_driver_sql("SELECT * FROM operator_session").all() == []


def test_a_password_whose_hash_is_made_anew_signs_in(store: Store, anna: Operator) -> None:
    later = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    verified = accounts.verified(store, later, "anna", PASSWORD)
    assert verified
    assert Sessions(store).find(Sessions(store).begin(verified, BY, ""))


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
