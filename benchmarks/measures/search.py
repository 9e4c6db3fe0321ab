"""Measures the latency of searches.

Selective searches are compared with a page without a search, the worst searches with a plain `LIKE` scan.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import psycopg

import cores
import data
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model.query import JobQuery
from load import Latencies, one_by_one
from options import TENANT
from progress import say, step
from questions import call, mix, of_text, selective
from schema import LIKE, LIKE_POSTGRESQL, PEERS_LIKE

_SELECTIVE: Final = 1_000
"""A search is selective if it finds at most this many jobs."""
_TERMS: Final = 600
_PAGES: Final = 1_000
_SECONDS: Final = 30
_SCAN: Final = Path(__file__).resolve().parent.parent / "scan.py"


def measure_selective(bench: Bench) -> Iterator[Figure]:
    """Measures searches for whole job IDs, names of resources, and beginnings of IDs."""
    with step("Drawing terms"):
        terms = selective(bench.store, bench.tenant, _TERMS)
        pages = [question.query for question in mix(bench.store, bench.tenant, 3 * _PAGES) if question.page == "first"]
    searches: list[Latencies] = []
    without: list[Latencies] = []
    hits: list[int] = []
    with servers.ours(bench.place, TENANT) as server, step("Selective searches"):
        for number in range(bench.options.rounds + 1):
            asked = [call(of_text(term), server.token) for term in terms]
            found, answers = one_by_one(server.port, asked, _SECONDS)
            hits = [msgspec.json.decode(answer)["totalCount"] for answer in answers]
            kept = [ms for ms, count in zip(found.ms, hits, strict=True) if 0 < count <= _SELECTIVE]
            plain, _ = one_by_one(server.port, [call(query, server.token) for query in pages])
            if number:
                searches.append(Latencies(kept))
                without.append(plain)
    few = [count for count in hits if 0 < count <= _SELECTIVE]
    say(f"{len(few)} of {len(hits)} terms were selective; hits: median {statistics.median(few):g}, most {max(few):,}")
    yield Figure(
        f"selective search (≤ {_SELECTIVE:,} hits): p99",
        statistics.median(each.p99 for each in searches),
        "ms",
        statistics.median(each.p99 for each in without),
        "page 0 without search",
        Bar(15),
        "≤ 25 ms",
        f"median {statistics.median(each.p50 for each in searches):.2f} ms",
        f"median {statistics.median(each.p50 for each in without):.2f} ms",
        free=True,
    )


def measure_worst(bench: Bench) -> Iterator[Figure]:
    """Measures searches for texts that a third of the jobs contain. Compares a page and its total with a scan."""
    every = bench.store.list_jobs(bench.tenant, JobQuery(size=1)).total
    with servers.ours(bench.place, TENANT) as server:
        for term, where in zip(bench.worst, ("descriptions", "job IDs"), strict=True):
            total = bench.store.list_jobs(bench.tenant, of_text(term)).total
            say(f"{term!r} is in {total:,} of {every:,} jobs")
            asked = [call(of_text(term), server.token)]
            mine: list[float] = []
            scans: list[float] = []
            with step(f"Worst searches, in {where}"):
                for number in range(bench.options.rounds + 1):
                    found, answers = one_by_one(server.port, asked * 3)
                    assert msgspec.json.decode(answers[0])["totalCount"] == total
                    scan = _scan(bench, term, total)
                    if number:
                        mine.append(found.p50)
                        scans.append(scan)
            yield Figure(
                f"worst search, in {where} ({total / every:.0%} of the jobs match), with its exact total",
                statistics.median(mine),
                "ms",
                statistics.median(scans),
                "a plain LIKE scan of the same tenant",
                Bar(1.1),
                "",
                f"{total:,} hits",
                free=True,
            )


def _scan(bench: Bench, term: str, total: int) -> float:
    """Returns the milliseconds of the fastest scan.

    On SQLite, two are tried: one over our tables, and one over a single table with all columns.
    """
    if not bench.sqlite:
        pattern = f"%{term}%"
        with psycopg.connect(bench.place.url) as connection:
            started = time.perf_counter()
            found = connection.execute(LIKE_POSTGRESQL, (bench.tenant, pattern, pattern)).fetchone()
            took = (time.perf_counter() - started) * 1000
        assert found == (total,)
        return took
    scans: list[float] = []
    for path, statement in ((bench.place.path, LIKE), (data.peers(bench.place), PEERS_LIKE)):
        words = [sys.executable, str(_SCAN), str(path), statement, str(bench.tenant), term]
        done = subprocess.run(cores.pinned(words, cores.SERVER), capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
        assert answer["total"] == total, f"the scan counts {answer['total']}, we {total}"
        scans.append(answer["ms"])
    return min(scans)
