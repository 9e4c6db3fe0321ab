"""Passwords: long ones that nobody guesses first; and their hashes, which cost the same whoever asks."""

import unicodedata
from contextlib import suppress

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from jobreport.identity.operators import passwords
from jobreport.identity.operators.passwords import PasswordError, Passwords

GOOD = "correct horse battery staple"


class Counting(PasswordHasher):
    """A cheap hasher that counts what it verifies."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0
        self.costs: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        assert isinstance(hash, str)
        with suppress(InvalidHashError):
            self.costs.append(extract_parameters(hash))
        return super().verify(hash, password)


@pytest.mark.parametrize(
    "password", [GOOD, "übermäßig lange Wörter", "パスワードは長いほど覚えやすいものです", "x7!Kq2#Vb9$Lw4%"]
)
def test_long_passwords_of_any_kind_are_allowed(password: str) -> None:
    passwords.check(password, "anna")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "at least 15"),
        ("fourteen chars", "at least 15"),
        ("x" * 257, "at most 256"),
        ("a" * 20, "guessed too easily"),
        ("anna.weber@example.com", "guessed too easily"),
        ("ANNA.WEBER@EXAMPLE.COM", "guessed too easily"),
        ("anna.weber@example.comanna.weber@example.com1", "guessed too easily"),
        ("123456789012345", "guessed too easily"),
        ("abcdefghijklmnopqrst", "guessed too easily"),
        ("abababababababab", "guessed too easily"),
        ("jobreportjobreport", "guessed too easily"),
        ("Password123456789", "guessed too easily"),
    ],
)
def test_what_is_guessed_first_is_refused_and_not_repeated(password: str, said: str) -> None:
    with pytest.raises(PasswordError, match=said) as refused:
        passwords.check(password, "anna.weber@example.com")
    assert not password or password not in str(refused.value)


def test_generated_passwords_are_allowed_and_differ() -> None:
    made = {passwords.generate() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        passwords.check(one, "anna")


def test_hash_is_argon2id_as_the_standard_recommends_for_little_memory() -> None:
    """RFC 9106 §4, the second recommended option: 3 passes, 4 lanes, 64 MiB."""
    hashed = Passwords().hash(GOOD)
    found = extract_parameters(hashed)
    assert (found.type, found.time_cost, found.parallelism, found.memory_cost) == (Type.ID, 3, 4, 64 * 1024)
    assert (found.salt_len, found.hash_len) == (16, 32)


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_only_the_same_password_is_right(password: str, other: str) -> None:
    hashing = Passwords(Counting())
    kept = hashing.hash(password)
    assert hashing.verify(kept, password)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    if other.isprintable():
        assert hashing.verify(kept, other) is same


def test_letters_count_however_a_keyboard_writes_them() -> None:
    hashing = Passwords(Counting())
    assert hashing.verify(hashing.hash("u\u0308berall ist es schön"), "\u00fcberall ist es scho\u0308n")


def test_where_there_is_no_hash_one_of_the_same_costs_is_verified() -> None:
    hasher = Counting(time_cost=3)
    hashing = Passwords(hasher)
    assert not hashing.verify(None, GOOD)
    assert hasher.verified == 1
    assert not hashing.verify(hashing.hash(GOOD), "another")
    assert hasher.verified == 2
    assert hasher.costs[0] == hasher.costs[1]


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$x", "$2b$12$abcdefghijklmnopqrstuv"])
def test_hash_that_cannot_be_read_is_no_password(broken: str) -> None:
    assert not Passwords(Counting()).verify(broken, GOOD)


def test_hash_is_old_when_the_parameters_change() -> None:
    before, now = Passwords(Counting()), Passwords(Counting(time_cost=2))
    kept = before.hash(GOOD)
    assert not before.is_old(kept)
    assert now.is_old(kept)
    assert now.verify(kept, GOOD)
