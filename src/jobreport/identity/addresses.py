"""What a server process knows of addresses that were pinged, so that not every ping reads it again.

It may be some seconds old. So who writes what a ping does looks again whether the address is still the inbox's; only a
tenant that was suspended is noticed later, as it is by its apps.
"""

import time
from collections.abc import Callable
from typing import Final

from jobreport.identity import inboxes
from jobreport.identity.keys.encryption import SecretKey
from jobreport.store import Store
from jobreport.store.registry.inboxes import Addressee, Inbox

KNOWN_SECONDS: Final = 5.0
"""For so long what was found is taken as known."""
_MOST: Final = 10_000


class Addresses:
    """The addresses that were found. What there is not is never kept. Thread-safe. `secret` encrypts the addresses of
    inboxes that pings make; None: nobody can see them.
    """

    def __init__(
        self, store: Store, secret: SecretKey | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._secret, self._clock = store, secret, clock
        self._known: dict[tuple[str, str], tuple[float, Addressee]] = {}

    def find(self, secret: str, slug: str, *, fresh: bool = False) -> Addressee | None:
        """Returns the inbox with this address, or with this slug below this ping key, as `identity.inboxes` does.

        `fresh`: as it is now.
        """
        now = self._clock()
        until, known = self._known.get((secret, slug), (0.0, None))
        if known and not fresh and until > now:
            return known
        found = inboxes.find_slug(self._store, secret, slug) if slug else inboxes.find(self._store, secret)
        if found is None or found.inbox is None:
            self._known.pop((secret, slug), None)
            return found
        if len(self._known) >= _MOST:
            self._known = {}
        self._known[secret, slug] = now + KNOWN_SECONDS, found
        return found

    def make(self, tenant: int, slug: str) -> Inbox | None:
        """Makes the inbox of a slug, as `create_by_slug` of `identity.inboxes` does."""
        return inboxes.create_by_slug(self._store, tenant, slug, self._secret)
