"""Says on standard error what is being done; on a terminal, in a line that moves."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_console = Console(stderr=True, highlight=False)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Says that `what` is being done, and how long it took once it is."""
    started = time.perf_counter()
    if _console.is_terminal:
        with _console.status(f"{what} …"):
            yield
    else:
        yield
    _console.print(f"{what}: {time.perf_counter() - started:.1f} s", markup=False)


def say(line: str) -> None:
    """A line for whoever waits."""
    _console.print(line, markup=False)
