"""Checks that a token is a JWS in compact form, strictly by RFC 7515 §3.1, before anything else reads it.

Libraries accept more: duplicate members, several spellings of the same base 64, and extensions that change how the rest
is read. Then two programs could read different things in the same token. No honest issuer sends any of these.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NoReturn

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_EXTENSIONS: Final = frozenset({"crit", "b64", "zip"})
"""Header parameters that change how a token is read (RFC 7515 §4.1.11, RFC 7797 §3); none is accepted."""


class FormError(ValueError):
    """Raised if a token is not in the strict form. The message says why, and does not contain the token."""


def check(token: str) -> None:
    """Raises FormError unless the token has three parts in canonical base 64; header and claims must be JSON objects.

    It verifies neither the signature nor any claim.
    """
    form = _FORM.fullmatch(token)
    if not form:
        raise FormError("it is no signed token in compact form")
    header, payload, _ = map(_decoded, form.groups())
    if _EXTENSIONS & _object(header).keys():
        raise FormError("its header changes how it is read")
    _object(payload)


def _decoded(part: str) -> bytes:
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise FormError("a part of it is not in base 64") from None
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise FormError("a part of it could be written in another way")
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise FormError("its header or its claims are not plain JSON") from None
    if not isinstance(value, dict):
        raise FormError("its header or its claims are no object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
