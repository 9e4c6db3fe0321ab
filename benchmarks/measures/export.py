"""Seconds and memory of `jobreport export` for each format, against the sqlite3 shell with the same rows as CSV."""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cores
from bench import Bench
from data import PROGRAM
from figure import Bar, Figure
from jobreport.export.recount import Lines
from jobreport.model.query import JobFilter, JobQuery
from options import TENANT
from progress import step
from schema import EXPORTED
from spent import Spent, spent

_BARS: Final = {"csv": Bar(6), "ndjson": None, "parquet": Bar(10), "xlsx": None}
"""How many times what the shell takes. The forms without a bar have no other that writes the same."""
_AGAINST: Final = "`sqlite3 -csv` with the same rows"
_MEMORY: Final = Bar(200)
_WORKBOOK: Final = "xlsx"
_WORKBOOK_JOBS: Final = 1_000_000
"""A workbook takes minutes: it is measured once, with so many of the newest jobs."""


def measure(bench: Bench) -> Iterator[Figure]:
    """All jobs of the largest tenant, newest first, into a file."""
    jobs = bench.store.list_jobs(bench.tenant, JobQuery(size=1)).total
    with tempfile.TemporaryDirectory(prefix="export-") as folder, cores.on(cores.SERVER):
        shell = _shell(bench, Path(folder), jobs)
        for form, bar in _BARS.items():
            rounds, number, since = min(3, bench.options.rounds), jobs, None
            if form == _WORKBOOK:
                rounds, (number, since) = 1, _newest(bench)
            with step(f"Exporting {number:,} jobs as {form}"):
                runs = [_ours(bench, Path(folder) / f"jobs.{form}", since) for _ in range(rounds)]
            took = statistics.median(one.seconds for one in runs)
            note = f"{number / took:,.0f} jobs/s"
            words = f"export of {number:,} jobs as {form}"
            if number == jobs:
                yield Figure(words, took, "s", shell, _AGAINST, bar if shell else None, "", note, free=True)
            else:
                yield Figure(words, took, "s", None, "", None, "", note, free=True)
            most = max(one.memory for one in runs)
            yield Figure(f"its memory as {form}", most, "MiB", None, "", _MEMORY, "", free=True)


def _newest(bench: Bench) -> tuple[int, int | None]:
    """How many jobs a workbook is measured with, and since when they are, in ticks; None: all."""
    there = bench.store.list_jobs(bench.tenant, JobQuery(page=_WORKBOOK_JOBS - 1, size=1))
    if not there.lines:
        return there.total, None
    since = there.lines[0].start
    return bench.store.list_jobs(bench.tenant, JobQuery(where=JobFilter(since=since), size=1)).total, since


def _ours(bench: Bench, file: Path, since: int | None) -> Spent:
    """What the whole command takes, its start among it."""
    words = [PROGRAM, "export", "--store", bench.place.url, "--tenant", TENANT, "-o", file]
    words += ["--since", str(since)] if since else []
    return spent(words)


def _shell(bench: Bench, folder: Path, jobs: int) -> float | None:
    """Seconds of the shell; None where there is none, or no file for it."""
    program, path = shutil.which("sqlite3"), bench.place.path
    if not (program and path):
        return None
    found: list[float] = []
    with step("The same by the sqlite3 shell"):
        for _ in range(min(3, bench.options.rounds)):
            with (folder / "shell.csv").open("wb") as out:
                started = time.perf_counter()
                subprocess.run([program, "-csv", path, EXPORTED.format(bench.tenant)], stdout=out, check=True)
                found.append(time.perf_counter() - started)
    lines = Lines("csv")
    with (folder / "shell.csv").open("rb") as file:
        while piece := file.read(1 << 20):
            lines.add(piece)
    assert lines.jobs == jobs - 1  # it writes no names of columns
    return statistics.median(found)
