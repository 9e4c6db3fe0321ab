"""The time range of a report: its unit, its ends, and numbers that are no ticks of our time."""

import pytest
from refused import fault_of

from jobs import AUGUST, DAY, EPOCH, SECOND, YEAR_2200, job, unfinished
from serving import App

YEAR_9999 = 3_155_063_616_000_000_000
DOTNET_MAX = 3_155_378_975_999_999_999
FIELDS = ("startTime", "finishTime")
# Numbers in other units, and the ticks that each would be.
UNIX = 1_724_342_448
OTHER_UNITS = {
    "seconds": (UNIX, EPOCH + UNIX * SECOND),
    "milliseconds": (UNIX * 10**3 + 185, EPOCH + UNIX * SECOND + 1_850_000),
    "microseconds": (UNIX * 10**6 + 185_969, EPOCH + UNIX * SECOND + 1_859_690),
    "nanoseconds": (UNIX * 10**9 + 185_969_300, EPOCH + UNIX * SECOND + 1_859_693),
}


def message(app: App, field: str, number: object) -> str:
    answer = app.report({field: number})
    fault = fault_of(answer)
    assert fault["field"] == field
    return str(fault["message"])


def test_range_takes_in_both_of_its_ends(app: App) -> None:
    app.write([job(f"t{n}", startTime=AUGUST + n) for n in range(5)])
    assert app.found(startTime=AUGUST + 1, finishTime=AUGUST + 3) == ["t3", "t2", "t1"]
    assert app.found(startTime=AUGUST + 2, finishTime=AUGUST + 2) == ["t2"]


def test_range_is_of_the_start_and_not_of_the_end(app: App) -> None:
    app.write([job("long", startTime=AUGUST, finishTime=AUGUST + 3 * DAY)])
    assert app.found(startTime=AUGUST + DAY, finishTime=AUGUST + 4 * DAY) == []
    assert app.found(startTime=AUGUST - DAY, finishTime=AUGUST + 1) == ["long"]


def test_one_end_alone_leaves_the_other_open(app: App) -> None:
    app.write([job("early", startTime=AUGUST - DAY), job("late", startTime=AUGUST + DAY)])
    assert app.found(startTime=AUGUST) == ["late"]
    assert app.found(finishTime=AUGUST) == ["early"]


def test_start_after_finish_is_refused(idle: App) -> None:
    answer = idle.report({"startTime": AUGUST + 1, "finishTime": AUGUST})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "startTime", "message": "must not lie after finishTime"}]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("number", [EPOCH, EPOCH + 1, AUGUST, YEAR_2200 - 1])
def test_ticks_from_1970_to_2199_are_taken(idle: App, field: str, number: int) -> None:
    assert idle.report({field: number}).status_code == 200


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("number", [-1, 1, EPOCH - 1, YEAR_2200, YEAR_9999 - 1, -(2**63), -(2**63) - 1, 2**63, 10**400])
def test_other_numbers_are_refused(idle: App, field: str, number: int) -> None:
    assert "must be .NET ticks" in message(idle, field, number)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("unit", OTHER_UNITS)
def test_number_in_another_unit_is_refused_saying_the_unit_and_the_ticks_it_would_be(
    idle: App, field: str, unit: str
) -> None:
    number, would_be = OTHER_UNITS[unit]
    said = message(idle, field, number)
    assert f"Unix {unit}" in said
    assert str(would_be) in said


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "value", ["2024-08-22T16:00:48Z", str(AUGUST), 1.5, 6.38599392481859693e17, True, [AUGUST], {}]
)
def test_times_are_whole_numbers(idle: App, field: str, value: object) -> None:
    assert "whole number" in message(idle, field, value)


@pytest.mark.parametrize("number", [YEAR_9999, DOTNET_MAX, 2**63 - 1])
def test_upper_end_from_the_year_9999_on_is_open(app: App, number: int) -> None:
    app.write([job("any")])
    assert app.found(finishTime=number) == ["any"]
    assert app.found(startTime=AUGUST + 1, finishTime=number) == []


@pytest.mark.parametrize("number", [YEAR_9999, DOTNET_MAX])
def test_lower_end_is_never_open_at_the_year_9999(idle: App, number: int) -> None:
    assert "must be .NET ticks" in message(idle, "startTime", number)


def test_duration_is_in_ticks_finish_less_start(app: App) -> None:
    app.write([job("d", startTime=638599392481859693, finishTime=638599398999332487)])
    assert app.report().json()["jobs"][0]["duration"] == 6517472794


def test_running_job_has_no_finish_and_lasts_since_its_start(app: App) -> None:
    app.write([unfinished("run", "InProgress"), unfinished("wait", "Waiting")])
    first = app.report().json()["jobs"]
    second = app.report().json()["jobs"]
    for before, after in zip(first, second, strict=True):
        assert before["startTime"] == AUGUST
        assert before["finishTime"] == 0
        assert before["duration"] > 365 * DAY
        assert after["duration"] > before["duration"]


def test_job_that_has_not_started_is_all_zero_on_the_wire(app: App) -> None:
    app.write([unfinished("due", "NotStarted"), unfinished("never", "NotStarted", startTime=0)])
    for found in app.report().json()["jobs"]:
        assert (found["state"], found["startTime"], found["finishTime"], found["duration"]) == (0, 0, 0, 0)


def test_job_that_has_not_started_is_filed_under_its_due_time(app: App) -> None:
    app.write(
        [unfinished("due", "NotStarted"), job("before", startTime=AUGUST - 1), job("after", startTime=AUGUST + 1)]
    )
    assert app.found() == ["after", "due", "before"]
    assert app.found(startTime=AUGUST, finishTime=AUGUST) == ["due"]


def test_job_without_a_due_time_is_filed_under_the_time_it_was_received(app: App) -> None:
    app.write([job("before"), unfinished("never", "NotStarted", startTime=0)])
    assert app.found() == ["never", "before"]
    assert app.found(startTime=AUGUST + DAY) == ["never"]
    assert app.found(finishTime=AUGUST + DAY) == ["before"]


def test_waiting_job_moves_to_its_real_start(app: App) -> None:
    app.write(unfinished("w", "Waiting"))
    assert app.found(startTime=AUGUST, finishTime=AUGUST) == ["w"]
    app.write(unfinished("w", "InProgress", startTime=AUGUST + DAY))
    assert app.found(startTime=AUGUST, finishTime=AUGUST) == []
    assert app.found(startTime=AUGUST + DAY, finishTime=AUGUST + DAY) == ["w"]
