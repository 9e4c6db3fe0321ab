"""Latency of every mix of filters on every kind of page, one request at a time: the large store against a small one."""

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Final

import cores
import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.store import Store
from load import Latencies, one_by_one
from options import SMALL, TENANT
from progress import step
from questions import Question, call, mix

_QUESTIONS: Final = 2_000


def measure(bench: Bench) -> Iterator[Figure]:
    """Any page against the small store, and the last page against the first."""
    with step("Drawing questions"):
        large, small = mix(bench.store, bench.tenant, _QUESTIONS), mix(bench.small_store, bench.tenant, _QUESTIONS)
    rounds: list[Latencies] = []
    against: list[Latencies] = []
    with (
        servers.ours(bench.place, TENANT) as server,
        servers.ours(bench.small, TENANT) as other,
        step("Every mix of filters"),
    ):
        for number in range(bench.options.rounds + 1):
            mine, _ = one_by_one(server.port, [call(question.query, server.token) for question in large])
            its, _ = one_by_one(other.port, [call(question.query, other.token) for question in small])
            if number:  # the first only warms
                rounds.append(mine)
                against.append(its)
    yield Figure(
        "any mix of filters, any page, without search: p99",
        _p99(rounds),
        "ms",
        _p99(against),
        f"the same at {SMALL:,} jobs",
        Bar(1.5),
        "≤ 5 ms",
        f"median {_p50(rounds):.2f} ms",
        f"median {_p50(against):.2f} ms",
    )
    first, last = (_of_page(rounds, large, page) for page in ("first", "last"))
    yield Figure(
        "last page: p99",
        _p99(last),
        "ms",
        _p99(first),
        "page 0",
        Bar(3),
        "",
        f"median {_p50(last):.2f} ms",
        f"median {_p50(first):.2f} ms",
    )


def measure_states(bench: Bench) -> Iterator[Figure]:
    """Filters by state, which generation 1 does not have: asked of the store, within this process."""
    with step("Drawing questions with states"):
        stores = (bench.store, bench.small_store)
        asked = [mix(store, bench.tenant, _QUESTIONS, states=True) for store in stores]
    found: list[list[Latencies]] = [[], []]
    with step("Every mix of filters with a state"), cores.on(cores.CLIENT):
        for number in range(bench.options.rounds + 1):
            for store, questions, into in zip(stores, asked, found, strict=True):
                latencies = _in_process(store, bench.tenant, questions)
                if number:
                    into.append(latencies)
    large, small = found
    yield Figure(
        "any mix of filters with a state, any page, asked of the store: p99",
        _p99(large),
        "ms",
        _p99(small),
        f"the same at {SMALL:,} jobs",
        Bar(1.5),
        "≤ 5 ms",
        f"median {_p50(large):.2f} ms",
        f"median {_p50(small):.2f} ms",
    )


def _in_process(store: Store, tenant: int, questions: Sequence[Question]) -> Latencies:
    found = Latencies()
    for question in questions:
        started = time.perf_counter()
        store.find(tenant, question.query)
        found.ms.append((time.perf_counter() - started) * 1000)
    return found


def _of_page(rounds: Sequence[Latencies], questions: Sequence[Question], page: str) -> list[Latencies]:
    """The latencies of one kind of page, of questions that have more than one page."""
    wanted = [number for number, question in enumerate(questions) if question.page == page and question.paged]
    return [Latencies([latencies.ms[number] for number in wanted]) for latencies in rounds]


def _p99(rounds: Sequence[Latencies]) -> float:
    return statistics.median(latencies.p99 for latencies in rounds)


def _p50(rounds: Sequence[Latencies]) -> float:
    return statistics.median(latencies.p50 for latencies in rounds)
