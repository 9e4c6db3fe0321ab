"""A job as somebody writes it, what is read of it, and what is said where it breaks a rule."""

from typing import Any

import pytest

from jobreport.contract.job_document import job_from_wire
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import Job
from strategies import NOW

START = 638_599_392_481_859_693
FINISH = 638_599_398_999_332_487
DONE: dict[str, Any] = {
    "jobId": "IB20240822160048505",
    "serviceType": "FileShare",
    "jobType": "FileBackup",
    "state": "Successful",
    "startTime": START,
    "finishTime": FINISH,
}


def read_job(**fields: Any) -> Job:
    """The job of `DONE` with other `fields`; one that is `...` is left out."""
    return job_from_wire({name: value for name, value in (DONE | fields).items() if value is not ...}, now=NOW)


def read_errors(**fields: Any) -> dict[str, str]:
    """What is said, by field, of `DONE` with other `fields`."""
    with pytest.raises(InvalidInputError) as caught:
        read_job(**fields)
    return {error.field: error.message for error in caught.value.errors}


def unfinished(state: str, **fields: Any) -> dict[str, Any]:
    return {"state": state, "finishTime": ..., **fields}
