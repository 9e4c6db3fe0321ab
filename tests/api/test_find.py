"""`GET /backup/vm/jobs`: generation 2 of the contract, its answers and errors field by field."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from test_report_published import published
from written_jobs import write_jobs

from jobs import AUGUST, job, published_answer, unfinished
from serving import App, Server


def test_find_answers_the_documented_fields_in_their_order(app: App) -> None:
    counts = {"failedCount": 1, "successfulCount": 2, "skippedCount": 3}
    write_jobs(app, [job("a", state="Exception", comments="c", serviceType="VM", jobType="Backup", **counts)])
    answer = app.find()
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["totalCount", "jobs", "nextLink"]
    (one,) = answer.json()["jobs"]
    assert list(one.items()) == list(
        {
            "jobId": "a",
            "jobType": 1,
            "status": 8,
            **counts,
            "totalCount": 6,
            "startTime": "2024-08-22T16:00:48Z",
            "finishTime": "2024-08-22T16:01:48Z",
            "duration": "00:01:00",
            "comments": "c",
        }.items()
    )


@pytest.mark.parametrize(
    ("start", "finish", "duration"),
    [
        ("2024-10-25T16:00:14Z", "2024-10-27T08:00:58Z", "1.16:00:44"),
        ("2024-10-02T05:41:45Z", "2024-10-02T18:44:11Z", "13:02:26"),
    ],
)
def test_published_pairs_of_times_last_as_published(app: App, start: str, finish: str, duration: str) -> None:
    write_jobs(app, [job("a", startTime=start, finishTime=finish)])
    (one,) = app.find().json()["jobs"]
    assert (one["startTime"], one["finishTime"], one["duration"]) == (start, finish, duration)


def test_duration_is_of_the_full_times_and_then_cut(app: App) -> None:
    write_jobs(app, [job("a", startTime="2024-10-27T08:17:06.9Z", finishTime="2024-10-27T08:21:08.5Z")])
    (one,) = app.find().json()["jobs"]
    published = ("2024-10-27T08:17:06Z", "2024-10-27T08:21:08Z", "00:04:01")
    assert (one["startTime"], one["finishTime"], one["duration"]) == published


def test_unfinished_job_has_an_unset_finish_and_lasts_since_its_start(app: App) -> None:
    begun = datetime.now(UTC) - timedelta(days=1, hours=2, minutes=3)
    write_jobs(
        app,
        [
            unfinished("runs", "InProgress", startTime=begun.isoformat()),
            unfinished("due", "NotStarted", startTime=AUGUST),
            unfinished("some day", "NotStarted", startTime=None),
        ],
    )
    shown = {one["jobId"]: one for one in app.find().json()["jobs"]}
    assert shown["runs"]["duration"].startswith("1.02:03:")
    assert shown["runs"]["startTime"] == begun.strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in ("due", "some day"):
        assert (shown[name]["startTime"], shown[name]["duration"]) == ("0001-01-01T00:00:00Z", "00:00:00")
    assert {one["finishTime"] for one in shown.values()} == {"0001-01-01T00:00:00Z"}


def test_both_generations_list_the_same_jobs_in_the_same_order(app: App) -> None:
    published(app, 46)
    assert [one["jobId"] for one in app.find(pageSize=5).json()["jobs"]] == [one["jobId"] for one in published_answer()]
    assert app.find().json()["totalCount"] == app.report().json()["totalCount"] == 51


def test_tenant_without_jobs_gets_an_empty_page_of_generation_2(app: App) -> None:
    assert app.find().json() == {"totalCount": 0, "jobs": [], "nextLink": ""}


def test_errors_of_generation_2_bear_an_error_model_beside_the_problem(idle: App, server: Server) -> None:
    ask = server.http.request
    bearer = idle.bearer
    path = "/backup/vm/jobs"
    for status, code, answer in (
        (400, "BadRequest", idle.find(state="Broken")),
        (401, "Unauthorized", ask("GET", path)),
        (401, "Unauthorized", ask("GET", path, headers={"Authorization": "Bearer garbage"})),
        (403, "Forbidden", server.app("idle", "PlatformBackup.Jobs.Report").find()),
        (405, "MethodNotAllowed", ask("POST", path, headers=bearer)),
    ):
        document = answer.json()
        assert (answer.status_code, document["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        model = document.pop("errorModel")
        assert list(model) == ["requestId", "date", "code", "message"]
        assert model["requestId"] == document["requestId"] == answer.headers["request-id"]
        assert model["date"] == document["timestamp"]
        assert model["code"] == code
        assert model["message"].startswith(document["detail"])
        assert list(document) == ["type", "title", "status", "detail", "requestId", "timestamp", "errors"]
    assert "state: must be one of these" in idle.find(state="Broken").json()["errorModel"]["message"]


def test_errors_of_other_routes_bear_none(idle: App) -> None:
    assert "errorModel" not in idle.report({"jobType": 3}).json()
    assert "errorModel" not in idle.server.http.get("/backup/vm/nothing").json()


def test_every_parameter_is_documented_where_the_route_is(server: Server) -> None:
    from jobreport.api.backup_jobs import PARAMETERS

    operation = server.http.get("/openapi.json").json()["paths"]["/backup/vm/jobs"]["get"]
    documented = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    assert list(documented) == [parameter.name for parameter in PARAMETERS]
    assert documented["state"]["schema"]["type"] == "array"
    assert json.dumps(operation["responses"]["400"]["content"]).count("Generation2Problem") == 1
