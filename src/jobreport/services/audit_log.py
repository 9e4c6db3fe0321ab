"""Seals the audit log with the service's key every few seconds, and writes a checkpoint of its chains every hour.

A chain that somebody changed is never sealed. If a tenant's chain is found broken, that is logged once.
"""

from collections.abc import Callable
from typing import Final

import structlog

from jobreport.audit import checkpoints, sealing
from jobreport.audit.sealing import Keys
from jobreport.services.periodic import Periodic
from jobreport.store import Store

SEAL_SECONDS: Final = 5
"""An entry is without a seal for about this long."""
CHECKPOINT_SECONDS: Final = 60
"""Seconds between two checks whether the hour is over."""

_log = structlog.get_logger()


class AuditLog:
    """The two services of the audit log. They share the list of chains that were found broken.

    `keys` returns the keys for seals; None as long as the store has no keys.
    """

    def __init__(self, store: Store, keys: Callable[[], Keys | None]) -> None:
        self._store, self._keys = store, keys
        self._broken: set[int] = set()

    def seals(self) -> Periodic:
        """Returns the service that seals new entries, and does so once more when the server stops."""
        return Periodic("audit log not sealed", SEAL_SECONDS, self._seal, self._seal)

    def checkpoints(self) -> Periodic:
        """Returns the service that writes a checkpoint if the last one is at least an hour old."""
        return Periodic("ends of the audit log not noted", CHECKPOINT_SECONDS, self._note)

    def _seal(self) -> None:
        if sealing.needs_sealing(self._store) and (keys := self._keys()):
            self._tell({chain.tenant for chain in sealing.seal(self._store, keys)})

    def _note(self) -> None:
        if checkpoints.is_due(self._store) and (keys := self._keys()):
            self._tell({*checkpoints.write(self._store, keys)})

    def _tell(self, broken: set[int]) -> None:
        if broken - self._broken:
            _log.error("audit log broken", tenants=sorted(broken), hint="jobreport audit --verify")
            self._broken |= broken
