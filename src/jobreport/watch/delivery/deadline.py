"""Bounds how long work may take that waits for somebody else, whatever it waits for.

A time limit of a socket counts anew with each byte. So the work has a thread, and nobody waits for that beyond the
limit; the thread ends when what it waits for does, and keeps no process from ending.
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
