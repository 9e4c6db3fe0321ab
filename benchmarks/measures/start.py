"""Seconds from the command `serve` until it listens: on the large store, against an empty one."""

import statistics
from collections.abc import Iterator

import data
import servers
from bench import Bench
from figure import Bar, Figure
from options import TENANT
from places import scratch
from progress import step


def measure(bench: Bench) -> Iterator[Figure]:
    """By turns, so that both are as warm."""
    large: list[float] = []
    empty: list[float] = []
    with scratch(bench.kind, "start") as place, step("Starts"):
        data.migrate(place)
        with servers.ours(place, TENANT):  # the first start makes the keys of its tokens
            pass
        for number in range(bench.options.rounds + 1):
            took = servers.start_seconds(bench.place), servers.start_seconds(place)
            if number:
                large.append(took[0])
                empty.append(took[1])
    yield Figure(
        "start of `serve`",
        statistics.median(large),
        "s",
        statistics.median(empty),
        "its start on an empty store",
        Bar(1.5),
    )
