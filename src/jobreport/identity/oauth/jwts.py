"""Reads and verifies JWTs of others: client assertions, and access tokens of external issuers.

A signature is always verified with a key that the caller chose. Anything that the token itself says about keys is
ignored.
"""

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
"""The accepted algorithms, and the kind of key that each needs. None is symmetric, so that a public key can never be
used as a shared secret."""
SKEW_SECONDS: Final = 60
"""The greatest difference, in seconds, between the clocks of two machines that is allowed for."""
MAX_TOKEN: Final = 25 * 1024
"""The longest token, in bytes: what `_Registry` allows for its three parts together."""
MALFORMED: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""The errors that the libraries may raise for a malformed token."""

Claims = dict[str, Any]


class _Registry(JWSRegistry):
    """Allows a header with certificates in it, and ignores unknown header parameters.

    A parameter that is marked as critical is still refused (RFC 7515 §4.1.11).
    """

    max_header_length = 8 * 1024
    max_payload_length = 16 * 1024
    max_signature_length = 1024


class ClaimError(ValueError):
    """Raised if a claim is missing or wrong. The message says which, and does not contain the token."""


def peek(token: str) -> tuple[dict[str, Any], Claims]:
    """Returns the header and the claims without verifying them; both are empty if they cannot be read."""
    try:
        token_parts = extract_compact(token.encode("ascii"), registry=_REGISTRY)
        header, claims = token_parts.headers(), json.loads(token_parts.payload or b"")
    except MALFORMED:
        return {}, {}
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


def verified_claims(token: str, key: RSAKey | ECKey, algorithm: str) -> Claims | None:
    """Returns the claims if `key` signed the token with `algorithm`; otherwise None.

    Keys in the header (`jwk`, `jku`, `x5u`, `x5c`) are ignored.
    """
    if ALGORITHMS.get(algorithm) != key_kind(key):
        return None
    try:
        return jwt.decode(token.encode("ascii"), key, algorithms=[algorithm], registry=_REGISTRY).claims
    except MALFORMED:
        return None


def key_kind(key: RSAKey | ECKey) -> str:
    """Returns the kind of the key, as in `ALGORITHMS`: `RSA`, or the name of its curve."""
    return "RSA" if isinstance(key, RSAKey) else key.curve_name


def check_times(claims: Claims, now: float, longest: float | None = None) -> float:
    """Returns the time when the token expires (Unix seconds).

    Raises ClaimError if it has expired, is not valid yet, or is valid for more than `longest` seconds from `now`. The
    clocks may differ by `SKEW_SECONDS`.
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
    """Returns a claim that is a NumericDate (RFC 7519 §2); None if it is missing. Raises ClaimError if it is wrong."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _ENDLESS:
        raise ClaimError(f"{name} must be seconds since 1970")
    return float(value)


_ENDLESS: Final = 2**40
"""About 35,000 years in seconds. A time must be less than this, which also excludes infinity and NaN."""
_REGISTRY: Final = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)
