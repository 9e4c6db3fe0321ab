"""Checks that the head of a request is within limits, and that it can be read in one way only.

A head that two servers may read in two ways lets a client hide one request inside another behind a proxy (request
smuggling). So everything doubtful is refused, and nothing is repaired. The parser itself already refuses some of it:
`Content-Length` beside `Transfer-Encoding`, lengths that are not numbers, spaces before a colon, lone line ends. That
is not checked again here.
"""

import re
from typing import Any, Final

from jobreport.server.headers import Fields
from jobreport.server.refusal import Refusal

MAX_HEAD: Final = 80 * 1024
"""The longest head of a request, in bytes: its request line and all header fields."""
MAX_FIELDS: Final = 100
"""The most header fields of a request."""
MAX_URL: Final = 62 * 1024
"""The longest request target, in bytes: enough for the longest question that the query language allows."""

_LONG_HEAD: Final = Refusal(
    431, f"The request has more than {MAX_FIELDS} header fields, or {MAX_HEAD} bytes of them.", "header too large"
)
_LONG_URL: Final = Refusal(414, f"The address of a request has at most {MAX_URL} bytes.", "address too long")
_VERSION: Final = Refusal(505, "The server speaks HTTP/1.1 and HTTP/1.0.", "other version of HTTP")
_NO_HOST: Final = Refusal(400, "A request of HTTP/1.1 has one Host header field.", "no host")
_HOSTS: Final = Refusal(400, "A request has one Host header field, not several.", "several hosts")
_BAD_HOST: Final = Refusal(400, "The Host header field is a name or an address, with or without a port.", "bad host")
_CODING: Final = Refusal(501, "Of transfer codings, the server knows chunked alone.", "unknown transfer coding")
_BAD_CODING: Final = Refusal(
    400, "Transfer-Encoding is `chunked`, once, and only in HTTP/1.1.", "transfer coding without an end"
)

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[A-Za-z0-9:._~%-]+\])(?::[0-9]*)?")
"""The valid values of the Host header (RFC 9110 §7.2, with RFC 3986 §3.2.2)."""
_CHUNKED: Final = b"chunked"


class _Dropped(list[Any]):
    """A list that stays empty. The parser puts trailers into it, which nobody here needs."""

    def append(self, _field: object) -> None:
        """Ignores the field."""


DROPPED: Final = _Dropped()


def refusal(version: str, url: bytes, fields: Fields, received: int) -> Refusal | None:
    """Returns what is wrong with a head of HTTP `version`, such as "1.1"; None if nothing is.

    `fields` are its header fields, their names in lower case. `received` are the bytes that came, perhaps with some of
    the body.
    """
    if len(url) > MAX_URL:
        return _LONG_URL
    if len(fields) > MAX_FIELDS or (received > MAX_HEAD and _size(url, fields) > MAX_HEAD):
        return _LONG_HEAD
    host: bytes | None = None
    codings: list[bytes] = []
    for name, value in fields:
        if name == b"host":
            if host is not None:
                return _HOSTS
            host = value
        elif name == b"transfer-encoding":
            codings += [coding.strip(b" \t").lower() for coding in value.split(b",")]
    if version != "1.1" and version != "1.0":
        return _VERSION
    if host is None:
        if version == "1.1":
            return _NO_HOST
    elif not _HOST.fullmatch(host.strip(b" \t")):
        return _BAD_HOST
    return _refusal_of_codings(version, codings) if codings else None


def _refusal_of_codings(version: str, codings: list[bytes]) -> Refusal | None:
    """Refuses a body whose last coding is not `chunked`, since nobody knows where it ends (RFC 9112 §6.1 and §6.3)."""
    if version == "1.0" or codings[-1] != _CHUNKED or codings.count(_CHUNKED) > 1:
        return _BAD_CODING
    return _CODING if len(codings) > 1 else None


def too_long(url: bytes) -> Refusal:
    """Returns the refusal of a head that has not ended and is already longer than `MAX_HEAD`. `url` is the part of its
    address that came.
    """
    return _LONG_URL if len(url) > MAX_URL else _LONG_HEAD


def _size(url: bytes, fields: Fields) -> int:
    """Returns the length of a head in bytes, with the four bytes that separate each field from the next."""
    return len(url) + sum(len(name) + len(value) + 4 for name, value in fields)


def body_line(fields: Fields) -> bytes:
    """Returns the one header line that says how long the body of a valid head is; empty if there is no body."""
    for name, value in fields:
        if name in (b"transfer-encoding", b"content-length"):
            return name + b": " + value + b"\r\n"
    return b""
