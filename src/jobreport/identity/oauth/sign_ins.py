"""Each sign-in, and each one refused, in; counts that go to the store together, for its audit log, out."""

import threading
from typing import Final

from jobreport.store import Store
from jobreport.store.registry import sign_ins
from jobreport.store.registry.sign_ins import Key
from jobreport.store.schema.rows import keepable

MAX_CLIENT: Final = 64
"""Characters of a client ID; no app of ours has one that is longer."""
_MOST: Final = 10_000
"""Clients and addresses that are counted apart between two flushes; further ones are counted together."""


class SignIns:
    """What has not been written yet. Safe between threads: a sign-in waits for no disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, tuple[int, int]] = {}

    def granted(self, client: str, address: str, now: int) -> None:
        """Counts a sign-in at `now` (ticks)."""
        self._add((client, address, sign_ins.hour_of(now)), 1, 0)

    def refused(self, client: str, address: str, now: int) -> None:
        """Counts one that was refused; `client` is what it claimed to be, which need not be an app."""
        claimed = client if len(client) <= MAX_CLIENT and keepable(client) else ""
        self._add((claimed, address, sign_ins.hour_of(now)), 0, 1)

    def _add(self, key: Key, granted: int, refused: int) -> None:
        with self._lock:
            if key not in self._counts and len(self._counts) >= _MOST:
                key = ("", "", key[2])
            before = self._counts.get(key, (0, 0))
            self._counts[key] = before[0] + granted, before[1] + refused

    def flush(self, store: Store) -> None:
        """Adds what was counted to the store's counts; where it cannot, that waits for the next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            with store.writing() as transaction:
                sign_ins.add(transaction, counts)
        except BaseException:
            for key, (granted, refused) in counts.items():
                self._add(key, granted, refused)
            raise

    def close_hours(self, store: Store) -> int:
        """Moves the counts of hours that are over into the audit log; how many entries that makes."""
        with store.writing() as transaction:
            return sign_ins.move_to_audit_log(transaction, store.clock())
