"""Verifies client assertions: JWTs that an app signs with the private key of its certificate, instead of a secret.

RFC 7523 §3 and the contract's "Tokens". That each assertion is used only once is checked by the caller, in the store.
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
"""For how many seconds an assertion may be valid at most."""
MAX_JTI: Final = 512
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "ES512")
MAX_CERTIFICATES: Final = 2
"""An app has one certificate, and two while the first is being replaced."""


class VerifiedAssertion(msgspec.Struct, frozen=True):
    """A verified assertion: the certificate that signed it, the digest of its `jti`, and its end (Unix seconds)."""

    certificate: AppCertificate
    digest: bytes
    ends: float


def claimed_client_id(assertion: str) -> str:
    """The client ID in the assertion, which is not verified yet; empty where there is none."""
    found = jwts.peek(assertion)[1].get("sub")
    return found if isinstance(found, str) else ""


def verify(
    assertion: str, client_id: str, certificates: Sequence[AppCertificate], audiences: Sequence[str], now: float
) -> VerifiedAssertion | None:
    """The verified assertion; None where none of the certificates signed it.

    It always verifies `MAX_CERTIFICATES` signatures, if need be with a decoy key, so that the time of the answer does
    not tell whether the client exists. ClaimError where the signature is right but a claim is wrong: only the holder
    of the key learns which.
    """
    header, _ = jwts.peek(assertion)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        return None
    found: tuple[AppCertificate, Claims] | None = None
    keys = [(kept, public_key(kept.certificate)) for kept in certificates[:MAX_CERTIFICATES]]
    for kept, key in [*keys, *[(None, None)] * (MAX_CERTIFICATES - len(keys))]:
        fits = key is not None and jwts.key_kind(key) == jwts.ALGORITHMS[algorithm]
        claims = jwts.verified_claims(assertion, key if key and fits else _decoy(algorithm), algorithm)
        if kept and fits and claims is not None:
            found = (kept, claims)
    if found is None:
        return None
    return _judge(*found, client_id, audiences, now)


def _judge(
    kept: AppCertificate, claims: Claims, client_id: str, audiences: Sequence[str], now: float
) -> VerifiedAssertion:
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
    return VerifiedAssertion(
        kept, hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(), ends + jwts.SKEW_SECONDS
    )


@cache
def _decoy(algorithm: str) -> RSAKey | ECKey:
    """A public key of the kind that the algorithm needs, of which nobody has the private half."""
    kind = jwts.ALGORITHMS[algorithm]
    if kind == "RSA":
        return RSAKey.import_key(RSAKey.generate_key(2048).public_key)
    return ECKey.import_key(ECKey.generate_key(kind).public_key)
