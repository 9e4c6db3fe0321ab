"""Sees that of the runs that name the same lock only one is at work at a time, for each user of a machine."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import filelock

_POLL_SECONDS: Final = 0.2


class RunLock:
    """A lock that is given up with the process at the latest. `folder` is made where it is new.

    OSError where the folder cannot be used.
    """

    def __init__(self, folder: Path, name: str) -> None:
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:40]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{plain}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.lock"
        self._lock = filelock.FileLock(path, mode=0o600, thread_local=False)

    def take(self) -> bool:
        """Takes the lock if it is free."""
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        return True

    def wait(self, pause: Callable[[float], bool]) -> bool:
        """Takes the lock as soon as it is free; `pause(seconds)` waits and says whether to give up: False then."""
        while not self.take():
            if pause(_POLL_SECONDS):
                return False
        return True

    def release(self) -> None:
        """Gives the lock to whoever waits."""
        self._lock.release()
