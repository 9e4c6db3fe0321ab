"""The state of a sign-in by a provider: only the browser that began it can take it up, for ten minutes, once."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks import Clock
from jobreport.identity.openid.transactions import (
    MAX_STATE,
    Aim,
    Transaction,
    TransactionError,
    challenge_of,
    nonce_of,
    state_of,
    taken_up,
    use_once,
    verifier_of,
)
from jobreport.model import ticks
from jobreport.store import Store

MINE, YOURS = "a" * 43, "b" * 43
AIMS: tuple[Aim, ...] = ("sign in", "confirm", "sign out")
texts = st.text(string.printable, max_size=1000)
transactions = st.builds(
    Transaction,
    aim=st.sampled_from(AIMS),
    begun=st.integers(0, 2**62),
    wanted=texts,
    session=st.binary(max_size=32),
)


@given(transactions, texts.filter(bool), texts)
def test_one_secret_alone_opens_what_it_closed(transaction: Transaction, mine: str, yours: str) -> None:
    state = state_of(transaction, mine)
    assert len(state) <= MAX_STATE
    assert set(state) <= {*string.ascii_letters, *string.digits, "-", "_"}
    assert taken_up(state, mine, transaction.begun, *AIMS) == transaction
    assert state_of(transaction, mine) != state
    if yours != mine:
        with pytest.raises(TransactionError):
            taken_up(state, yours, transaction.begun, *AIMS)


@given(st.text(), st.text())
def test_what_is_no_state_is_refused(state: str, secret: str) -> None:
    with pytest.raises(TransactionError, match="was not begun in this browser"):
        taken_up(state, secret, 0, *AIMS)


@given(st.integers(0, 10_000), st.sampled_from("AZaz09-_"))
def test_changed_state_is_refused(place: int, letter: str) -> None:
    state = state_of(Transaction(aim="sign in", begun=0), MINE)
    # The last character may spell the same bytes as another one.
    place %= len(state) - 1
    if letter != state[place]:
        with pytest.raises(TransactionError):
            taken_up(state[:place] + letter + state[place + 1 :], MINE, 0, *AIMS)


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (-60, True), (0, True), (599, True), (600, False)])
def test_state_is_good_for_ten_minutes(seconds: int, good: bool) -> None:
    begun = 2**60
    state, now = state_of(Transaction(aim="sign in", begun=begun), MINE), begun + seconds * ticks.PER_SECOND
    if good:
        assert taken_up(state, MINE, now, "sign in").begun == begun
    else:
        with pytest.raises(TransactionError, match="took longer than ten minutes"):
            taken_up(state, MINE, now, "sign in")


def test_state_counts_for_its_own_aim(store: Store) -> None:
    for aim in AIMS:
        others = [one for one in AIMS if one != aim]
        state = state_of(Transaction(aim=aim, begun=0), MINE)
        assert taken_up(state, MINE, 0, aim)
        with pytest.raises(TransactionError):
            taken_up(state, MINE, 0, *others)


def test_state_is_used_once_and_then_forgotten(store: Store, clock: Clock) -> None:
    states = [state_of(Transaction(aim="sign in", begun=clock.now), MINE) for _ in range(3)]
    use_once(store, states[0])
    use_once(store, states[1])
    for again in (states[0], states[0] + "=", states[1]):
        with pytest.raises(TransactionError, match="used already"):
            use_once(store, again)
    clock.pass_by(600)
    use_once(store, states[2])
    with store.reading() as transaction:
        assert transaction.exec_driver_sql("SELECT count(*) FROM assertion").scalar_one() == 1


def test_nonce_and_verifier_belong_to_one_sign_in_and_cannot_be_told_from_each_other() -> None:
    one, two = (state_of(Transaction(aim="sign in", begun=0), MINE) for _ in range(2))
    drawn = [
        derive(state, secret) for derive in (nonce_of, verifier_of) for state in (one, two) for secret in (MINE, YOURS)
    ]
    assert len(set(drawn)) == 8
    assert nonce_of(one, MINE) == nonce_of(one, MINE)
    assert all(len(text) == 43 for text in drawn)


def test_challenge_is_that_of_the_standards_example() -> None:
    # RFC 7636, appendix B.
    verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert challenge_of(verifier) == challenge
