"""The short way from a line of JSON to a job: whatever it takes is what the careful way gives; it takes most lines."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_documents import DONE, unfinished

from jobreport.contract.fast_decoder import plain_job
from jobreport.contract.job_document import job_from_wire, job_to_wire
from jobreport.contract.job_fields import NAMES
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import INT32_MAX, INT64_MAX, MAX_HEARTBEAT, MAX_RAW, TEXT_LIMITS, Job
from jobreport.model.ticks import UNIX_EPOCH, YEAR_2200
from strategies import NOW, jobs


def carefully(line: bytes) -> Job | None:
    """The job of the line, None for one that is refused."""
    try:
        return job_from_wire(msgspec.json.decode(line), now=NOW)
    except (InvalidInputError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def line_of(fields: dict[str, Any]) -> bytes:
    """`DONE` with other fields as a line; one that is `...` is left out."""
    return json.dumps({name: value for name, value in (DONE | fields).items() if value is not ...}).encode()


@given(jobs())
def test_any_job_as_the_program_writes_it_is_taken(job: Job) -> None:
    line = msgspec.json.encode(job_to_wire(job))
    if b"\\u0000" not in line:
        assert plain_job(line, NOW) == job


EDGES = [
    *(-1, 0, 1, 2, 86_400, 86_401, 600_000_000),
    *(limit + by for limit in (INT32_MAX, INT64_MAX, UNIX_EPOCH, YEAR_2200, NOW) for by in (-1, 0, 1)),
]
MOMENTS = ["2024-08-22T16:00:48Z", "2024-08-22T16:00:48.1859693+02:00", "2024-08-22", "1969-12-31T23:59:59Z", "soon"]
VALUES = st.one_of(
    st.sampled_from(EDGES),
    st.sampled_from([code.value for codes in (ServiceType, JobType, JobState) for code in codes]),
    st.sampled_from(["VM", "vm", "Backup", "Failed", "failed", "Successful", "", *MOMENTS]),
    st.sampled_from([length + by for length in sorted(TEXT_LIMITS.values()) for by in (0, 1)]).map("x".__mul__),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
)


@given(st.dictionaries(st.sampled_from([*NAMES.values(), "other"]), VALUES | st.just(...)))
def test_whatever_is_taken_is_what_the_careful_way_gives(fields: dict[str, Any]) -> None:
    line = line_of(fields)
    taken = plain_job(line, NOW)
    assert taken is None or taken == carefully(line)


@pytest.mark.parametrize(
    "fields",
    [
        {"serviceType": "VM", "jobType": "Backup", "state": "Failed"},
        {
            "startTime": "2024-08-22T16:00:48Z",
            "finishTime": "2024-08-22T17:00:48.5+01:00",
            "observedAt": "2024-08-23T00Z",
        },
        {"jobId": ...},
        {"raw": {"b": [1, 2.50, "x\ty", None]}, "comments": "ÜBER"},
        {"raw": None},
        {"failedCount": 0, "successfulCount": 3, "skippedCount": 4},
        {"totalCount": 0, "successfulCount": 3},
        {"heartbeat": MAX_HEARTBEAT, "bytes": INT64_MAX, "observedAt": NOW + 1},
        unfinished("NotStarted", startTime=...),
    ],
    ids=str,
)
def test_usual_forms_are_taken(fields: dict[str, Any]) -> None:
    line = line_of(fields)
    assert plain_job(line, NOW) == carefully(line) is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "Exception", "finishTime": ...},
        {"state": "InProgress"},
        {"startTime": ...},
        {"startTime": 638_599_398_999_332_488},
        {"failedCount": 1},
        {"failedCount": -1, "state": "Failed"},
        {"state": "Failed", "failedCount": INT32_MAX, "successfulCount": 1},
        {"heartbeat": MAX_HEARTBEAT + 1},
        {"comments": "a\0b"},
        {"comments": "a\ud800b"},
        {"raw": "x" * MAX_RAW},
        {"raw": "ü" * (MAX_RAW // 2)},
        {"jobId": ""},
        {"startTime": 1_724_342_448},
        *({name: ""} for name in ("startTime", "finishTime", "observedAt")),
        {"other": 1},
    ],
    ids=lambda fields: str(fields)[:50],
)
def test_a_job_that_breaks_a_rule_is_left_to_the_careful_way(fields: dict[str, Any]) -> None:
    line = line_of(fields)
    assert plain_job(line, NOW) is None is carefully(line)


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"[]", b"1", b"{", b'{"jobId":"\xff"}', b'{"raw":' + b"[" * 100_000, b"{} {}", b'{"x":NaN}'],
    ids=lambda line: str(line[:20]),
)
def test_what_is_no_job_is_left_to_the_careful_way(line: bytes) -> None:
    assert plain_job(line, NOW) is None
