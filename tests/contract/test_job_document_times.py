"""The write side's rules on times, and on what each state needs."""

import pytest
from job_documents import FINISH, START, read_errors, read_job, unfinished

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from strategies import NOW


@pytest.mark.parametrize("value", ["2024-08-22T16:00:48.1859693Z", "2024-08-22T18:00:48.1859693+02:00", START])
def test_a_time_is_iso_8601_with_a_zone_or_ticks(value: object) -> None:
    assert read_job(startTime=value).start == START


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2024-08-22", "date alone"),
        ("2024-08-22T16:00:48", "no zone"),
        ("noon", "no ISO 8601 time"),
        ("1969-12-31T23:59:59Z", "outside the years 1970 to 2199"),
        ("2200-01-01T00:00:00Z", "outside the years 1970 to 2199"),
        (1_724_342_448, "looks like Unix seconds"),
        (1_724_342_448_186, "looks like Unix milliseconds"),
        (-1, "must be .NET ticks"),
        (ticks.YEAR_2200, "must be .NET ticks"),
        (10**30, "must be .NET ticks"),
        (1.5, "not a fraction"),
        (True, "not a boolean"),
        ([START], "not an array"),
        ({}, "not an object"),
    ],
)
@pytest.mark.parametrize("field", ["startTime", "finishTime", "observedAt"])
def test_any_other_time_is_refused_with_what_would_be_right(field: str, value: object, message: str) -> None:
    assert message in read_errors(**{field: value})[field]


def test_a_report_without_its_time_of_observation_leaves_it_to_the_store_which_knows_the_order() -> None:
    assert read_job().observed == read_job(observedAt=0).observed == read_job(observedAt=None).observed == 0
    assert read_job(observedAt=NOW - 1).observed == NOW - 1


def test_an_observation_that_a_fast_clock_put_into_the_future_was_made_now() -> None:
    assert read_job(observedAt=NOW + 1).observed == NOW


# States and what they need


@pytest.mark.parametrize("state", ["InProgress", "Successful", "Skipped", "Exception", "Failed", "Stopped"])
@pytest.mark.parametrize("value", [0, None, ...])
def test_a_job_that_ran_needs_its_start(state: str, value: object) -> None:
    finish = FINISH if JobState[state].finished else ...
    assert read_errors(state=state, startTime=value, finishTime=finish) == {
        "startTime": f"is required for a job in state {state}: when it started"
    }


def test_a_waiting_job_needs_the_time_when_it_was_handed_over() -> None:
    assert read_errors(**unfinished("Waiting", startTime=...)) == {
        "startTime": "is required for a job in state Waiting: when it was handed to the agent"
    }


def test_a_job_not_started_may_be_due_or_not() -> None:
    assert read_job(**unfinished("NotStarted", startTime=...)).start == 0
    assert read_job(**unfinished("NotStarted")).start == START


@pytest.mark.parametrize("state", ["Successful", "Skipped", "Exception", "Failed", "Stopped"])
def test_a_finished_job_needs_its_finish(state: str) -> None:
    assert read_errors(state=state, finishTime=...) == {
        "finishTime": f"is required for a job in state {state}, which has ended"
    }


@pytest.mark.parametrize("state", ["NotStarted", "Waiting", "InProgress"])
def test_an_unfinished_job_has_no_finish(state: str) -> None:
    assert read_errors(state=state) == {
        "finishTime": f"must be left out for a job in state {state}, which has not ended"
    }


def test_a_job_does_not_finish_before_it_starts() -> None:
    assert read_errors(finishTime=START - 1) == {"finishTime": "must not lie before startTime"}
    assert read_job(finishTime=START).finish == START


def test_a_successful_job_has_no_failed_objects() -> None:
    assert "say Exception" in read_errors(failedCount=1)["failedCount"]
    assert read_job(state="Exception", failedCount=1).failed == 1
