"""Latency of short reports at a fixed rate: while one worst search after another runs, against a quiet time."""

import asyncio
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model.query import JobFilter, JobQuery
from load import Call, Latencies, Line, at_rate
from options import TENANT
from progress import step
from questions import call, mix

_A_SECOND: Final = 200
_WORKERS: Final = 2
_QUESTIONS: Final = 2_000


def measure(bench: Bench) -> Iterator[Figure]:
    """Two workers; neither they nor the client are held to a core, since three want to run on what there is."""
    questions = [question.query for question in mix(bench.store, bench.tenant, _QUESTIONS) if question.query.size == 10]
    quiet: list[Latencies] = []
    busy: list[Latencies] = []
    searches = 0
    with (
        servers.ours(bench.place, TENANT, workers=_WORKERS, core=None) as server,
        step("Short reports beside worst searches"),
    ):
        calls = [call(query, server.token).encoded() for query in questions]
        search = call(JobQuery(where=JobFilter(search=bench.worst[1])), server.token)
        asyncio.run(at_rate(server.port, calls, _A_SECOND, 2))
        for _ in range(bench.options.rounds):
            quiet.append(asyncio.run(at_rate(server.port, calls, _A_SECOND, bench.options.seconds)))
            with _searching(server.port, search) as done:
                busy.append(asyncio.run(at_rate(server.port, calls, _A_SECOND, bench.options.seconds)))
            searches += len(done)
    yield Figure(
        f"others, {_A_SECOND} a second, while one worst search after another runs, {_WORKERS} workers: p99",
        statistics.median(each.p99 for each in busy),
        "ms",
        statistics.median(each.p99 for each in quiet),
        "the same when it is quiet",
        Bar(3),
        "",
        f"median {statistics.median(each.p50 for each in busy):.2f} ms, {searches} searches",
        f"median {statistics.median(each.p50 for each in quiet):.2f} ms",
    )


@contextmanager
def _searching(port: int, search: Call) -> Iterator[list[float]]:
    """One search after another, on a thread of its own; their milliseconds."""
    over, done = threading.Event(), []

    def client() -> None:
        line = Line(port)
        while not over.is_set():
            done.append(line.ask(search.encoded())[0])
        line.close()

    thread = threading.Thread(target=client)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
