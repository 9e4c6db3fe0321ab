"""Shows a progress bar on standard error, only if that is a terminal."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    FileSizeColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Advance(Protocol):
    """A function that says how far the work has come: `done` of the announced total, with `jobs` jobs so far."""

    def __call__(self, done: float, jobs: int) -> None:
        """Moves the bar."""


@contextmanager
def progress(what: str, total: int | None, *, counted: bool = False) -> Iterator[Advance]:
    """Shows a bar from 0 to `total` (None: unknown, such as the length of a pipe). `counted`: the total is a number of
    jobs.
    """
    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
    columns.insert(2, MofNCompleteColumn() if counted else TextColumn("{task.fields[jobs]:,} jobs"))
    with _shown(columns, what, total) as advance:
        yield advance


@contextmanager
def received(what: str, jobs: int) -> Iterator[Advance]:
    """Shows the bytes received so far and the time, for a file of `jobs` jobs. Its size is unknown, so no percentage is
    shown.
    """
    columns = [SpinnerColumn(), TextColumn("{task.description}"), FileSizeColumn(), TimeElapsedColumn()]
    with _shown(columns, f"{what} {jobs:,} job{'' if jobs == 1 else 's'}", None) as advance:
        yield advance


@contextmanager
def _shown(columns: Iterable[ProgressColumn], what: str, total: float | None) -> Iterator[Advance]:
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total, jobs=0)
        yield lambda done, jobs: bar.update(task, completed=done, jobs=jobs)
