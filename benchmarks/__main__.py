"""Builds a store of JOBS jobs (100,000), then prints one table: ours beside the bare limit, as ratios of one run."""

import asyncio
import json
import os
import platform
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from jobreport.identity import registrations
from jobreport.identity.permissions import READ_WRITE
from jobreport.intake import load as intake
from jobreport.intake.parse import parse
from jobreport.intake.source import Source
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.verdict import StoredJob
from jobreport.model.wire import job_to_wire
from jobreport.store import Store, open_store
from jobreport.store.rows import values
from jobreport.store.schema import job as table
from load import Figures, load, request

JOBS = int(os.environ.get("JOBS", "100000"))
ROUNDS, SECONDS, CONNECTIONS = 5, 2.0, 8
HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".bench"
BODY = json.dumps(
    {"serviceType": ServiceType.VM, "jobType": JobType.Backup, "pagination": {"pageNumber": 0, "pageSize": 10}}
).encode()


def jobs(number: int) -> Iterator[Job]:
    """A year of jobs, the same at each run; one in forty of them is of the pair that is asked for."""
    dice = random.Random(7)
    start = 639_000_000_000_000_000
    kinds = [(service, kind) for service in list(ServiceType)[:8] for kind in (1, 2, 4, 8, 64)]
    for count in range(number):
        service, kind = kinds[count % len(kinds)]
        began = start + count * (365 * ticks.PER_DAY // number) + dice.randrange(ticks.PER_SECOND)
        yield Job(
            job_id=f"FB{ticks.to_datetime(began):%Y%m%d%H%M%S}{count:09d}",
            service=service,
            type=JobType(kind),
            state=dice.choice([JobState.Successful] * 9 + [JobState.Exception]),
            start=began,
            finish=began + dice.randrange(ticks.PER_SECOND, 3600 * ticks.PER_SECOND),
            successful=1,
            total=1,
            description=f"server-{dice.randrange(500)} nightly",
            observed=began,
        )


def build(path: Path) -> tuple[Store, float]:
    """The store with its jobs, and how many of them were recorded a second."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    store = open_store(f"sqlite:///{path}")
    tenant = store.tenant_id("bench", create=True)
    assert tenant == 1
    batch: list[Job] = []
    started = time.perf_counter()
    for job in jobs(JOBS):
        batch.append(job)
        if len(batch) == 10_000:
            store.record(tenant, batch)
            batch.clear()
    store.record(tenant, batch)
    return store, JOBS / (time.perf_counter() - started)


def bare_insert(path: Path, like: Path) -> float:
    """Rows a second of a bare `executemany` into the same tables and indexes."""
    path.unlink(missing_ok=True)
    source, target = sqlite3.connect(like), sqlite3.connect(path)
    for (statement,) in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rootpage"):
        target.execute(statement)
    names = [column.name for column in table.columns]
    statement = f"INSERT INTO job ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    rows = [values(1, StoredJob(job=job, received=job.start, heard=job.start)) for job in jobs(JOBS)]
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    started = time.perf_counter()
    for first in range(0, JOBS, 10_000):
        with target:
            target.executemany(statement, rows[first : first + 10_000])
    return JOBS / (time.perf_counter() - started)


def imported(path: Path, lines: Path) -> float:
    """Jobs a second of `jobreport import`, without its start, from a file of the same jobs."""
    with lines.open("wb") as file:
        file.writelines(msgspec.json.encode(job_to_wire(job)) + b"\n" for job in jobs(JOBS))
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    store, loaded = open_store(f"sqlite:///{path}"), intake.Loaded()
    tenant = store.tenant_id("bench", create=True) or 0
    with lines.open("rb") as file:
        started = time.perf_counter()
        for _ in intake.load(store, tenant, parse(Source(file), store.clock()), loaded, lambda line: None):
            pass
        took = time.perf_counter() - started
    store.close()
    assert (loaded.created, loaded.refused) == (JOBS, 0)
    return JOBS / took


@contextmanager
def process(arguments: list[str], port: int, **environment: str) -> Iterator[None]:
    """A server on a core of its own, where the machine lets us choose."""
    pinned = ["taskset", "-c", "0", *arguments] if sys.platform == "linux" and (os.cpu_count() or 1) > 1 else arguments
    with (FOLDER / "server.log").open("w") as log:
        server = subprocess.Popen(pinned, env=os.environ | environment, stdout=log, stderr=log)
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait(15)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def measure(port: int, token: str = "") -> Figures:
    """One round."""
    sent = request("/api/public/jobreport", "127.0.0.1", BODY, token)
    return asyncio.run(load("127.0.0.1", port, sent, connections=CONNECTIONS, seconds=SECONDS))


def median(rounds: list[Figures]) -> Figures:
    """Figure by figure."""
    return Figures(*(statistics.median(getattr(each, name) for each in rounds) for name in ("rate", "p50", "p99")))


def main() -> None:
    """Runs it all and prints the table."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "jobs.db"
    print(f"Building {JOBS:,} jobs …", file=sys.stderr)
    store, recorded = build(path)
    inserted = bare_insert(FOLDER / "bare.db", path)
    read_in = imported(FOLDER / "imported.db", FOLDER / "jobs.ndjson")
    app = registrations.create(store, name="bench", tenant="bench", permissions=[READ_WRITE])
    store.close()
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    ours_port, bare_port = free_port(), free_port()
    program = [str(Path(sys.executable).parent / "jobreport"), "serve", "--port", str(ours_port)]
    plain = [sys.executable, "-m", "uvicorn", "bare:app", "--app-dir", str(HERE), "--port", str(bare_port)]
    with (
        process([*program, "--store", f"sqlite:///{path}"], ours_port),
        process([*plain, "--no-access-log", "--log-level", "warning"], bare_port, BENCH_STORE=str(path)),
    ):
        form = {
            "grant_type": "client_credentials",
            "client_id": app.app.client_id,
            "client_secret": app.secret,
        }
        address = f"http://127.0.0.1:{ours_port}/connect/token"
        token = httpx.post(address, data=form, trust_env=False).raise_for_status().json()["access_token"]
        measure(ours_port, token)
        ours, bare = [], []
        for number in range(ROUNDS):
            print(f"Round {number + 1} of {ROUNDS} …", file=sys.stderr)
            ours.append(measure(ours_port, token))
            bare.append(measure(bare_port))
    mine, limit = median(ours), median(bare)
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"\n{JOBS:,} jobs, {os.cpu_count()} cores, {platform.machine()}, {python}; medians of {ROUNDS} rounds\n")
    print("| what | ours | bare | ratio |\n|---|---:|---:|---:|")
    for what, one, other, digits in (
        ("report by service and type, page 0, requests/s", mine.rate, limit.rate, 0),
        ("the same, median ms", mine.p50, limit.p50, 2),
        ("the same, p99 ms", mine.p99, limit.p99, 2),
        ("recording in batches of 10,000, jobs/s", recorded, inserted, 0),
        ("import of lines of JSON, jobs/s", read_in, inserted, 0),
    ):
        print(f"| {what} | {one:,.{digits}f} | {other:,.{digits}f} | {one / other:.2f} |")


if __name__ == "__main__":
    main()
