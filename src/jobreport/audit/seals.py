"""Seals: signed statements of the number of entries in a tenant's audit chain, and of the hash of its last entry.

A seal is a JWS (RFC 7515), signed with a signing key of the service. It also says how far the service's own chain was
sealed at that time. So if somebody replaces the service's chain by an older copy with its older seal, the tenant's seal
shows that.
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
    """The keys for seals: `signer` signs new ones. `every` has all keys by their IDs, to verify old seals too.

    `marker` proves that the log was sealed before. It is stored with the keys, encrypted with `secret` (`SealMarker`).
    """

    signer: RSAKey
    every: Mapping[str, RSAKey]
    marker: SealMarker | None = None
    secret: SecretKey | None = None


class Seal(msgspec.Struct, frozen=True):
    """The last entry of a chain that is sealed, and the last sealed entry of the service's own chain at that time.

    `service` is None in old seals, and in the seals of the service's own chain.
    """

    end: End
    service: End | None = None


class Fault(msgspec.Struct, frozen=True):
    """A fault of a chain. `what` says it in words; `number` is the entry where it shows, or 0 for the whole chain."""

    number: int
    what: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """The result of checking a chain: the number of its entries, how many of them are sealed, and every fault."""

    tenant: int
    entries: int
    sealed: int
    hash: bytes
    faults: tuple[Fault, ...]


class SealError(Exception):
    """Raised if a seal is not valid. The message says why."""


def read(text: str, tenant: int, keys: Keys) -> Seal:
    """Verifies the text of a seal of the tenant's chain, and returns the seal.

    Raises SealError if the service did not sign it, or signed it for another chain.
    """
    try:
        signed = jws.deserialize_compact(text, lambda one: _key(one, keys), algorithms=[_ALGORITHM])
        payload = json.loads(signed.payload)
        of, end, service = int(payload["tenant"]), _end(payload), payload.get("service")
        seal = Seal(end, _end(service) if service else None)
        typ = signed.headers().get("typ")
    except (JoseError, ValueError, TypeError, KeyError) as error:
        reason = error.args[0] if isinstance(error, KeyError) else type(error).__name__
        raise SealError(f"its seal was not made by this service ({reason})") from None
    if typ != TYPE or of != tenant:
        raise SealError("its seal was made for another chain")
    return seal


def sign(tenant: int, seal: Seal, key: RSAKey) -> str:
    """Signs a seal, and returns its text."""
    payload = {
        "tenant": tenant,
        **_document(seal.end),
        **({"service": _document(seal.service)} if seal.service else {}),
    }
    header = {"alg": _ALGORITHM, "typ": TYPE, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(payload), key, [_ALGORITHM])


def _end(said: Mapping[str, object]) -> End:
    return int(str(said["number"])), bytes.fromhex(str(said["hash"]))


def _document(end: End) -> dict[str, object]:
    return {"number": end[0], "hash": end[1].hex()}


def _key(found: object, keys: Keys) -> RSAKey:
    kid = str(found.headers().get("kid", ""))  # type: ignore[attr-defined]  # the object from joserfc
    if kid not in keys.every:
        raise KeyError(f"made with the key {kid[:64]}, which is not in the store any more")
    return keys.every[kid]
