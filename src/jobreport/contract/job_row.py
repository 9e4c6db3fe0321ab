"""A job as a row of an export: the columns of the file, and the form of a job's times in it."""

from typing import Final, NamedTuple

from jobreport.contract.job_fields import NAMES
from jobreport.model.catalog import UNFINISHED, JobState
from jobreport.model.job import wire_times


class JobRow(NamedTuple):
    """One job of an export. The fields are those of `Job`; codes are numbers, times are ticks (0: unset).

    `cause` is the code of why it is not good, whether its origin gave it or its comments tell it; `cause_text` says it
    in words. Both are empty if it has none. `reference` is empty if it has none; `sees` is a word of `model.sees`.
    """

    job_id: str
    service: int
    type: int
    state: int
    start: int
    finish: int
    observed: int
    failed: int
    successful: int
    skipped: int
    total: int
    size: int
    comments: str
    description: str
    plan: str
    resource: str
    origin: str
    cause: str
    cause_text: str
    reference: str
    sees: str


Row = tuple[str, int, int, int, int, int, int, int, int, int, int, int, str, str, str, str, str, str, str, str, str]
"""The fields of a `JobRow` as a plain tuple: a million tuples take half the time of a million structs."""

DURATION: Final = "durationSeconds"
"""The name of the column with the duration of a job. It is computed; reports do not contain it."""
CAUSE_TEXT: Final = "causeText"
"""The name of the column with the cause of a job in words. It follows from the code in the column before it."""
DERIVED: Final = (DURATION, CAUSE_TEXT)
"""The columns that reports do not contain, since they follow from others."""
_NAMES: Final = [(NAMES | {"cause_text": CAUSE_TEXT})[field] for field in JobRow._fields]
_AFTER: Final = _NAMES.index(NAMES["finish"]) + 1
COLUMNS: Final = (*_NAMES[:_AFTER], DURATION, *_NAMES[_AFTER:])
"""The columns of every file, in order: the names of the write side, and how long a job took."""
TITLES: Final = (
    "Job ID",
    "Service",
    "Job type",
    "State",
    "Start (UTC)",
    "Finish (UTC)",
    "Duration",
    "Observed (UTC)",
    "Failed",
    "Successful",
    "Skipped",
    "Total",
    "Bytes",
    "Comments",
    "Description",
    "Plan",
    "Resource",
    "Origin",
    "Cause code",
    "Cause",
    "Reference",
    "Sees",
)
"""The titles of these columns, in the same order, in a workbook for people."""


def times(state: int, start: int, finish: int, now: int) -> tuple[int, int, int]:
    """Returns start, finish and duration of a job, in ticks; `now` is when the export was made.

    They are as the contract gives them ("unfinished jobs"), with one exception: the start of a job that has not started
    is the time at which it is due, as on the write side. So the due time is not lost when the file is imported.
    """
    if state not in UNFINISHED:
        return start, finish, finish - start
    _, finish, duration = wire_times(JobState(state), start, finish, now)
    return start, finish, duration
