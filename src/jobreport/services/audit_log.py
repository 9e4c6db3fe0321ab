"""Seals the audit log with the service's key, and notes by the hour how far each chain of it goes.

A chain that was tampered with is never sealed. Each tenant whose chain is found broken is logged once.
"""

from collections.abc import Callable
from typing import Final

import structlog

from jobreport.audit import checkpoints, sealing
from jobreport.audit.sealing import Keys
from jobreport.services.periodic import Periodic
from jobreport.store import Store

SEAL_SECONDS: Final = 5
"""How long an entry may be there without a seal."""
CHECKPOINT_SECONDS: Final = 60
"""How often is looked whether the hour is over."""

_log = structlog.get_logger()


class AuditLog:
    """The two services of the audit log, which share what they found broken.

    `keys` gives the keys that seal; None as long as the store has none.
    """

    def __init__(self, store: Store, keys: Callable[[], Keys | None]) -> None:
        self._store, self._keys = store, keys
        self._broken: set[int] = set()

    def seals(self) -> Periodic:
        """Seals what is not sealed, and when the server stops once more."""
        return Periodic("audit log not sealed", SEAL_SECONDS, self._seal, self._seal)

    def checkpoints(self) -> Periodic:
        """Notes the ends of the chains in the service's own chain, where it is an hour since the last time."""
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
