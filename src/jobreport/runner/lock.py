"""Lets only one of the runs that name the same lock work at a time, for each user of a machine."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import filelock

_POLL_SECONDS: Final = 0.2


class RunLock:
    """A lock that is released at the latest when the process ends. `folder` is made if it does not exist.

    Raises OSError if the folder cannot be used.
    """

    def __init__(self, folder: Path, name: str) -> None:
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:40]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{plain}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.lock"
        self._lock = filelock.FileLock(path, mode=0o600, thread_local=False)

    def take(self) -> bool:
        """Takes the lock if it is free. Returns whether it did."""
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        return True

    def wait(self, pause: Callable[[float], bool]) -> bool:
        """Takes the lock as soon as it is free. `pause(seconds)` waits, and returns True to give up; then this returns
        False.
        """
        while not self.take():
            if pause(_POLL_SECONDS):
                return False
        return True

    def release(self) -> None:
        """Releases the lock, for the next run that waits."""
        self._lock.release()
