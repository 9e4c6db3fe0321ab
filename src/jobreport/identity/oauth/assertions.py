"""A client assertion in; which app it claims to be, and whether one of the app's certificates proves it, out.

RFC 7523 §3 and the contract's "Tokens". Whether it was used before is for the store to say.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
from joserfc.jwk import ECKey, RSAKey

from jobreport.identity.apps.certificates import public_key
from jobreport.identity.oauth import jwts
from jobreport.identity.oauth.jwts import ClaimError, Claims
from jobreport.store.registry.credentials import AppCertificate

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS: Final = 3600
"""How long an assertion may be good for at most."""
MAX_JTI: Final = 512
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "ES512")
MAX_CERTIFICATES: Final = 2
"""An app has one, and a second while the first is being replaced."""


class Proof(msgspec.Struct, frozen=True):
    """An assertion that a certificate proves: which one, and the digest and end (Unix seconds) of what is used once."""

    certificate: AppCertificate
    digest: bytes
    ends: float


def claimed_client(assertion: str) -> str:
    """The client ID that the assertion claims; empty where it claims none."""
    found = jwts.peek(assertion)[1].get("sub")
    return found if isinstance(found, str) else ""


def prove(
    assertion: str, client_id: str, certificates: Sequence[AppCertificate], audiences: Sequence[str], now: float
) -> Proof | None:
    """The proof that the assertion was signed with one of the certificates; None where it was not.

    Always verifies as many signatures, with a key of the kind that the algorithm needs, so that neither an unknown
    client nor one without a certificate answers sooner than one with the wrong key. ClaimError where the signature is
    good and a claim is not: only who holds the key is told so.
    """
    header, _ = jwts.peek(assertion)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        return None
    found: tuple[AppCertificate, Claims] | None = None
    keys = [(kept, public_key(kept.certificate)) for kept in certificates[:MAX_CERTIFICATES]]
    for kept, key in [*keys, *[(None, None)] * (MAX_CERTIFICATES - len(keys))]:
        fits = key is not None and jwts.kind(key) == jwts.ALGORITHMS[algorithm]
        claims = jwts.proven(assertion, key if key and fits else _decoy(algorithm), algorithm)
        if kept and fits and claims is not None:
            found = (kept, claims)
    if found is None:
        return None
    return _judge(*found, client_id, audiences, now)


def _judge(kept: AppCertificate, claims: Claims, client_id: str, audiences: Sequence[str], now: float) -> Proof:
    if not claims.get("iss") == claims.get("sub") == client_id:
        raise ClaimError("iss and sub must both be the client ID")
    audience = claims.get("aud")
    # One that names others too could be handed on by them, or to them.
    if (audience[0] if isinstance(audience, list) and len(audience) == 1 else audience) not in audiences:
        raise ClaimError(f"aud must be {' or '.join(audiences)}, and nothing else")
    ends = jwts.check_times(claims, now, LIFETIME_SECONDS)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise ClaimError(f"jti must be a text of 1 to {MAX_JTI} characters that is new each time")
    return Proof(kept, hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(), ends + jwts.SKEW_SECONDS)


@cache
def _decoy(algorithm: str) -> RSAKey | ECKey:
    """A public key of the kind that the algorithm needs; its private half is forgotten."""
    kind = jwts.ALGORITHMS[algorithm]
    if kind == "RSA":
        return RSAKey.import_key(RSAKey.generate_key(2048).public_key)
    return ECKey.import_key(ECKey.generate_key(kind).public_key)
