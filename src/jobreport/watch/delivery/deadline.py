"""Limits how long a call to somebody else's service may take in all.

A socket's own time-out begins again with each byte. So the call runs in a thread, and nobody waits for that thread
beyond the limit. The thread ends when the call does, and does not keep the process from ending.
"""

import threading
from collections.abc import Callable


class TooLongError(Exception):
    """Raised if the work was not done in time. It may be done yet."""


def within(seconds: float, work: Callable[[], object]) -> None:
    """Does the work in a thread. Raises what it raises; TooLongError if it takes longer than that."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was wanted
            faults.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TooLongError
    if faults:
        raise faults[0]
