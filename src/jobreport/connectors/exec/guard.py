"""Ends a program when the process that reads it dies, whatever killed that: nobody else would end it then.

A shell waits for the end of a pipe that only this process holds. The kernel closes it when this process is gone, and
the shell kills the program's process group.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_SHELL: Final = ("/bin/sh", "-c", 'read -r _; kill -KILL "-$1"', "jobreport-guard")


@contextmanager
def guarded(child: "subprocess.Popen[Any]") -> Iterator[None]:
    """Guards a program, which leads a process group of its own, until the end of the block. Not on Windows."""
    if sys.platform == "win32":
        yield
        return
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
        guard.kill()
        guard.wait()
        if guard.stdin:
            guard.stdin.close()
