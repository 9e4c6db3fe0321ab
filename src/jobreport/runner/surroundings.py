"""Sees that a command finds around it what it would find without us, and that nobody waits for us instead of it.

A program between a command and its caller changes more than it says: it holds a second end of every pipe that was
handed down. Whoever reads from the command, or writes to it, would learn of its end only with ours, which may be ten
minutes later, while we deliver a report. So once the command runs, we let go of what is its alone.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_STANDARD = 3
"""The descriptors below are standard input, output and error."""


def inherited_outputs() -> list[int]:
    """The descriptors beyond the standard ones that were handed to us for writing, such as those of `>(gzip)`.

    Ours are never among them: Python makes no descriptor that a command inherits. To be asked before anything else
    is opened. Those for reading stay out: one may lead to our own secret, and who writes there does not wait for us.
    """
    found = []
    for name in _listed(Path("/dev/fd")):
        descriptor = int(name)
        with contextlib.suppress(OSError):  # the one through which the folder is read is closed by now
            if descriptor >= _STANDARD and os.get_inheritable(descriptor) and _is_written(descriptor):
                found.append(descriptor)
    return found


def _listed(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.isdecimal()]  # noqa: PTH208 - names, not paths
    except OSError:
        return []


def _is_written(descriptor: int) -> bool:
    if sys.platform == "win32":
        return False
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def close(descriptors: Iterable[int]) -> None:
    """Closes our own copies."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def let_go(descriptor: int | None) -> None:
    """Puts the null device in the place of a standard descriptor: its other end hears of no more from us."""
    if descriptor is not None:
        with contextlib.suppress(OSError):
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, descriptor, inheritable=False)
            os.close(nothing)


def same_place(one: int | None, other: int | None) -> bool:
    """Whether both descriptors lead to the same file, pipe, terminal or socket; False where one is closed."""
    if one is None or other is None:
        return False
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def can_wait_for_children() -> None:
    """Where we were started with SIGCHLD ignored, takes that back, for us and for the command.

    The exit code of a child is lost otherwise, and Python then takes it for 0.
    """
    if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
