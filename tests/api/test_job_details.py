"""`GET /api/search`: the jobs of generation 2 in the same order, each with its plan, its resource and all else."""

import pytest

from jobs import AUGUST, MINUTE, job, unfinished
from serving import SEARCH, App

ABOUT = {"plan": "nightly", "resource": "web-1:/home", "description": "home folders", "origin": "script/web-1"}


def search(app: App, **parameters: object) -> dict[str, object]:
    answer = app.server.http.get(SEARCH, params=parameters, headers=app.bearer)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_job_is_told_with_what_it_is_about(app: App) -> None:
    app.write([job("a", serviceType="FileShare", jobType="FileBackup", startTime=AUGUST, bytes=5 * 2**40, **ABOUT)])
    (found,) = search(app)["jobs"]
    assert {name: found[name] for name in ABOUT} == ABOUT
    assert (found["serviceType"], found["service"]) == (8, "FileShare")
    assert (found["jobType"], found["type"]) == (1024, "FileBackup")
    assert (found["status"], found["state"]) == (2, "Successful")
    assert found["bytes"] == 5 * 2**40
    assert found["observedAt"].endswith("Z")


def test_both_calls_give_the_same_jobs_in_the_same_order_with_the_same_tokens(app: App) -> None:
    app.write([job(f"j{number:02}", startTime=AUGUST + number * MINUTE, plan=f"p{number % 3}") for number in range(9)])
    app.write([unfinished("due", "NotStarted", startTime=AUGUST)])
    token = ""
    for _ in range(4):
        asked: dict[str, object] = {"pageSize": 3, "sort": "startTime", **({"skiptoken": token} if token else {})}
        here, there = search(app, **asked), app.find(**asked).json()
        fields = there["jobs"][0].keys()
        assert [{name: one[name] for name in fields} for one in here["jobs"]] == there["jobs"]
        assert here["totalCount"] == there["totalCount"] == 10
        token = there["nextLink"]
        # A token of one call is good for the other.
        if token:
            answer = app.server.http.get(SEARCH, params={**asked, "skiptoken": token}, headers=app.bearer)
            assert answer.status_code == 200
    assert token == ""


@pytest.mark.parametrize(
    "asked", [{"plan": "p0"}, {"plan": "none"}, {"searchText": "J0"}, {"state": "Failed"}], ids=str
)
def test_any_question_finds_the_jobs_of_generation_2(app: App, asked: dict[str, object]) -> None:
    app.write([job(f"j{number:02}", startTime=AUGUST + number * MINUTE, plan=f"p{number % 3}") for number in range(12)])
    for page in range(4):
        more = {**asked, "pageNumber": page, "pageSize": 2}
        here, there = search(app, **more), app.find(**more).json()
        assert [one["jobId"] for one in here["jobs"]] == [one["jobId"] for one in there["jobs"]]
        assert here["totalCount"] == there["totalCount"]


def test_wrong_parameter_is_named(app: App) -> None:
    answer = app.server.http.get(SEARCH, params={"plann": "x"}, headers=app.bearer)
    assert answer.status_code == 400
    assert "did you mean plan?" in answer.json()["errors"][0]["message"]
