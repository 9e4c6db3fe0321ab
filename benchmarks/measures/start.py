"""How long starts take: `serve` until it listens, large store against empty; and `--help` of every command."""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

import data
import servers
from bench import Bench
from data import PROGRAM
from figure import Bar, Figure
from options import TENANT
from places import scratch
from progress import step

_BARE: Final = (sys.executable, "-c", "import click, httpx, rich")
"""What a command line of this kind loads at the least, that reads options, asks a server and prints a table."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Both rows of starts."""
    yield _of_serve(bench)
    yield _of_help(bench)


def _of_serve(bench: Bench) -> Figure:
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
    return Figure(
        "start of `serve`",
        statistics.median(large),
        "s",
        statistics.median(empty),
        "its start on an empty store",
        Bar(1.5),
    )


def _of_help(bench: Bench) -> Figure:
    """The command whose `--help` takes longest, against the bare libraries; all by turns."""
    listed = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z][a-z-]*)  ", listed.partition("Commands:")[2], re.MULTILINE)
    took: dict[str, list[float]] = {name: [] for name in commands}
    bare: list[float] = []
    with step("Helps"):
        for number in range(bench.options.rounds + 1):
            for name in commands:
                took[name].append(_seconds([str(PROGRAM), name, "--help"]))
            bare += [_seconds(_BARE) for _ in range(3)]
            if not number:  # the first time the disk is read
                bare.clear()
                for found in took.values():
                    found.clear()
    slowest = max(commands, key=lambda name: statistics.median(took[name]))
    return Figure(
        "`--help` of the slowest command",
        statistics.median(took[slowest]),
        "s",
        statistics.median(bare),
        "`import click, httpx, rich`",
        Bar(2),
        ours_note=slowest,
        free=True,
    )


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, capture_output=True, check=True)
    return time.perf_counter() - began
