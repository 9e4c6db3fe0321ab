"""Measures group commit: many clients write single jobs at the same time, and several jobs share one commit.

Each client gets its answer when its job is on disk. The number of commits is read from the database itself. Beside it,
pings: each client has an inbox and tells starts and ends by turns.
"""

import asyncio
import json
import struct
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import psycopg

import cores
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.identity import inboxes
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
    unlimited = ("--ping-limit", "100000000/second")
    with (
        servers.ours(bench.place, WRITTEN, options=unlimited) as server,
        step("Single jobs and pings of many clients"),
        cores.on(cores.CLIENT),
    ):
        addresses = _addresses(bench)
        asyncio.run(_write(server.port, _jobs(server.token), 1))
        before = _commits(bench.place)
        found = asyncio.run(_write(server.port, _jobs(server.token), seconds))
        commits = _commits(bench.place) - before
        told, single = Latencies(), Latencies()
        for _ in range(bench.options.rounds):
            told.ms += asyncio.run(_write(server.port, _pings(addresses), bench.options.seconds)).ms
            single.ms += asyncio.run(_write(server.port, _jobs(server.token), bench.options.seconds)).ms
    whole = bench.options.seconds * bench.options.rounds
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
    yield Figure(
        f"pings from {_CLIENTS} clients, starts and ends by turns, durable when answered",
        len(told.ms) / whole,
        "/s",
        len(single.ms) / whole,
        "single-job writes, by turns",
        Bar(0.7, at_least=True),
        "",
        f"median {told.p50:.1f} ms, p99 {told.p99:.1f} ms",
        f"median {single.p50:.1f} ms, p99 {single.p99:.1f} ms",
        larger_is_better=True,
    )


Calls = Callable[[int, int], Call]
"""The request of a client, by its number and that of the request."""


def _jobs(token: str) -> Calls:
    run = uuid.uuid4().hex[:12]
    return lambda number, count: new_job(f"W{run}{number:02d}{count:06d}", token)


def _pings(addresses: Sequence[str]) -> Calls:
    return lambda number, count: (
        Call(f"/ping/{addresses[number]}", f"{count} files saved".encode())
        if count % 2
        else Call(f"/ping/{addresses[number]}/start", method="GET")
    )


def _addresses(bench: Bench) -> list[str]:
    """Makes an inbox for each client."""
    names = [f"bench-{uuid.uuid4().hex[:12]}" for _ in range(_CLIENTS)]
    settings = inboxes.Settings(plan="pings")
    return [inboxes.create(bench.store, name, settings, tenant=WRITTEN, secret=None)[1] for name in names]


async def _write(port: int, calls: Calls, seconds: float) -> Latencies:
    found = Latencies()
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        count = 0
        while (started := time.perf_counter()) < end:
            found.ms.append(await ask(reader, writer, calls(number, count).encoded(), started))
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
