"""Runs a command to its end, and says what that took."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

# A process begins with the memory of the one that starts it counted as its own. So a small one starts the command.
_BETWEEN: Final = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
took = time.perf_counter() - started
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(took, spent.ru_maxrss, spent.ru_utime + spent.ru_stime)
"""


class Spent(NamedTuple):
    """Seconds, MiB of memory at most, and seconds of processor time of a whole command, its start among them."""

    seconds: float
    memory: float
    processor: float


def spent(words: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Spent:
    """Runs a command, in this environment or in ours."""
    between = [sys.executable, "-S", "-c", _BETWEEN, *words]
    done = subprocess.run(between, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    seconds, kib, processor = done.stdout.split()
    return Spent(float(seconds), float(kib) / 1024, float(processor))
