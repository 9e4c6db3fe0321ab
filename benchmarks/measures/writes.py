"""Measures group commit: many clients write single jobs at the same time, and several jobs share one commit.

Each client gets its answer when its job is on disk. The number of commits is read from the database itself.
"""

import asyncio
import json
import struct
import subprocess
import time
import uuid
from collections.abc import Iterator
from typing import Final

import psycopg

import cores
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model import ticks
from jobreport.sample.history import UNTIL
from load import Call, Latencies, ask
from options import WRITTEN
from places import Place
from progress import step
from servers import HOST, JOBS

_CLIENTS: Final = 64
_CHANGES: Final = struct.Struct("=8xI")
"""The field `iChange` of SQLite's `WalIndexHdr`, in the head of the `-shm` file. Each write transaction adds one."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Measures on the large store. The jobs are written for a separate tenant."""
    seconds = bench.options.seconds * 2
    with servers.ours(bench.place, WRITTEN) as server, step("Single jobs of many clients"), cores.on(cores.CLIENT):
        asyncio.run(_write(server.port, server.token, 1))
        before = _commits(bench.place)
        found = asyncio.run(_write(server.port, server.token, seconds))
        commits = _commits(bench.place) - before
    yield Figure(
        f"single-job writes from {_CLIENTS} clients, durable when answered: jobs per commit",
        len(found.ms) / max(1, commits),
        "jobs",
        None,
        "",
        Bar(10, at_least=True),
        "",
        f"{len(found.ms) / seconds:,.0f} jobs/s, median {found.p50:.1f} ms, p99 {found.p99:.1f} ms",
        larger_is_better=True,
    )


async def _write(port: int, token: str, seconds: float) -> Latencies:
    found, run = Latencies(), uuid.uuid4().hex[:12]
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        count = 0
        while (started := time.perf_counter()) < end:
            call = new_job(f"W{run}{number:02d}{count:06d}", token).encoded()
            found.ms.append(await ask(reader, writer, call, started))
            count += 1
        writer.close()

    await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    return found


def new_job(job_id: str, token: str) -> Call:
    """Returns the request that reports a successful job."""
    job = {
        "jobId": job_id,
        "serviceType": 1,
        "jobType": 1,
        "state": 2,
        "startTime": UNTIL - 60 * ticks.PER_SECOND,
        "finishTime": UNTIL,
        "successfulCount": 1,
        "description": f"Backup of written-{job_id[-2:]}",
    }
    return Call(JOBS, json.dumps(job).encode(), token)


def _commits(place: Place) -> int:
    """Returns a counter that grows by one with each transaction that writes."""
    if place.path:
        # Another process reads it: if this one closed the file, it would lose the locks that SQLite has on it.
        words = ["head", "-c", str(_CHANGES.size), f"{place.path}-shm"]
        (changes,) = _CHANGES.unpack(subprocess.run(words, check=True, capture_output=True).stdout)
        return int(changes)
    with psycopg.connect(place.url, autocommit=True) as connection:
        # Only a transaction that writes gets a transaction ID.
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
        assert row
        return int(row[0])
