"""A JWT that others made in; what it claims before anybody believes it, and what it proves with a key, out."""

import json
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

ALGORITHMS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
}
"""Every algorithm that is ever taken, and the kind of key it needs: none is symmetric, so that no public key is ever
taken for a shared secret."""
SKEW_SECONDS: Final = 60
"""How far the clocks of two machines may be apart."""
MALFORMED: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""What a token that is none of ours may raise on its way through the libraries."""

Claims = dict[str, Any]


class _Registry(JWSRegistry):
    """Room for a header with certificates in it; and headers that nobody here knows, which nobody here heeds.

    One that its maker calls critical is refused all the same (RFC 7515 §4.1.11).
    """

    max_header_length = 8 * 1024
    max_payload_length = 16 * 1024


class ClaimError(ValueError):
    """A claim that is not as it must be; the message says which, without the token."""


def peek(token: str) -> tuple[dict[str, Any], Claims]:
    """Header and claims as they stand there, before anything is verified; both empty where they cannot be read."""
    try:
        found = extract_compact(token.encode("ascii"), registry=_REGISTRY)
        header, claims = found.headers(), json.loads(found.payload or b"")
    except MALFORMED:
        return {}, {}
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


def proven(token: str, key: RSAKey | ECKey, algorithm: str) -> Claims | None:
    """The claims, where `key` signed them by `algorithm`; None otherwise.

    The key is the one that was handed in: what the header says of keys (`jwk`, `jku`, `x5u`, `x5c`) is not looked at.
    """
    if ALGORITHMS.get(algorithm) != kind(key):
        return None
    try:
        return jwt.decode(token.encode("ascii"), key, algorithms=[algorithm], registry=_REGISTRY).claims
    except MALFORMED:
        return None


def kind(key: RSAKey | ECKey) -> str:
    """What `ALGORITHMS` calls this kind of key."""
    return "RSA" if isinstance(key, RSAKey) else key.curve_name


def check_times(claims: Claims, now: float, longest: float | None = None) -> float:
    """When the claims end (Unix seconds); ClaimError where they are over, not good yet, or good for too long.

    `longest` is the most seconds from `now` that they may be good for. Clocks may be `SKEW_SECONDS` apart.
    """
    ends = _seconds(claims, "exp")
    if ends is None:
        raise ClaimError("exp is missing")
    if ends + SKEW_SECONDS <= now:
        raise ClaimError("it has expired")
    if longest is not None and ends > now + longest + SKEW_SECONDS:
        raise ClaimError(f"exp lies more than {longest:.0f} seconds ahead")
    for name in ("nbf", "iat"):
        begins = _seconds(claims, name)
        if begins is not None and begins > now + SKEW_SECONDS:
            raise ClaimError(f"{name} lies in the future")
    return ends


def _seconds(claims: Claims, name: str) -> float | None:
    """A NumericDate (RFC 7519 §2); None where there is none."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _ENDLESS:
        raise ClaimError(f"{name} must be seconds since 1970")
    return float(value)


_ENDLESS: Final = 2**40
"""Seconds, some 35,000 years: beyond any time. No infinity and no NaN is less."""
_REGISTRY: Final = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)
