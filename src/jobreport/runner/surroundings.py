"""Gives a command the surroundings that it would have without us, and makes nobody wait for us instead of it.

A program between a command and its caller keeps a second end of every pipe that was handed down open. A process that
reads from the command, or writes to it, would notice its end only when we end, perhaps ten minutes later, while we
deliver a report. So once the command runs, we close our copies of what only the command needs.
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
    """Returns the descriptors beyond the standard ones that were handed to us for writing, such as those of `>(gzip)`.

    Our own are never among them, as Python makes its descriptors not inheritable. Call it before anything else is
    opened. Descriptors for reading are left out: one may lead to our own secret, and a process that writes to it does
    not wait for us.
    """
    descriptors = []
    for name in _listed(Path("/dev/fd")):
        descriptor = int(name)
        with contextlib.suppress(OSError):  # the one through which the folder is read is closed by now
            if descriptor >= _STANDARD and os.get_inheritable(descriptor) and _is_written(descriptor):
                descriptors.append(descriptor)
    return descriptors


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
    """Closes our own copies of the descriptors."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def let_go(descriptor: int | None) -> None:
    """Replaces a standard descriptor by the null device, so that the process at its other end no
    longer waits for us.
    """
    if descriptor is not None:
        with contextlib.suppress(OSError):
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, descriptor, inheritable=False)
            os.close(nothing)


def same_place(one: int | None, other: int | None) -> bool:
    """Returns whether both descriptors lead to the same file, pipe, terminal or socket; False if
    one of them is closed.
    """
    if one is None or other is None:
        return False
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def can_wait_for_children() -> None:
    """Undoes that SIGCHLD is ignored, if we were started so, for us and for the command.

    Otherwise the exit code of a child is lost, and Python takes it for 0.
    """
    if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
