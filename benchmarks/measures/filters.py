"""Latency of every mix of filters on every kind of page, one request at a time: the large store against a small one."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model.query import JobQuery
from load import Call, Latencies, one_by_one
from options import SMALL, TENANT
from progress import step
from questions import Question, call, call_of_generation_2, mix

_QUESTIONS: Final = 2_000


def measure(bench: Bench) -> Iterator[Figure]:
    """Any page against the small store, and the last page against the first."""
    large, rounds, small = _asked(bench, call, states=False)
    yield _against_small("any mix of filters, any page, without search: p99", rounds, small)
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
    """Filters by state, which generation 1 does not have: asked of generation 2."""
    _, rounds, small = _asked(bench, call_of_generation_2, states=True)
    yield _against_small("any mix of filters with a state, any page, by generation 2: p99", rounds, small)


def _asked(
    bench: Bench, call_of: Callable[[JobQuery, str], Call], *, states: bool
) -> tuple[list[Question], list[Latencies], list[Latencies]]:
    """The questions to the large store; how long each took, round by round; and those to the small one."""
    with step("Drawing questions"):
        large, small = (
            mix(store, bench.tenant, _QUESTIONS, states=states) for store in (bench.store, bench.small_store)
        )
    rounds: list[Latencies] = []
    against: list[Latencies] = []
    with (
        servers.ours(bench.place, TENANT) as server,
        servers.ours(bench.small, TENANT) as other,
        step("Every mix of filters"),
    ):
        for number in range(bench.options.rounds + 1):
            mine, _ = one_by_one(server.port, [call_of(question.query, server.token) for question in large])
            its, _ = one_by_one(other.port, [call_of(question.query, other.token) for question in small])
            if number:  # the first only warms
                rounds.append(mine)
                against.append(its)
    return large, rounds, against


def _against_small(what: str, rounds: Sequence[Latencies], small: Sequence[Latencies]) -> Figure:
    return Figure(
        what,
        _p99(rounds),
        "ms",
        _p99(small),
        f"the same at {SMALL:,} jobs",
        Bar(1.5),
        "≤ 5 ms",
        f"median {_p50(rounds):.2f} ms",
        f"median {_p50(small):.2f} ms",
    )


def _of_page(rounds: Sequence[Latencies], questions: Sequence[Question], page: str) -> list[Latencies]:
    """The latencies of one kind of page, of questions that have more than one page."""
    wanted = [number for number, question in enumerate(questions) if question.page == page and question.paged]
    return [Latencies([latencies.ms[number] for number in wanted]) for latencies in rounds]


def _p99(rounds: Sequence[Latencies]) -> float:
    return statistics.median(latencies.p99 for latencies in rounds)


def _p50(rounds: Sequence[Latencies]) -> float:
    return statistics.median(latencies.p50 for latencies in rounds)
