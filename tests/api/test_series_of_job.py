"""`GET /api/jobs/{jobId}` tells the series of the job: how it stands, what is usual, and the jobs before and after."""

from typing import Any

import pytest

from jobreport.model import ticks
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import JOBS, App


def night(number: int, **fields: Any) -> dict[str, Any]:
    start = AUGUST + number * DAY
    times = {"startTime": start, "finishTime": start + (20 + number) * MINUTE}
    return job(f"n{number}", plan="nightly", **{**times, **fields})


@pytest.fixture
def filled(app: App) -> App:
    """Five good nights, of which the last took 24 minutes, and three that failed."""
    good = [night(number) for number in range(5)]
    bad = [night(number, state="Failed") for number in range(5, 8)]
    assert app.write([*good, *bad]).status_code == 200
    return app


def test_a_job_tells_its_series_as_the_call_for_series_does(filled: App) -> None:
    shown = filled.show("n6").json()["series"]
    whole = filled.one_series(shown["number"]).json()
    assert {name: value for name, value in shown.items() if name not in ("previous", "next")} == {
        name: value for name, value in whole.items() if name != "runs"
    }
    assert (shown["plan"], shown["notGood"], shown["lastGood"]["jobId"]) == ("nightly", 3, "n4")
    assert shown["notGoodSince"] == ticks.to_iso(AUGUST + 5 * DAY)
    assert shown["usual"]["duration"] == {"median": 22 * 60.0, "p10": 20.4 * 60, "p90": 23.6 * 60}


def test_a_job_tells_the_jobs_before_and_after_it_in_its_series(filled: App) -> None:
    filled.write(job("other", plan="weekly", startTime=AUGUST + 4 * DAY + 1, finishTime=AUGUST + 5 * DAY))
    filled.write(unfinished("due", "NotStarted", plan="nightly", startTime=AUGUST + 9 * DAY))

    def neighbours(job_id: str) -> list[dict[str, Any] | None]:
        shown = filled.show(job_id).json()["series"]
        return [shown["previous"], shown["next"]]

    assert neighbours("n5") == [
        {"jobId": "n4", "state": "Successful", "startTime": ticks.to_iso(AUGUST + 4 * DAY)},
        {"jobId": "n6", "state": "Failed", "startTime": ticks.to_iso(AUGUST + 6 * DAY)},
    ]
    assert neighbours("n0")[0] is None
    assert neighbours("n7")[1] == {"jobId": "due", "state": "NotStarted", "startTime": ticks.to_iso(AUGUST + 9 * DAY)}
    assert neighbours("due")[1] is None
    assert neighbours("other") == [None, None]


def test_a_job_of_no_series_says_so(app: App) -> None:
    app.write(job("alone", plan="", resource=""))
    assert app.show("alone").json()["series"] is None


def test_the_parameter_answers_the_same(filled: App) -> None:
    answer = filled.server.http.get(JOBS, params={"jobId": "n5"}, headers=filled.bearer)
    assert answer.json()["series"] == filled.show("n5").json()["series"]
    assert answer.json()["series"]["previous"]["jobId"] == "n4"


def test_a_tenant_that_has_the_same_series_tells_its_own_jobs_alone(filled: App, tenant: str) -> None:
    other = filled.server.app(f"{tenant}-other")
    assert other.show("n5").status_code == 404
    other.write(night(5))
    shown = other.show("n5").json()["series"]
    assert shown["key"] == filled.show("n5").json()["series"]["key"]
    assert (shown["jobs"], shown["notGood"], shown["previous"], shown["next"]) == (1, 0, None, None)
    # What the other tenant wrote changes nothing here.
    assert filled.show("n5").json()["series"]["jobs"] == 8
