"""Limits how much memory the bodies of requests may take, in all, for each tenant, and for each app of a tenant.

A tenant may use as much as is left free: half of the budget if nobody else sends, a quarter if another tenant uses its
half. An app may use as much as its tenant could still use besides: a third of the budget if nobody else sends. So
nobody can use up the budget, however much they send and however slowly. Later tenants find room, and so do later apps
of the same tenant.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Final, NamedTuple

from starlette.types import Scope

from jobreport.identity.principals import Principal

MAX_HELD: Final = 64 * 1024 * 1024
"""The most bytes of request bodies that a process keeps in memory at the same time, while they arrive or are processed.
Bodies that arrived in one piece are not counted."""


class Sender(NamedTuple):
    """By whom the memory is counted."""

    tenant: Hashable
    app: Hashable


class Budget:
    """The bytes of bodies in memory, counted by sender: a tenant and its app. To be used in one thread only."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self._by_tenant: Counter[Hashable] = Counter()
        self._by_app: Counter[Sender] = Counter()

    def add(self, sender: Sender, size: int) -> bool:
        """Reserves `size` more bytes for `sender`. Returns False, and reserves nothing, if that is too much."""
        free = self._size - self._held - size
        left_to_tenant = free - self._by_tenant[sender.tenant] - size
        if left_to_tenant < 0 or self._by_app[sender] + size > left_to_tenant:
            return False
        self._count(sender, size)
        return True

    def give_back(self, sender: Sender, size: int) -> None:
        """Notes that `sender` uses `size` bytes less."""
        self._count(sender, -size)
        if not self._by_app[sender]:
            del self._by_app[sender]
        if not self._by_tenant[sender.tenant]:
            del self._by_tenant[sender.tenant]

    def _count(self, sender: Sender, size: int) -> None:
        self._held += size
        self._by_tenant[sender.tenant] += size
        self._by_app[sender] += size


_budget: Final = Budget(MAX_HELD)
_HELD: Final = "body_held"


def hold(scope: Scope, size: int, sender: Sender | None = None) -> bool:
    """Reserves memory until the request has `size` bytes in all; they stay reserved until `release`. Returns False if
    that is too much. It is counted for who signed in, unless `sender` says for whom.
    """
    sender, held = scope.get(_HELD) or (sender or _sender(scope.get("principal")), 0)
    if not _budget.add(sender, size - held):
        return False
    scope[_HELD] = sender, size
    return True


def release(scope: Scope) -> None:
    """Gives back the memory of the request's body. Called when the request has been answered."""
    if held := scope.pop(_HELD, None):
        _budget.give_back(*held)


def _sender(who: Principal | None) -> Sender:
    """Returns by whom the memory is counted. All clients that have not signed in count as one tenant with one app. A
    provider's app counts as a tenant of its own, since it could name one tenant after another.
    """
    if who is None:
        return Sender(None, None)
    return Sender(who.client_id if who.is_provider else who.tenant, who.client_id)
