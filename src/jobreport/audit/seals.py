"""The end of a chain of the audit log in, a seal over it out; and such a seal read again.

A seal is a JWS (RFC 7515) by a signing key of the service: a chain, its number of entries, the hash of the last, and
how far the service's own chain was sealed when it was made. So neither can be set back alone.
"""

import json
from collections.abc import Mapping
from typing import Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from jobreport.identity.keys.encryption import SecretKey
from jobreport.identity.keys.seal_marker import SealMarker

TYPE: Final = "jobreport-audit+jws"
_ALGORITHM: Final = "RS256"

End = tuple[int, bytes]
"""The number of an entry, and its hash."""


class Keys(msgspec.Struct, frozen=True):
    """The key that seals now, and every one that ever did, by its ID.

    `marker`: what is encrypted with them, by `secret`, where a chain of the store was ever sealed.
    """

    signer: RSAKey
    every: Mapping[str, RSAKey]
    marker: SealMarker | None = None
    secret: SecretKey | None = None


class Seal(msgspec.Struct, frozen=True):
    """How far a chain is sealed, and how far the service's own was then; None in older seals, and in its own."""

    end: End
    service: End | None = None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a chain, in words, and the number of the entry at which it shows; 0: with all of it."""

    number: int
    what: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a chain: how many entries it has, how many of them are sealed, and all that is wrong."""

    tenant: int
    entries: int
    sealed: int
    hash: bytes
    faults: tuple[Fault, ...]


class SealError(Exception):
    """A seal that does not hold; the message says why."""


def read(text: str, tenant: int, keys: Keys) -> Seal:
    """What a seal of the tenant's chain says; SealError where it is not the service's, or another chain's."""
    try:
        found = jws.deserialize_compact(text, lambda one: _key(one, keys), algorithms=[_ALGORITHM])
        payload = json.loads(found.payload)
        of, end, service = int(payload["tenant"]), _end(payload), payload.get("service")
        seal = Seal(end, _end(service) if service else None)
        typ = found.headers().get("typ")
    except (JoseError, ValueError, TypeError, KeyError) as error:
        reason = error.args[0] if isinstance(error, KeyError) else type(error).__name__
        raise SealError(f"its seal is not the service's ({reason})") from None
    if typ != TYPE or of != tenant:
        raise SealError("its seal is another's")
    return seal


def made(tenant: int, seal: Seal, key: RSAKey) -> str:
    """The seal of a chain, signed."""
    said = {"tenant": tenant, **_said(seal.end), **({"service": _said(seal.service)} if seal.service else {})}
    header = {"alg": _ALGORITHM, "typ": TYPE, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(said), key, [_ALGORITHM])


def _end(said: Mapping[str, object]) -> End:
    return int(str(said["number"])), bytes.fromhex(str(said["hash"]))


def _said(end: End) -> dict[str, object]:
    return {"number": end[0], "hash": end[1].hex()}


def _key(found: object, keys: Keys) -> RSAKey:
    kid = str(found.headers().get("kid", ""))  # type: ignore[attr-defined]  # joserfc's guest of a key lookup
    if kid not in keys.every:
        raise KeyError(f"made with the key {kid[:64]}, which the store has no more")
    return keys.every[kid]
