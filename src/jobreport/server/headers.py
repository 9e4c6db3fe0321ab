"""The header fields that every response has, to protect browsers and to keep answers out of caches."""

from typing import Final

Fields = list[tuple[bytes, bytes]]

SECURITY: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
"""Headers of every response."""
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")
"""A header of every response over TLS (RFC 6797): valid for a year, and only for this host name."""
NOTHING: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""A header of every response that is not a page: it may load nothing and be shown in no frame."""
_NO_STORE: Final = (b"cache-control", b"no-store")
_ALL: Final = (*SECURITY, _NO_STORE, NOTHING)
_NAMES: Final = frozenset(name for name, _ in _ALL)


def secured(fields: Fields, scheme: str) -> Fields:
    """Returns `fields` with the headers above added. A response keeps its own policies and its own caching rule, if it
    has them.

    `scheme`: http or https.
    """
    given = {name for name, _ in fields}
    headers = [*fields, *(_ALL if given.isdisjoint(_NAMES) else (one for one in _ALL if one[0] not in given))]
    if scheme == "https":
        headers.append(STRICT_TRANSPORT)
    return headers
