"""`GET /api/series/{series}`: one series by number or key, with its last runs and what is usual of them."""

from typing import Any

import pytest

from jobreport.model import ticks
from jobs import AUGUST, DAY, MINUTE, SECOND, job, unfinished
from serving import App


def run(number: int, **fields: Any) -> dict[str, Any]:
    """A good run that took as many seconds as its number, of another description each time."""
    start = AUGUST + number * DAY
    whole = {"startTime": start, "finishTime": start + number * SECOND, "bytes": number * 10, "totalCount": number}
    return job(f"run{number:02}", plan="nightly", description=f"of day {number}", **{**whole, **fields})


@pytest.fixture
def filled(app: App) -> App:
    assert app.write([run(number) for number in range(41)]).status_code == 200
    app.write(run(41, state="Failed", bytes=9, totalCount=0))
    app.write(unfinished("runs", "InProgress", plan="nightly", startTime=AUGUST + 50 * DAY))
    app.write(unfinished("due", "NotStarted", plan="nightly", startTime=AUGUST + 60 * DAY))
    return app


def test_the_last_thirty_runs_are_shown_newest_first(filled: App) -> None:
    (listed,) = filled.series().json()["series"]
    answer = filled.one_series(listed["number"])
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert {name: shown[name] for name in listed} == listed
    names = ["runs", *(f"run{number:02}" for number in range(41, 12, -1))]
    assert [one["jobId"] for one in shown["runs"]] == names
    newest, failed, good = shown["runs"][:3]
    assert (newest["state"], newest["finishTime"]) == ("InProgress", None)
    assert newest["duration"] > 365 * 86_400
    assert (failed["state"], failed["bytes"]) == ("Failed", 9)
    assert good == {
        "jobId": "run40",
        "state": "Successful",
        "startTime": ticks.to_iso(AUGUST + 40 * DAY),
        "finishTime": ticks.to_iso(AUGUST + 40 * DAY + 40 * SECOND),
        "duration": 40.0,
        "objects": 40,
        "bytes": 400,
    }


def test_what_is_usual_are_median_and_percentiles_of_the_last_thirty_good_runs(filled: App) -> None:
    (listed,) = filled.series().json()["series"]
    # Of the numbers 11 to 40.
    assert filled.one_series(listed["key"]).json()["usual"] == {
        "runs": 30,
        "duration": {"median": 25.5, "p10": 13.9, "p90": 37.1},
        "objects": {"median": 26, "p10": 14, "p90": 37},
        "bytes": {"median": 255, "p10": 139, "p90": 371},
    }


def test_of_a_series_without_a_good_run_nothing_is_usual(app: App) -> None:
    app.write(job("bad", plan="nightly", state="Failed"))
    (listed,) = app.series().json()["series"]
    shown = app.one_series(listed["number"]).json()
    assert (shown["usual"], [one["jobId"] for one in shown["runs"]]) == (None, ["bad"])


def test_a_key_names_the_series_in_any_case_and_in_every_tenant_that_has_it(filled: App, tenant: str) -> None:
    key = filled.series().json()["series"][0]["key"]
    assert filled.one_series(key.upper()).json()["key"] == key
    other = filled.server.app(f"{tenant}-other")
    assert other.one_series(key).status_code == 404
    other.write([job("first", plan="another"), job("second", plan="nightly", startTime=AUGUST, finishTime=AUGUST)])
    assert [one["jobId"] for one in other.one_series(key).json()["runs"]] == ["second"]


@pytest.mark.parametrize("name", ["0", "99", "9" * 10, "9" * 30, "-1", "nightly", "f" * 32, "%00", "é"])
def test_what_names_no_series_is_not_found(filled: App, name: str) -> None:
    answer = filled.one_series(name)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no series of this number or key that has jobs."


def test_a_series_whose_jobs_went_to_another_is_not_there(app: App) -> None:
    app.write(job("moved", plan="wrong"))
    (wrong,) = app.series().json()["series"]
    app.write(job("moved", plan="right", finishTime=AUGUST + 2 * MINUTE))
    assert app.one_series(wrong["number"]).status_code == 404
    assert [one["plan"] for one in app.series().json()["series"]] == ["right"]
