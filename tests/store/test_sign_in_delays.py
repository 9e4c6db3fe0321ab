"""Failed sign-ins of operators are counted in the store, by every worker that there is, on either store."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from clocks import Clock
from jobreport.identity.oauth.failed_sign_ins import TooManyAttemptsError
from jobreport.identity.operators.delays import PAIR, Delays
from jobreport.store import Store, open_store

ADDRESS = "192.0.2.1"


def waits(delays: Delays, name: str, address: str = ADDRESS) -> int:
    """Fails once more. The seconds that are to be waited first; 0 if it was counted."""
    try:
        delays.begin(name, address)
    except TooManyAttemptsError as refused:
        return refused.seconds
    return 0


def test_attempts_that_come_at_once_are_counted_one_after_the_other(store: Store) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: waits(Delays(store), "anna"), range(40)))
    assert sorted(found) == [0] * (PAIR.free + 1) + [1] * (39 - PAIR.free)


def test_processes_count_together_and_a_right_password_ends_it(store: Store, store_url: str, clock: Clock) -> None:
    with closing(open_store(store_url, clock=clock)) as second:
        one, two = Delays(store), Delays(second)
        assert [waits(which, "Anna") for which in (one, two, one, two, one)] == [0, 0, 0, 0, 1]
        assert waits(two, "ANNA") == 1
        assert waits(two, "anna", "192.0.2.2") == 0
        clock.pass_by(1)
        assert waits(one, "anna") == 0
        two.succeeded("anna", ADDRESS)
        assert [waits(which, "anna") for which in (one, two, one, two)] == [0, 0, 0, 0]


def test_any_name_can_be_counted(store: Store) -> None:
    delays = Delays(store)
    for name in ("", "\0", "ü" * 1000, "a\nb", "\ud800"):
        for _ in range(2):
            assert waits(delays, name) == 0
        delays.succeeded(name, ADDRESS)
    assert waits(delays, "anna", "no address") == 0
