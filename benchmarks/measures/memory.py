"""What a worker keeps in memory under a mixed load of reports, searches and writes: the most, and whether it grows."""

import asyncio
import random
import statistics
import time
import uuid
from collections.abc import Iterator
from typing import Final

import cores
import servers
from bench import Bench
from figure import Bar, Figure
from load import at_rate
from measures.writes import new_job
from options import SEED, TENANT, WRITTEN
from progress import say, step
from questions import call, mix, of_text, selective
from servers import Server

_REPORTS, _SEARCHES, _WRITES = 200, 4, 40
"""A second, of each kind."""
_WORST: Final = 0.05
"""The part of the searches that a third of the jobs match."""
_WARM: Final = 0.2
"""The part of the time that does not count yet."""
_STEADY: Final = 1.0
"""MiB a minute that are within what a minute shows of itself."""


def measure(bench: Bench) -> Iterator[Figure]:
    """The most after warming up, and the slope of the second half."""
    samples: list[tuple[float, float]] = []
    with (
        servers.ours(bench.place, TENANT, WRITTEN) as server,
        step(f"Mixed load for {bench.options.memory:.0f} s"),
        cores.on(cores.CLIENT),
    ):
        asyncio.run(_mixed(bench, server, samples))
    warm = [mib for at, mib in samples if at > _WARM * bench.options.memory]
    half = [(at, mib) for at, mib in samples if at > bench.options.memory / 2]
    slope = statistics.linear_regression([at / 60 for at, _ in half], [mib for _, mib in half]).slope
    say(f"Resident: {samples[0][1]:.1f} MiB at first, {samples[-1][1]:.1f} in the end, at most {max(warm):.1f}")
    note = f"{_REPORTS} reports, {_SEARCHES} searches, {_WRITES} writes a second; {len(samples)} samples"
    yield Figure(
        "memory of a worker under mixed load",
        max(warm),
        "MiB",
        None,
        "",
        Bar(150),
        "",
        note,
    )
    yield Figure("its slope in the second half", slope, "MiB/min", None, "", Bar(_STEADY), "0", "", free=True)


async def _mixed(bench: Bench, server: Server, samples: list[tuple[float, float]]) -> None:
    seconds, (reads, writes) = bench.options.memory, server.tokens
    dice, run = random.Random(SEED), uuid.uuid4().hex[:12]
    reports = [call(question.query, reads).encoded() for question in mix(bench.store, bench.tenant, 2_000)]
    terms = selective(bench.store, bench.tenant, 300)
    terms = [dice.choice(bench.worst) if dice.random() < _WORST else term for term in terms]
    searches = [call(of_text(term), reads).encoded() for term in terms]
    jobs = [new_job(f"M{run}{number:08d}", writes).encoded() for number in range(round(_WRITES * seconds))]

    async def sample() -> None:
        started = time.perf_counter()
        while (at := time.perf_counter() - started) < seconds:
            samples.append((at, server.resident()))
            await asyncio.sleep(0.5)

    await asyncio.gather(
        sample(),
        at_rate(server.port, reports, _REPORTS, seconds),
        at_rate(server.port, searches, _SEARCHES, seconds, connections=4),
        at_rate(server.port, jobs, _WRITES, seconds),
    )
