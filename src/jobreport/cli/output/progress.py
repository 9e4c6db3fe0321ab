"""Shows progress on standard error: a bar if that is a terminal. An upgrade also writes lines into a log."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

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

from jobreport.cli.output.amounts import counted

if TYPE_CHECKING:
    from jobreport.store import Progress as UpgradeProgress


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
    with _shown(columns, f"{what} {counted(jobs, 'job')}", None) as advance:
        yield advance


@contextmanager
def upgrade_progress() -> Iterator[Callable[["UpgradeProgress"], None]]:
    """Shows how far the upgrade of a store has come, once it has begun. Without a terminal it prints a line when a
    step begins, for the log of a service.
    """
    console = Console(stderr=True)
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    step = ""
    with ExitStack() as stack:
        bar = Progress(*columns, console=console, transient=True)
        task = bar.add_task("")

        def advance(progress: "UpgradeProgress") -> None:
            nonlocal step
            if console.is_terminal and not step:
                stack.enter_context(bar)
            elif not console.is_terminal and step != progress.what:
                console.print(f"Upgrading the store: reading {progress.total:,} {progress.what}", highlight=False)
            step = progress.what
            bar.update(task, description=f"Upgrading: {progress.what}", completed=progress.done, total=progress.total)

        yield advance


@contextmanager
def _shown(columns: Iterable[ProgressColumn], what: str, total: float | None) -> Iterator[Advance]:
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total, jobs=0)
        yield lambda done, jobs: bar.update(task, completed=done, jobs=jobs)
