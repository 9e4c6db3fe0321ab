"""Counts the records of a list that could not be read or stored. One bad record does not hide the others."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from jobreport.connectors.base import CannotReadError, Page, UnreadableRecordError
from jobreport.contract.job_fields import NAMES
from jobreport.model.job import Job, faults
from jobreport.runner.text import clean, shorten

R = TypeVar("R")

_SAID: Final = 2_000
"""The most characters of why a stream could not be read."""


class Refusals:
    """Counts what was refused, and keeps the first reason of each kind: a list may have any number of them."""

    def __init__(self) -> None:
        self._count = {"read": 0, "stored": 0}
        self._first: dict[str, str] = {}

    def unreadable(self, reasons: Iterable[str]) -> None:
        """Adds records that cannot be read."""
        for reason in reasons:
            self._add("read", reason)

    def unstorable(self, reason: str) -> None:
        """Adds a job that cannot be stored."""
        self._add("stored", reason)

    def _add(self, what: str, reason: str) -> None:
        self._count[what] += 1
        self._first.setdefault(what, reason)

    def __len__(self) -> int:
        return sum(self._count.values())

    def __str__(self) -> str:
        """Returns in words why a stream was not read to its end of which these were refused; empty: none was."""
        told = {"read": "records cannot be read", "stored": "jobs cannot be stored"}
        return "; ".join(f"{self._count[what]:,} of its {told[what]}: {first}" for what, first in self._first.items())


def readable(records: Iterable[R], made: Callable[[R], Job | None]) -> tuple[list[Job], list[str]]:
    """Returns the jobs that `made` makes of records, and why it could make none of others."""
    jobs, refused = [], []
    for record in records:
        try:
            job = made(record)
        except UnreadableRecordError as error:
            refused.append(str(error))
        else:
            if job is not None:
                jobs.append(job)
    return jobs, refused


def again(job: Job, record: R | None, made: Callable[[R], Job | None]) -> Page:
    """Returns what is told of an unfinished job that was asked for by itself: `record` is what came, None if it is not
    there any more.
    """
    jobs, refused = readable([] if record is None else [record], made)
    return Page(jobs=jobs, refused=refused, gone=[] if jobs or refused else [job.job_id])


def why_refused(job: Job) -> str:
    """Returns why a job cannot be stored; empty: it can."""
    wrong = faults(job, NAMES)
    return f"{job.job_id[:128]!r}, {wrong[0].field}: {wrong[0].message}" if wrong else ""


def words(error: CannotReadError) -> str:
    """Returns what an error says, as a store takes it: an origin's own words may have any character, and any length."""
    return fitting(str(error))


def fitting(text: str) -> str:
    """Returns why a stream or a record could not be read, as a store takes it."""
    return shorten(clean(text), _SAID)


def unforeseen(error: Exception) -> str:
    """Returns what to say of an error that nobody foresaw: nothing of its text, which may quote what was sent."""
    return f"unforeseen: {type(error).__name__}"
