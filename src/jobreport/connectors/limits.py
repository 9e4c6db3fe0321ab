"""Limits what another process may take, so that one that eats memory, or never ends, takes nothing else along."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

MB: Final = 1024 * 1024


def limit_memory(child: "subprocess.Popen[Any]", megabytes: int) -> None:
    """Limits the data that the process, and each that it starts from now on, may have (RLIMIT_DATA). Only on Linux."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):  # it has ended already
            resource.prlimit(child.pid, resource.RLIMIT_DATA, (megabytes * MB, megabytes * MB))


def kill(child: "subprocess.Popen[Any]") -> None:
    """Kills a process that was started in a session of its own, with all that it has started in it."""
    with suppress(OSError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


def terminate(child: "subprocess.Popen[Any]") -> None:
    """Asks a process that was started in a session of its own to end, with all that it has started in it."""
    with suppress(OSError):
        if sys.platform == "win32":
            child.terminate()
        else:
            os.killpg(child.pid, signal.SIGTERM)


def ended_with(code: int) -> str:
    """Returns in words how a process ended that gave this code: that of its exit, or less than 0 for a signal."""
    if code > 0:
        return f"ended with exit code {code}"
    try:
        return f"ended with the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"ended with the signal {-code}"
