"""The jobs that a format is given to write, and the check that their number is the announced one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jobreport.contract.job_row import Row
from jobreport.extras import command_for


class ExportError(Exception):
    """An export that cannot be made or was not made whole.

    ExportError
    ├── CountMismatchError   the store has more or fewer jobs than its counts say
    └── MissingExtraError    this installation cannot write the format
    """


class CountMismatchError(ExportError):
    """Raised if the number of jobs is not the announced one. The part already written is not a valid result."""


class MissingExtraError(ExportError):
    """Raised if a library that the format needs is not installed. The message names the command that brings it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} needs a library that is not installed: {command_for(name)}")


class Result(NamedTuple):
    """The jobs to write, in order, exactly `total` of them; `now` is the time of the snapshot, in ticks."""

    total: int
    now: int
    batches: Iterable[list[Row]]


def counted(result: Result) -> Iterator[list[Row]]:
    """Gives the batches one after another. Raises CountMismatchError if they have more or fewer jobs than the total.

    A format asks for the batch after the last one before it writes the end of its file. So a file that has an end is
    complete.
    """
    seen = 0
    for batch in result.batches:
        seen += len(batch)
        if seen > result.total:
            break
        yield batch
    if seen != result.total:
        has = "more" if seen > result.total else f"{seen:,}"
        raise CountMismatchError(
            f"the store counts {result.total:,} jobs, but it has {has}: `jobreport check --repair` repairs counts"
        )
