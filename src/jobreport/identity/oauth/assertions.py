"""Verifies client assertions: JWTs that an app signs with the private key of its certificate, instead of a secret.

The rules are those of RFC 7523 §3 and the contract's "Tokens". Each assertion may be used only once; the caller checks
that, in the store.
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
"""The longest time, in seconds, for which an assertion may be valid."""
MAX_JTI: Final = 512
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "ES512")
MAX_CERTIFICATES: Final = 2
"""An app has one certificate, or two while the first is being replaced."""


class VerifiedAssertion(msgspec.Struct, frozen=True):
    """A verified assertion: the certificate of the key that signed it, the digest of its `jti`, and the time until
    which it can be used (Unix seconds, with the allowed difference of clocks).
    """

    certificate: AppCertificate
    digest: bytes
    ends: float


def claimed_client_id(assertion: str) -> str:
    """Returns the client ID in the assertion, which is not verified yet; empty if there is none."""
    subject = jwts.peek(assertion)[1].get("sub")
    return subject if isinstance(subject, str) else ""


def verify(
    assertion: str, client_id: str, certificates: Sequence[AppCertificate], audiences: Sequence[str], now: float
) -> VerifiedAssertion | None:
    """Returns the verified assertion; None if the key of none of the certificates signed it.

    It always verifies `MAX_CERTIFICATES` signatures, if need be with a decoy key, so that the time of the answer does
    not show whether the client exists. Raises ClaimError if the signature is right but a claim is wrong; so only a
    client that has the key learns which claim.
    """
    header, _ = jwts.peek(assertion)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        return None
    signed: tuple[AppCertificate, Claims] | None = None
    keys = [(kept, public_key(kept.certificate)) for kept in certificates[:MAX_CERTIFICATES]]
    for kept, key in [*keys, *[(None, None)] * (MAX_CERTIFICATES - len(keys))]:
        fits = key is not None and jwts.key_kind(key) == jwts.ALGORITHMS[algorithm]
        claims = jwts.verified_claims(assertion, key if key and fits else _decoy(algorithm), algorithm)
        if kept and fits and claims is not None:
            signed = (kept, claims)
    if signed is None:
        return None
    return _judge(*signed, client_id, audiences, now)


def _judge(
    kept: AppCertificate, claims: Claims, client_id: str, audiences: Sequence[str], now: float
) -> VerifiedAssertion:
    if not claims.get("iss") == claims.get("sub") == client_id:
        raise ClaimError("iss and sub must both be the client ID")
    audience = claims.get("aud")
    # If it named other services too, one of them could send it here, or it could be sent to them.
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
    """Returns a public key of the kind that the algorithm needs. Nobody has its private half."""
    kind = jwts.ALGORITHMS[algorithm]
    if kind == "RSA":
        return RSAKey.import_key(RSAKey.generate_key(2048).public_key)
    return ECKey.import_key(ECKey.generate_key(kind).public_key)
