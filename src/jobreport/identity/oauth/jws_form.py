"""A token in; whether it is written in the one way in which a signed token is written (RFC 7515 §3.1), out.

Libraries are lenient where standards leave them room: members that are there twice, base 64 in several spellings,
extensions that change how the rest is read. None of it comes from an honest issuer, so that none of it is let in.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NoReturn

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_EXTENSIONS: Final = frozenset({"crit", "b64", "zip"})
"""Header parameters that change how a token is read (RFC 7515 §4.1.11, RFC 7797 §3); nobody here needs one."""


class FormError(ValueError):
    """A token that is not written as it must be; the message says why, without the token."""


def check(token: str) -> None:
    """Returns where the token has three parts, each in its one spelling, and header and claims are plain objects.

    FormError otherwise. Nothing is verified: what a token says is for others to judge.
    """
    found = _FORM.fullmatch(token)
    if not found:
        raise FormError("it is no signed token in compact form")
    header, payload, _ = map(_decoded, found.groups())
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
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
