"""What it costs to keep series, causes, sums, and the days of ends: writes with them against the same without."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cores
from bench import Bench
from figure import Bar, Figure
from measures.importing import lines_of
from places import scratch
from progress import step
from without import SINGLE

_MOST: Final = 300_000
"""Jobs of one import."""
_PROGRAM: Final = Path(__file__).resolve().parent.parent / "without.py"


def measure(bench: Bench) -> Iterator[Figure]:
    """Imports and single writes, by turns with and without; of all rounds the fastest counts."""
    jobs = min(bench.options.imported, _MOST)
    lines = lines_of(jobs)
    clock = "s of processor time" if bench.sqlite else "s"
    for how, what in (("import", f"import of {jobs:,} jobs"), ("single", f"{SINGLE:,} single writes")):
        took: dict[str, list[float]] = {"kept": [], "without": []}
        with step(f"{what}, with and without series"):
            for _ in range(max(3, bench.options.rounds)):
                for kind, seconds in took.items():
                    seconds.append(_seconds(bench, lines, kind, how))
        yield Figure(
            f"{what}, with series, causes, sums and ends kept",
            min(took["kept"]),
            clock,
            min(took["without"]),
            "the same without",
            Bar(1.15),
            free=True,
        )


def _seconds(bench: Bench, lines: Path, kind: str, how: str) -> float:
    with scratch(bench.kind, "kept") as place:
        words = [sys.executable, str(_PROGRAM), place.url, str(lines), kind, how]
        done = subprocess.run(cores.pinned(words, cores.SERVER), capture_output=True, text=True, check=True)
    return float(done.stdout)
