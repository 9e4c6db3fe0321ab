"""A year of the largest tenant, added up in several ways, one request at a time: against a report page of that year.

Both over HTTP. The page is the same each time, so that its total is remembered, as what is asked again is. A file
remembers summaries from the counts, and a server does not: to compare the two, another year is asked for each time.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import servers
from bench import Bench
from figure import Bar, Figure
from jobreport.model import ticks
from jobreport.model.query import JobFilter, JobQuery
from jobreport.sample.history import UNTIL
from load import Call, Latencies, one_by_one
from options import TENANT
from progress import step
from questions import call

_YEAR: Final = 365
_SIZE: Final = 100
_TIMES: Final = 200
_SECONDS: Final = 20
"""Of a question that reads the jobs: some are asked often enough in these."""
_ASKED: Final[dict[str, tuple[dict[str, str], Bar | None, str]]] = {
    "a year by UTC day and state, asked again": ({"by": "day,state"}, Bar(5), "≤ 50 ms"),
    "a year by UTC day and state, another one each time": ({"by": "day,state"}, None, "≤ 50 ms"),
    "a year by service, another one each time": ({"by": "service"}, None, ""),
    "a year by day and state, in Europe/Berlin": ({"by": "day,state", "tz": "Europe/Berlin"}, None, ""),
    "a year by plan, with the last success and failure": ({"by": "plan", "with": "last"}, None, ""),
    "a year by cause": ({"by": "cause"}, None, ""),
    "a year by day, with objects and bytes": ({"by": "day", "with": "objects,bytes"}, None, ""),
}


def measure(bench: Bench) -> Iterator[Figure]:
    """One row a question."""
    last = UNTIL // ticks.PER_DAY
    since, until = (last - _YEAR) * ticks.PER_DAY, last * ticks.PER_DAY - 1
    year = JobQuery(where=JobFilter(since=since, until=until), size=_SIZE)
    total = bench.store.list_jobs(bench.tenant, year).total
    with servers.ours(bench.place, TENANT) as server, step("Summaries"):
        page = call(year, server.token)
        for what, (asked, bar, expected) in _ASKED.items():
            moves = range(_TIMES) if "another" in what else [0] * _TIMES
            ours = [_summary(asked, since, until, days, server.token) for days in moves]
            mine, its = Latencies(), Latencies()
            for number in range(bench.options.rounds + 1):
                one, _ = one_by_one(server.port, ours, _SECONDS / bench.options.rounds)
                other, _ = one_by_one(server.port, [page] * _TIMES)
                if number:  # the first only warms
                    mine.ms += one.ms
                    its.ms += other.ms
            yield Figure(
                f"{what} ({total:,} jobs)",
                mine.p50,
                "ms",
                its.p50,
                f"a report page of {_SIZE} jobs of that year",
                bar,
                expected,
                f"p99 {mine.p99:.2f} ms, {len(mine.ms)} times",
                f"p99 {its.p99:.2f} ms",
            )


def _summary(asked: dict[str, str], since: int, until: int, days: int, token: str) -> Call:
    """The question about a year so many days earlier."""
    earlier = days * ticks.PER_DAY
    question = urlencode({**asked, "startTime": since - earlier, "finishTime": until - earlier})
    return Call(f"/api/summary?{question}", token=token, method="GET")
