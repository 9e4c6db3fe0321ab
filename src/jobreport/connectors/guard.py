"""Ends a program when the process that reads it dies, whatever killed that: nobody else would end it then.

A shell waits for the end of a pipe that only this process holds. The kernel closes it when this process is gone, and
the shell kills the program's process group.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_SHELL: Final = ("/bin/sh", "-c", 'read -r _; kill -KILL "-$1"', "jobreport-guard")


@contextmanager
def guarded(child: "subprocess.Popen[Any]") -> Iterator[None]:
    """Guards a program, which leads a process group of its own, until the end of the block. Where there is no shell,
    as on Windows, nobody does.
    """
    guard = None
    if sys.platform != "win32":
        with suppress(OSError):
            guard = subprocess.Popen(  # noqa: S603 - the words are ours, and a number
                [*_SHELL, str(child.pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
    try:
        yield
    finally:
        if guard:
            _end(guard)


def _end(guard: "subprocess.Popen[bytes]") -> None:
    with guard:  # waits, and closes the pipe
        guard.kill()
