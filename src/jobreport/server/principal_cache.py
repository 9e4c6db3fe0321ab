"""A request's header fields in; who was let in with the very same ones a moment ago, without looking again, out."""

from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from jobreport.identity.principals import Principal
from jobreport.model import ticks

MOMENT: Final = ticks.PER_SECOND
"""For so long an answer is good. A token, an app or a tenant that ends meanwhile is noticed when it is over."""
_MOST: Final = 1_000
_LONGEST: Final = 10_000
"""Bytes of the fields that are remembered: no token is longer, and what is written around one would fill memory."""

_Key = tuple[bytes, bytes]


class Admitted:
    """What `Authorization` and `Jobreport-Tenant` were found to say. For one thread only."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._known: dict[_Key, tuple[Principal, int]] = {}

    def find(self, scope: Scope) -> Principal | None:
        """Who was let in with the request's fields; None where somebody has to look."""
        key = _key(scope)
        if key is None or (known := self._known.get(key)) is None:
            return None
        who, since = known
        return who if 0 <= self._clock() - since < MOMENT else None

    def keep(self, scope: Scope, who: Principal) -> None:
        """Remembers who was just let in."""
        key = _key(scope)
        if key and len(key[0]) + len(key[1]) <= _LONGEST:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = who, self._clock()


def _key(scope: Scope) -> _Key | None:
    """What decides who asks, as bytes; None where it is there more than once, which somebody has to refuse."""
    authorization = tenant = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if authorization:
                return None
            authorization = value
        elif name == b"jobreport-tenant":
            if tenant:
                return None
            tenant = value
    return authorization, tenant
