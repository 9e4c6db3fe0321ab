"""Judging very many series that are due in the same minute, beside reports: how long it takes, and who waits."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final, Protocol

import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.contract.expectation import ExpectationDocument, to_expectation
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.judgement import Verdict
from jobreport.model.query import JobFilter, JobQuery
from jobreport.store import Store, open_store
from jobreport.store.watch import standing
from jobreport.watch import expectations
from jobreport.watch.judging import is_more_due, look
from load import Latencies, at_rate
from places import Place, scratch
from progress import step
from questions import call

_TENANTS: Final = 10
_NIGHTS: Final = 4
_A_SECOND: Final = 200
_ROUND: Final = 2
"""Seconds for which reports are asked over the same connections."""
_AHEAD: Final = 25
"""Seconds before the deadline at which the server starts, and is asked when it is quiet."""
_SETTLED: Final = 5
"""Seconds that a server gets for what it does only once, right after its start."""
_MOST_SECONDS: Final = 300
_SPAWN: Final = multiprocessing.get_context("spawn")
_MINUTE: Final = 60 * ticks.PER_SECOND
_HOUR: Final = 60 * _MINUTE
_DUE: Final = ticks.from_iso("2026-11-23T01:00:00Z")
"""02:00 in Berlin."""
_DEADLINE: Final = _DUE + _HOUR
_AT_ONCE: Final = 5_000


def measure(bench: Bench) -> Iterator[Figure]:
    """Every series has run in four nights, and does not start in the fifth. One server process, held to no core,
    since what judges is another one.
    """
    number = bench.options.series
    with scratch(bench.kind, "watch") as place:
        with step(f"{number:,} series with {_NIGHTS} runs each"), closing(_open(place, _DUE)) as store:
            _build(store, number)
        with (
            _judged(place, number) as ended,
            # Until the deadline passes, the reports are asked when it is quiet.
            servers.ours(place, "watch-0", core=None, now=_DEADLINE - _AHEAD * ticks.PER_SECOND) as server,
            step("Series that are due in the same minute beside reports"),
        ):
            passed = time.monotonic() + _AHEAD
            asked = [JobFilter(), JobFilter(services=(ServiceType.FileShare,)), JobFilter(types=(JobType.FileBackup,))]
            calls = [call(JobQuery(where=where, size=10), server.token).encoded() for where in asked]
            time.sleep(_SETTLED)
            quiet = _asked(server.port, calls, lambda: time.monotonic() > passed - _ROUND)
            time.sleep(max(0, passed - time.monotonic()))
            busy = _asked(server.port, calls, lambda: ended() > 0 or time.monotonic() > passed + _MOST_SECONDS)
            took = (ended() or time.monotonic()) - passed
    yield Figure(
        f"{number:,} series that are due in the same minute, judged beside {_A_SECOND} reports a second",
        took,
        "s",
        bar=Bar(60 * max(1, number / 100_000)),
        ours_note="from the deadline until the last verdict is stored",
    )
    yield Figure(
        f"those reports meanwhile, of one process: p99 of {len(busy.ms):,}",
        busy.p99,
        "ms",
        quiet.p99,
        "when nothing is judged",
        Bar(2),
        ours_note=f"median {busy.p50:.2f} ms",
        other_note=f"median {quiet.p50:.2f} ms",
    )


def _open(place: Place, now: int) -> Store:
    return open_store(place.url, migrate=True, clock=lambda: now)


def _build(store: Store, number: int) -> None:
    """Stores the runs of all series, and judges them once before they are due and once before they are missed."""
    nightly = ExpectationDocument(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", grace="1h")
    for one in range(_TENANTS):
        tenant = store.tenant_id(f"watch-{one}", create=True)
        assert tenant
        for night in range(_NIGHTS, 0, -1):
            start = _DUE - night * ticks.PER_DAY
            for begin in range(0, number // _TENANTS, _AT_ONCE):
                store.record(
                    tenant, [_job(start, host) for host in range(begin, min(begin + _AT_ONCE, number // _TENANTS))]
                )
        expectations.put(store, f"watch-{one}", to_expectation(nightly))
    for at in (_DUE - _HOUR, _DUE + 20 * _MINUTE):
        for _ in look(store, at):
            pass


def _job(start: int, host: int) -> Job:
    return Job(
        job_id=f"FB{start}-{host}",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        state=JobState.Successful,
        start=start,
        finish=start + 10 * _MINUTE,
        total=1_000,
        successful=1_000,
        size=10**9,
        plan="nightly",
        resource=f"host-{host}",
        origin=f"runner/host-{host}",
        observed=start + 10 * _MINUTE,
    )


def _asked(port: int, calls: Sequence[bytes], is_over: Callable[[], bool]) -> Latencies:
    """Asks for reports until it is over."""
    found = Latencies()
    while not is_over():
        found.ms += asyncio.run(at_rate(port, calls, _A_SECOND, _ROUND)).ms
    return found


class _Time(Protocol):
    """A number that two processes share."""

    value: float


@contextmanager
def _judged(place: Place, number: int) -> Iterator[Callable[[], float]]:
    """A function that tells when all series were missed (`time.monotonic`; 0: not yet). A process of its own looks, so
    that it takes nothing from the one that measures how long reports take.
    """
    ended: _Time = _SPAWN.Value("d", 0.0, lock=False)
    process = _SPAWN.Process(target=_wait_until_judged, args=(place.url, number, ended), daemon=True)
    process.start()
    try:
        yield lambda: ended.value
    finally:
        process.kill()
        process.join()


def _wait_until_judged(url: str, number: int, ended: _Time) -> None:
    with closing(open_store(url, clock=lambda: _DEADLINE)) as store:
        tenants = [store.tenant_id(f"watch-{one}") or 0 for one in range(_TENANTS)]
        while True:
            time.sleep(1)
            with store.reading() as transaction:
                # To count takes the processor for a while, which is needed once.
                if is_more_due(transaction, _DEADLINE + ticks.PER_SECOND, 0):
                    continue
                found = sum(one[Verdict.MISSED] for one in standing.not_met(transaction, tenants).values())
            if found >= number:
                ended.value = time.monotonic()
                return
