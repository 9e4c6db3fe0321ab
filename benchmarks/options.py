"""Reads from the environment how large the benchmark is, which rows it has, and how often it measures."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent.parent / ".bench"
SEED: Final = 7
TENANTS: Final = 4
TENANT: Final = "sample-1"
"""The largest tenant of the sample data, whose reports are asked."""
WRITTEN: Final = "bench-written"
"""The tenant that takes what the measurements write, so that they never change what others read."""
SMALL: Final = 100_000
"""Jobs of the store that the large one is measured against."""


@dataclass(frozen=True)
class Options:
    """What `make bench` was told. `seconds` is one round of load, `memory` the whole of the mixed load."""

    jobs: int
    only: re.Pattern[str]
    rounds: int
    seconds: float
    memory: float
    imported: int
    series: int
    postgres: bool
    keep: bool


def read() -> Options:
    """The options of this run; SystemExit with a sentence where one cannot be used."""
    try:
        options = Options(
            jobs=_number("JOBS", 10_000_000),
            only=re.compile(os.environ.get("ONLY") or ".", re.IGNORECASE),
            rounds=_number("ROUNDS", 5),
            seconds=_number("SECONDS_A_ROUND", 5),
            memory=_number("MEMORY_SECONDS", 240),
            imported=_number("IMPORT_JOBS", 1_000_000),
            series=_number("SERIES", 100_000),
            postgres=_switch("BENCH_POSTGRES"),
            keep=_switch("KEEP"),
        )
    except (ValueError, re.error) as error:
        raise SystemExit(f"make bench: {error}") from None
    return options


def _switch(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


def _number(name: str, default: int) -> int:
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{name} must be a whole number from 1 on, not {given!r}")
    return int(given)
