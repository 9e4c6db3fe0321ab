"""A page of series, and the summary of many tenants, one request at a time: with many jobs against few.

Both stores have as many series and tenants, so that only the number of jobs differs.
"""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import fleet
import servers
from bench import Bench
from figure import Bar, Figure
from load import Call, Latencies, one_by_one
from progress import step

_TIMES: Final = 100
_SECONDS: Final = 4
"""Of a question that takes long: some are asked often enough in these."""
_WITHOUT_A_NAME: Final[dict[str, dict[str, str]]] = {
    "without a filter": {},
    "of one service": {"serviceType": "AmazonS3"},
    "not good (the newest job Failed or Exception), by name": {"state": "Failed,Exception"},
    "sorted by name, descending": {"sort": "-name"},
    "sorted by last good": {"sort": "lastGood"},
    "sorted by last good, descending": {"sort": "-lastGood"},
    "sorted by not good since": {"sort": "notGoodSince"},
    "sorted by not good since, descending": {"sort": "-notGoodSince"},
}
_WORST: Final[dict[str, dict[str, str]]] = {
    "by a search that all have": {"searchText": "nightly"},
    "by a search of two characters": {"searchText": "99"},
    "by a search of three characters": {"searchText": "012"},
    "by the origin of half of them, Failed": {"origin": fleet.origin_of(1), "state": "Failed"},
}
"""What is measured too, without a bar."""


def measure(bench: Bench) -> Iterator[Figure]:
    """One row a question."""
    large, small = bench.fleet, bench.small_fleet
    with (
        servers.ours(large, fleet.LARGEST, "", now=fleet.MORNING, settled=True) as server,
        servers.ours(small, fleet.LARGEST, "", now=fleet.MORNING, settled=True) as other,
    ):
        # The one in the middle, whose origin has no other.
        for what, asked in {**_WITHOUT_A_NAME, **_of(bench.options.series // 4 * 2), **_WORST}.items():
            path = f"/api/series?{urlencode(asked)}"
            total = _total(server, path)
            bar = None if what in _WORST else Bar(1.5)
            yield _row(bench, f"series {what} ({total:,} of them)", path, (server, other), bar, "≤ 5 ms" if bar else "")
        path = "/api/tenants/summary"
        yield _row(bench, f"summary of {fleet.TENANTS} tenants", path, (server, other), Bar(1.5), "≤ 50 ms")


def _of(one: int) -> dict[str, dict[str, str]]:
    """Returns the questions by names, those of this series among them."""
    return {
        "by a search that few have": {"searchText": f"{one:06d}"},
        "by one resource": {"resource": fleet.resource_of(one)},
        "by an origin of one": {"origin": fleet.origin_of(one)},
        "by the origin of half of them": {"origin": fleet.origin_of(1)},
    }


def _total(server: servers.Server, path: str) -> int:
    _, (answer,) = one_by_one(server.port, [Call(path, token=server.token, method="GET")])
    return int(json.loads(answer)["totalCount"])


def _row(
    bench: Bench, what: str, path: str, both: tuple[servers.Server, servers.Server], bar: Bar | None, expected: str
) -> Figure:
    found = Latencies(), Latencies()
    with step(what):
        for number in range(bench.options.rounds + 1):
            for server, latencies in zip(both, found, strict=True):
                token = server.tokens[1] if "tenants" in path else server.token
                calls = [Call(path, token=token, method="GET")] * _TIMES
                ms = one_by_one(server.port, calls, _SECONDS / bench.options.rounds)[0].ms
                latencies.ms += ms if number else []  # the first only warms
    ours, its = found
    return Figure(
        what,
        ours.p50,
        "ms",
        its.p50,
        f"the same with {bench.small_fleet.jobs:,} jobs",
        bar,
        expected,
        f"p99 {ours.p99:.2f} ms",
        f"p99 {its.p99:.2f} ms",
    )
