"""RSA keys for tests that do not ask how a key was made: to find its primes takes longer than all else that they do.

Within a test each key is another one. The next test gets the same ones again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import RSAKey

_generate = RSAKey.binding.generate_private_key
_made: dict[int, list[RSAPrivateKey]] = {}
_one_at_a_time = Lock()


@contextmanager
def reused() -> Iterator[None]:
    """Within, joserfc gives the keys that it gave before, in the same order, and makes a new one where these end."""
    given: dict[int, int] = {}

    def next_key(size: int) -> RSAPrivateKey:
        with _one_at_a_time:
            number = given[size] = given.get(size, 0) + 1
            made = _made.setdefault(size, [])
            if number > len(made):
                made.append(_generate(size))
            return made[number - 1]

    with mock.patch.object(RSAKey.binding, "generate_private_key", staticmethod(next_key)):
        yield
