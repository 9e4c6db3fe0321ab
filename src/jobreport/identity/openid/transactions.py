"""Transactions: what must be known when a browser comes back from the provider.

Nothing of it is stored. The `state` that goes through the provider contains it, encrypted with a secret that only this
browser has, in a cookie. So any worker process can take the browser back, no other browser can, and a stranger who
begins a thousand sign-ins fills no table. What was used is noted, so that each counts once.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal

import msgspec

from jobreport.identity.keys.small_texts import decrypt, encrypt
from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.registry import credentials

LASTS: Final = 10 * 60 * ticks.PER_SECOND
"""The time in which a browser must come back, in ticks."""
SKEW: Final = 60 * ticks.PER_SECOND
"""The greatest difference between the clocks of two servers of one store that is allowed for, in ticks."""
MAX_NEXT: Final = 1000
"""The longest path to which a sign-in leads, in characters: it is part of an address of the provider."""
MAX_STATE: Final = 4000
USER: Final = "operators"
"""Stands in the table of used assertions for these. No app has such an ID."""
_PURPOSE: Final = "sign-in transaction"

Aim = Literal["sign in", "confirm", "sign out"]


class TransactionError(Exception):
    """Raised if a transaction cannot be taken up. The message says why, for the person who came back."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a browser went to the provider for, and when (`begun`, in ticks). `wanted`: the path to go to afterwards.

    `session`: the hash of the session that is to be confirmed.
    """

    aim: Aim
    begun: int
    wanted: str = "/"
    session: bytes = b""


def state_of(transaction: Transaction, secret: str) -> str:
    """Returns the `state` of a transaction of the browser that has this secret."""
    if len(transaction.wanted) > MAX_NEXT:
        transaction = msgspec.structs.replace(transaction, wanted="/")
    return _text(encrypt(secret, _PURPOSE, msgspec.msgpack.encode(transaction)))


def taken_up(state: str, secret: str, now: int, *aims: Aim) -> Transaction:
    """Returns the transaction of this state. Raises TransactionError if the browser with this secret has not begun it,
    not for one of these aims, or not in the last ten minutes.
    """
    found = None
    if secret and len(state) <= MAX_STATE and (plain := decrypt(secret, _PURPOSE, _raw(state))) is not None:
        found = msgspec.msgpack.decode(plain, type=Transaction)
    if found is None or found.aim not in aims:
        raise TransactionError(
            "This sign-in was not begun in this browser, or your browser keeps no cookies. Begin it again."
        )
    if not -SKEW <= now - found.begun < LASTS:
        raise TransactionError("This sign-in took longer than ten minutes. Begin it again.")
    return found


def use_once(store: Store, state: str) -> None:
    """Notes that the transaction of this state was taken up. Raises TransactionError if it was before."""
    now = store.clock()
    # Base 64 can spell the same bytes in several ways.
    digest = hashlib.sha256(_raw(state)).digest()
    with store.writing() as transaction:
        if not credentials.use_once(transaction, USER, digest, now + LASTS, now):
            raise TransactionError("This sign-in was used already. Begin it again.")


def nonce_of(state: str, secret: str) -> str:
    """Returns the nonce of a transaction: the ID token that belongs to it must contain it."""
    return _derived("nonce", state, secret)


def verifier_of(state: str, secret: str) -> str:
    """Returns the PKCE verifier of a transaction (RFC 7636 §4.1). Only the provider's token endpoint learns it."""
    return _derived("verifier", state, secret)


def challenge_of(verifier: str) -> str:
    """Returns the PKCE challenge, by S256 (RFC 7636 §4.2)."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _derived(name: str, state: str, secret: str) -> str:
    return _text(hmac.new(secret.encode(), f"{name} {state}".encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(state: str) -> bytes:
    try:
        return urlsafe_b64decode(state + "=" * (-len(state) % 4))
    except ValueError:
        return b""
