"""Counts sign-ins, refused ones, and pings in memory, and writes the counts to the store, for the audit log.

They are written every few seconds, so a sign-in does not wait for the disk. If the server crashes, the counts of these
seconds are lost.
"""

import threading
from typing import Final

from jobreport.store import Store
from jobreport.store.registry import sign_ins
from jobreport.store.registry.sign_ins import Key
from jobreport.store.schema.rows import storable

MAX_CLIENT: Final = 80
"""The most characters of a client ID, or of an operator's name with its prefix, that are recorded."""
_MOST: Final = 10_000
"""At most this many pairs of client and address are counted separately between two writes. Others share one count."""


class SignIns:
    """The counts that are not written yet. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, tuple[int, int]] = {}

    def granted(self, client: str, address: str, now: int) -> None:
        """Counts a sign-in at `now` (ticks)."""
        self._add((client, address, sign_ins.hour_of(now)), 1, 0)

    def refused(self, client: str, address: str, now: int) -> None:
        """Counts a refused sign-in at `now` (ticks). `client` is the client ID of the request; it need not exist."""
        claimed = client if len(client) <= MAX_CLIENT and storable(client) else ""
        self._add((claimed, address, sign_ins.hour_of(now)), 0, 1)

    def _add(self, key: Key, granted: int, refused: int) -> None:
        with self._lock:
            if key not in self._counts and len(self._counts) >= _MOST:
                key = (sign_ins.INBOX if key[0].startswith(sign_ins.INBOX) else "", "", key[2])
            before = self._counts.get(key, (0, 0))
            self._counts[key] = before[0] + granted, before[1] + refused

    def flush(self, store: Store) -> None:
        """Adds the counts to those in the store. If that fails, they are kept for the next time."""
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
        """Moves the counts of the hours that are over to the audit log. Returns the number of new entries."""
        with store.writing() as transaction:
            return sign_ins.move_to_audit_log(transaction, store.clock())
