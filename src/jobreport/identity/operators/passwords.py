"""Passwords of operators: which ones are allowed, and their hashes (Argon2id, RFC 9106).

A password is the only thing that an operator signs in with. For that case NIST SP 800-63B-4 (3.1.1.2) asks for at least
15 characters, and for no rules about kinds of characters, which make passwords harder to remember but not to guess.
"""

import secrets
import unicodedata
from base64 import b64encode
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

MIN_LENGTH: Final = 15
MAX_LENGTH: Final = 256
"""The most characters. The hash takes the same time for any length; this only limits what is received."""
_MIN_DISTINCT: Final = 5
_GUESSED_FIRST: Final = ("jobreport", "password", "passwort")
_GENERATED: Final = 20
"""Characters of a generated password: each is one of 31, so it has 99 random bits."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class PasswordError(ValueError):
    """Raised if a password is not allowed. The message says why, and does not contain it."""


def check(password: str, name: str) -> None:
    """Raises PasswordError if the operator called `name` may not have this password."""
    text = _normal(password)
    if len(text) < MIN_LENGTH:
        raise PasswordError(f"a password has at least {MIN_LENGTH} characters; several words are easy to remember")
    if len(text) > MAX_LENGTH:
        raise PasswordError(f"a password has at most {MAX_LENGTH} characters")
    rest = text.casefold()
    # Longer words first, so that a name which contains another word is found as a whole.
    for word in sorted((*_GUESSED_FIRST, name.casefold()), key=len, reverse=True):
        rest = rest.replace(word, "")
    # Letters and digits that go up, down or stay (aaaa, 1234, cba) are no surprise to anybody who guesses.
    surprises = sum(abs(ord(one) - ord(next_)) > 1 for one, next_ in pairwise(rest))
    if len(set(rest)) < _MIN_DISTINCT or surprises < _MIN_DISTINCT:
        raise PasswordError("this password is guessed too easily: take several words that do not belong together")


def generate() -> str:
    """Returns a new random password."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_GENERATED))
    return "-".join(letters[first : first + 5] for first in range(0, _GENERATED, 5))


class Passwords:
    """Makes and verifies the hashes of passwords. Each takes 64 MiB of memory meanwhile. Thread-safe."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._decoy = _decoy(self._hasher)

    def hash(self, password: str) -> str:
        """Returns the hash of a password, with the algorithm and its parameters."""
        return self._hasher.hash(_normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Returns whether `kept` is a hash of this password. If it is None, that takes as long, and it is not."""
        try:
            self._hasher.verify(kept or self._decoy, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_old(self, kept: str) -> bool:
        """Returns whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def _decoy(hasher: PasswordHasher) -> str:
    """Returns what is verified if there is no such operator, so that the answer takes the same time: the hash of a
    password that nobody knows. It is drawn, not computed, since a server starts sooner so.
    """
    salt, drawn = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${drawn}"


def _normal(password: str) -> str:
    """Returns the password in one of the forms in which Unicode can write it, since keyboards differ in that."""
    return unicodedata.normalize("NFKC", password)
