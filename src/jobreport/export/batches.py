"""What a format is given to write, and the check that it is as many jobs as were announced."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jobreport.contract.job_row import Row


class ExportError(Exception):
    """An export that cannot be made or was not made whole.

    ExportError
    ├── CountMismatchError   the store has more or fewer jobs than its counts say
    └── MissingExtraError    this installation cannot write the format
    """


class CountMismatchError(ExportError):
    """The jobs are not as many as was announced: what was written of them is not the result."""


class MissingExtraError(ExportError):
    """A library that the format needs is not installed; the message names the extra."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} needs the extra `{name}`: pip install 'jobreport[{name}]'")


class Result(NamedTuple):
    """What a format writes: the jobs in order, exactly `total`; `now` is the moment of the snapshot, in ticks."""

    total: int
    now: int
    batches: Iterable[list[Row]]


def counted(result: Result) -> Iterator[list[Row]]:
    """The batches, one after another; CountMismatchError where they have more or fewer jobs than the total.

    A format asks for what comes after the last batch before it writes the end of its file. So a file that has an end
    is whole.
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
