"""How much memory the bodies of requests may take, in all and for each sender.

A sender may hold as much as is left free: half of the budget where nobody else sends, a quarter where one other holds
its half. So no sender can use it up, whatever it sends and however slowly, and one that comes later finds room.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Final

from starlette.types import Scope

from jobreport.identity.principals import Principal

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of bodies that a process holds at once, received or in work; those apart that came in one piece."""


class Budget:
    """The bytes of bodies that are held, by their senders. For one thread only."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self._by_sender: Counter[Hashable] = Counter()

    def add(self, sender: Hashable, size: int) -> bool:
        """Whether `sender` may hold `size` bytes more; it then does."""
        free = self._size - self._held - size
        if self._by_sender[sender] + size > free:
            return False
        self._held += size
        self._by_sender[sender] += size
        return True

    def give_back(self, sender: Hashable, size: int) -> None:
        """`sender` holds `size` bytes less."""
        self._held -= size
        self._by_sender[sender] -= size
        if not self._by_sender[sender]:
            del self._by_sender[sender]


_budget: Final = Budget(MAX_HELD)
_HELD: Final = "body_held"


def hold(scope: Scope, size: int) -> bool:
    """Whether the request may hold `size` bytes in all; it then does until `release`."""
    sender, held = scope.get(_HELD) or (_sender(scope.get("principal")), 0)
    if not _budget.add(sender, size - held):
        return False
    scope[_HELD] = sender, size
    return True


def release(scope: Scope) -> None:
    """Gives back what the request's body took; called when it was answered."""
    if held := scope.pop(_HELD, None):
        _budget.give_back(*held)


def _sender(who: Principal | None) -> Hashable:
    """All who have not signed in are one sender. A provider's app is one too: it could name a tenant after another."""
    if who is None:
        return None
    return who.client_id if who.is_provider else who.tenant
