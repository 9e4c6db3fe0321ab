"""Writes the measured figures as a Markdown table: SQLite and PostgreSQL, the limit of each, and whether it is met."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Final

from figure import Figure
from options import SEED, TENANTS, Options

_README: Final = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- the kept table -->", "<!-- its end -->"
_SLOWER: Final = 3
"""A figure on PostgreSQL may be at most this many times worse than the same figure on SQLite."""
_PACKAGES: Final = (
    "uvicorn",
    "starlette",
    "SQLAlchemy",
    "msgspec",
    "fastapi",
    "Django",
    "djangorestframework",
    "datasette",
)


def table(options: Options, sqlite: Sequence[Figure], postgresql: Sequence[Figure]) -> Iterator[str]:
    """Gives the lines of the table."""
    second = {_key(figure): figure for figure in postgresql}
    yield f"{options.jobs:,} jobs in {TENANTS} tenants, seed {SEED}; {machine()}; medians of {options.rounds} rounds."
    yield ""
    head, line = "| what | ours | against | ratio | bar | met |", "|---|---|---|---:|---|---|"
    yield head + (" PostgreSQL | ratio | times SQLite's | met |" if postgresql else "")
    yield line + ("---|---:|---:|---|" if postgresql else "")
    for figure in sqlite:
        # If our figure is compared with several others, it has several rows. PostgreSQL's is only in the first of them.
        yield _row(figure) + (_second(figure, second.pop(_key(figure), None)) if postgresql else "")


def keep(lines: str) -> None:
    """Replaces the table in the README beside this file."""
    before, _, rest = _README.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _README.write_text(f"{before}{_BEGIN}\n\n{lines}\n\n{_END}{after}", encoding="utf-8")


def machine() -> str:
    """Returns a description of the machine (without its name) and the versions of the software."""
    # Where no row asks for the peers, they need not be installed.
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES if any(distributions(name=name)))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GiB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}"
    )


def _row(figure: Figure) -> str:
    other = "" if figure.other is None else _amount(figure.other, figure.unit)
    against = ": ".join(part for part in (figure.against, _noted(other, figure.other_note)) if part)
    ratio = "" if figure.other is None else _ratio(figure.judged)
    bar = f"{figure.bar or ''}{f' ({figure.expected})' if figure.expected else ''}"
    ours = _noted(_amount(figure.ours, figure.unit), figure.ours_note)
    return f"| {figure.what} | {ours} | {against} | {ratio} | {bar} | {_met(figure.met)} |"


def _second(first: Figure, figure: Figure | None) -> str:
    if figure is None:
        return " | | | |"
    times = first.ours / figure.ours if first.larger_is_better else figure.ours / first.ours
    met = figure.met if first.free else times <= _SLOWER
    ratio = "" if figure.other is None else _ratio(figure.judged)
    return f" {_noted(_amount(figure.ours, figure.unit), figure.ours_note)} | {ratio} | {times:.2f} | {_met(met)} |"


def _key(figure: Figure) -> str:
    """Returns a key that is equal for the same row on SQLite and on PostgreSQL: its title without percentages."""
    return re.sub(r"\d+%", "", figure.what)


def _noted(amount: str, note: str) -> str:
    return f"{amount} ({note})" if note else amount


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _amount(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"


def _met(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "**no**"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - no file of ours
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown processor"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
