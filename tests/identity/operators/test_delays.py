"""The delay after wrong passwords: it doubles, ends, and never keeps out who comes from elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks import Clock
from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.operators import leftovers
from jobreport.identity.operators.delays import ADDRESS, NAME, PAIR, Delay, Delays
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry.sign_in_failures import Failures

RULES = [PAIR, ADDRESS, NAME]
HOME, AWAY = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def delays(store: Store) -> Delays:
    return Delays(store)


def waits(delays: Delays, name: str, address: str) -> int:
    """Fails once more. The seconds that are to be waited first; 0 if it was counted."""
    try:
        delays.begin(name, address)
    except TooManyAttemptsError as refused:
        return refused.seconds
    return 0


def test_delay_begins_after_three_failures_and_doubles(delays: Delays, clock: Clock) -> None:
    assert [waits(delays, "anna", HOME) for _ in range(5)] == [0, 0, 0, 0, 1]
    for expected in (1, 2, 4, 8, 16):
        assert waits(delays, "anna", HOME) == expected
        clock.pass_by(expected - 0.5)
        assert waits(delays, "anna", HOME) == 1
        clock.pass_by(0.5)
        assert waits(delays, "anna", HOME) == 0


def test_delay_is_never_longer_than_a_quarter_of_an_hour(delays: Delays, clock: Clock) -> None:
    for _ in range(60):
        clock.pass_by(waits(delays, "anna", HOME))
    assert 0 < waits(delays, "anna", HOME) <= 900


def test_who_waits_is_not_counted(delays: Delays, clock: Clock) -> None:
    for _ in range(4):
        assert waits(delays, "anna", HOME) == 0
    assert {waits(delays, "anna", HOME) for _ in range(100)} == {1}
    clock.pass_by(1)
    assert waits(delays, "anna", HOME) == 0


def test_nobody_waits_for_another_address(delays: Delays, clock: Clock) -> None:
    for number in range(300):
        waits(delays, "anna", f"203.0.113.{number % 200}")
        clock.pass_by(1)
    assert waits(delays, "anna", HOME) == 0
    # The answer is delayed, and by two seconds at the most.
    assert delays.begin("Anna", AWAY) == NAME.most


def test_all_names_of_an_address_wait_for_a_minute_at_the_most(delays: Delays, clock: Clock) -> None:
    found = [waits(delays, f"name-{number}", HOME) for number in range(40)]
    assert found[:21] == [0] * 21
    assert set(found[21:]) == {1}
    for number in range(40):
        clock.pass_by(waits(delays, f"other-{number}", HOME))
    assert 0 < waits(delays, "anna", HOME) <= 60
    assert waits(delays, "anna", AWAY) == 0


def test_customers_of_one_network_share_an_address(delays: Delays) -> None:
    found = [waits(delays, "anna", f"2001:db8:1:2::{number}") for number in range(6)]
    assert found == [0, 0, 0, 0, 1, 1]
    assert waits(delays, "anna", "2001:db8:1:3::1") == 0


def test_right_password_ends_the_delay_of_its_name_and_not_that_of_the_address(delays: Delays, clock: Clock) -> None:
    for _ in range(3):
        waits(delays, "anna", HOME)
    for number in range(17):
        waits(delays, f"name-{number}", HOME)
    # Whoever has an account gets no more attempts at others by it.
    for _ in range(5):
        assert waits(delays, "mallory", HOME) == 0
        delays.succeeded("mallory", HOME)
    assert waits(delays, "anna", HOME) == 0
    assert waits(delays, "mallory", HOME) == 1
    clock.pass_by(1)
    assert waits(delays, "mallory", HOME) == 0
    delays.succeeded("mallory", HOME)
    assert waits(delays, "anna", HOME) == 0
    assert waits(delays, "anna", HOME) > 1


def test_failures_are_forgotten_with_time(delays: Delays, clock: Clock, store: Store) -> None:
    for _ in range(30):
        clock.pass_by(waits(delays, "anna", HOME))
    clock.pass_by(86_401)
    assert [waits(delays, "anna", HOME) for _ in range(4)] == [0, 0, 0, 0]
    clock.pass_by(86_401)
    waits(delays, "ben", AWAY)
    leftovers.delete(store)
    with store.reading() as transaction:
        assert transaction.exec_driver_sql("SELECT count(*) FROM operator_failure").scalar_one() == 3


def test_workers_count_together(store: Store) -> None:
    one, two = Delays(store), Delays(store)
    found = [waits(which, "anna", HOME) for which in (one, two, one, two, one, two)]
    assert found == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("rule", RULES)
@given(failures=st.integers(0, 10**6))
def test_more_failures_never_wait_less(rule: Delay, failures: int) -> None:
    assert 0 <= rule.seconds(failures) <= rule.seconds(failures + 1) <= rule.most
    assert (rule.seconds(failures) > 0) == (failures > rule.free)


@pytest.mark.parametrize("rule", RULES)
@given(failures=st.integers(0, 10**6), passed=st.integers(-(10**6), 10**7), more=st.integers(0, 10**6))
def test_time_only_helps_and_a_clock_that_is_set_back_locks_nobody_out(
    rule: Delay, failures: int, passed: int, more: int
) -> None:
    at = 10**9 * ticks.PER_SECOND
    kept = Failures(failures, at)
    now, later = (at + seconds * ticks.PER_SECOND for seconds in (passed, passed + more))
    assert rule.most >= rule.wait(kept, now) >= rule.wait(kept, later) >= 0
    assert rule.left(kept, now) >= rule.left(kept, later) >= 0
