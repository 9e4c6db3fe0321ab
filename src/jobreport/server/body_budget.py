"""Limits how much memory the bodies of requests may take, in all and for each sender.

A sender may use as much as is left free: half of the budget if nobody else sends, a quarter if another sender uses its
half. So no sender can use up the budget, however much it sends and however slowly, and later senders find room.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Final

from starlette.types import Scope

from jobreport.identity.principals import Principal

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of bodies that a process holds at once, received or in work; those apart that came in one piece."""


class Budget:
    """The bytes of bodies in memory, counted by sender. To be used in one thread only."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self._by_sender: Counter[Hashable] = Counter()

    def add(self, sender: Hashable, size: int) -> bool:
        """Reserves `size` more bytes for `sender`. Returns False, and reserves nothing, if that is too much."""
        free = self._size - self._held - size
        if self._by_sender[sender] + size > free:
            return False
        self._held += size
        self._by_sender[sender] += size
        return True

    def give_back(self, sender: Hashable, size: int) -> None:
        """Notes that `sender` uses `size` bytes less."""
        self._held -= size
        self._by_sender[sender] -= size
        if not self._by_sender[sender]:
            del self._by_sender[sender]


_budget: Final = Budget(MAX_HELD)
_HELD: Final = "body_held"


def hold(scope: Scope, size: int) -> bool:
    """Reserves memory until the request has `size` bytes in all; they stay reserved until `release`. Returns False if
    that is too much.
    """
    sender, held = scope.get(_HELD) or (_sender(scope.get("principal")), 0)
    if not _budget.add(sender, size - held):
        return False
    scope[_HELD] = sender, size
    return True


def release(scope: Scope) -> None:
    """Gives back the memory of the request's body. Called when the request has been answered."""
    if held := scope.pop(_HELD, None):
        _budget.give_back(*held)


def _sender(who: Principal | None) -> Hashable:
    """Returns the key by which the memory is counted. All clients that have not signed in count as one sender. So does
    a provider's app, since it could name one tenant after another.
    """
    if who is None:
        return None
    return who.client_id if who.is_provider else who.tenant
