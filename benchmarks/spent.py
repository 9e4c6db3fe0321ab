"""Runs a command to its end, and says what that took."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# A process begins with the memory of the one that starts it counted as its own. So a small one starts the command.
_BETWEEN: Final = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def spent(words: Sequence[str | Path]) -> tuple[float, float]:
    """Seconds, and MiB of memory at most, of the whole command, its start among them."""
    between = [sys.executable, "-S", "-c", _BETWEEN, *words]
    done = subprocess.run(between, stdout=subprocess.PIPE, text=True, check=True)
    seconds, kib = done.stdout.split()
    return float(seconds), float(kib) / 1024
