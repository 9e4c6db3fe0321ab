"""A first look at 50,000 jobs of an origin, against its list into a file and the import of that; and its memory.

The origin is a program, which lists faster than any network would: so what the machine itself costs is what is seen.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench import Bench
from data import PROGRAM
from figure import Bar, Figure
from jobreport.store import open_store
from places import scratch
from progress import step
from spent import Spent, spent

_JOBS: Final = 50_000
_FEW: Final = 5_000
_ORIGIN: Final = """
import json, sys
from datetime import UTC, datetime, timedelta

first = datetime(2026, 1, 1, tzinfo=UTC)
for number in range(int(sys.argv[1])):
    start = first + timedelta(minutes=number)
    job = {"jobId": f"nas-1:{number}", "serviceType": "FileShare", "jobType": "FileBackup", "state": "Successful"}
    job |= {"startTime": start.isoformat(), "finishTime": (start + timedelta(seconds=50)).isoformat()}
    job |= {"plan": f"nightly {number % 40}", "resource": f"/srv/{number % 400}", "successfulCount": 5}
    print(json.dumps(job | {"raw": {"number": number, "log": "copied " * 50}}))
"""


def measure(bench: Bench) -> Iterator[Figure]:
    """The whole command, its start among them, with an origin that is a program of Python's."""
    with tempfile.TemporaryDirectory(prefix="collect-") as name:
        folder = Path(name)
        (folder / "origin.py").write_text(_ORIGIN)
        with step(f"Collecting {_JOBS:,} jobs"):
            apart = [_apart(bench, folder, _JOBS) for _ in range(bench.options.rounds)]
            runs = [_ours(bench, folder, _JOBS) for _ in range(bench.options.rounds)]
            few = [_ours(bench, folder, _FEW) for _ in range(bench.options.rounds)]
    took = statistics.median(one.seconds for one in runs)
    yield Figure(
        f"first look at {_JOBS:,} jobs of an origin",
        took,
        "s",
        statistics.median(apart),
        "the origin's list into a file, and `jobreport import` of it",
        Bar(1.5),
        "",
        f"{_JOBS / took:,.0f} jobs/s",
        free=True,
    )
    yield Figure(
        "its memory",
        max(one.memory for one in runs),
        "MiB",
        max(one.memory for one in few),
        f"of a look at {_FEW:,} jobs",
        Bar(1.3),
        free=True,
    )


def _apart(bench: Bench, folder: Path, jobs: int) -> float:
    """Seconds of the origin alone and of an import."""
    with scratch(bench.kind, "apart") as place:
        open_store(place.url, migrate=True).close()
        started = time.perf_counter()
        with (folder / "jobs.ndjson").open("wb") as file:
            subprocess.run([sys.executable, folder / "origin.py", str(jobs)], stdout=file, check=True)
        words = [PROGRAM, "import", folder / "jobs.ndjson", "--store", place.url]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started


def _ours(bench: Bench, folder: Path, jobs: int) -> Spent:
    """What `jobreport collect` takes."""
    command = ", ".join(f'"{word}"' for word in (sys.executable, folder / "origin.py", jobs))
    config = folder / "jobreport.toml"
    config.write_text(f'[[connector]]\nkind = "exec"\nname = "nas"\nsees = "runs"\ncommand = [{command}]\n')
    with scratch(bench.kind, "collect") as place:
        open_store(place.url, migrate=True).close()
        words = [PROGRAM, "collect", "nas", "--once", "--config", config, "--store", place.url]
        return spent(words)
