"""`GET /api/summary`: what is told of groups of jobs, what the answer says of itself, and what is refused."""

from typing import Any

import pytest
from refused import fault_of

from jobreport.api.summary import PARAMETERS
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App, Server, typed


def groups(app: App, *pairs: tuple[str, str], **parameters: Any) -> list[dict[str, Any]]:
    answer = app.summary(*pairs, **parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["groups"]
    return found


@pytest.fixture
def filled(app: App) -> App:
    """Jobs of three days, one of them an hour before midnight UTC."""
    counts = {"failedCount": 2, "successfulCount": 3, "skippedCount": 1}
    about = {"plan": "nightly", "resource": "web-1", "origin": "cron"}
    midnight = AUGUST // DAY * DAY
    done = app.write(
        [
            job("a", startTime=midnight, **about, bytes=2**62, serviceType="VM"),
            job("b", startTime=midnight + 23 * 60 * MINUTE, state="Exception", **counts, plan="nightly", bytes=2**62),
            job("c", startTime=midnight + DAY, state="Failed", failedCount=1, plan="weekly", bytes=2**62),
            unfinished("d", "InProgress", startTime=midnight + DAY),
            job("e", startTime=midnight + 2 * DAY, state="Skipped", skippedCount=4),
        ]
    )
    assert done.status_code == 200, done.text
    return app


def test_numbers_of_jobs_by_day_and_state(filled: App) -> None:
    answer = filled.summary(by="day,state").json()
    assert list(answer) == ["covers", "total", "groups"]
    assert answer["total"] == {"jobs": 5, "successfulJobs": 1, "unsuccessfulJobs": 2, "successRate": 1 / 3}
    assert [(one["day"], one["state"], one["jobs"], one["successRate"]) for one in answer["groups"]] == [
        ("2024-08-22", "Successful", 1, 1.0),
        ("2024-08-22", "Exception", 1, 0.0),
        ("2024-08-23", "InProgress", 1, None),
        ("2024-08-23", "Failed", 1, 0.0),
        ("2024-08-24", "Skipped", 1, None),
    ]
    assert set(answer["groups"][0]) == {
        *("day", "state"),
        *("jobs", "successfulJobs", "unsuccessfulJobs", "successRate"),
    }


def test_days_are_those_of_the_time_zone_that_is_named(filled: App) -> None:
    by_day = {one["day"]: one["jobs"] for one in groups(filled, by="day", tz="Europe/Berlin")}
    assert by_day == {"2024-08-22": 1, "2024-08-23": 3, "2024-08-24": 1}
    by_day = {one["day"]: one["jobs"] for one in groups(filled, by="day", tz="america/new_york")}
    assert by_day == {"2024-08-21": 1, "2024-08-22": 3, "2024-08-23": 1}
    hours = groups(filled, by="hour", tz="Asia/Kathmandu", state="Exception")
    assert [one["hour"] for one in hours] == ["2024-08-23T04:00:00+05:45"]


def test_values_of_by_come_by_repetition_or_with_commas_and_in_the_order_of_the_groups(filled: App) -> None:
    assert groups(filled, ("by", "state"), ("by", "day")) == groups(filled, by="state,day")
    assert [one["state"] for one in groups(filled, by="STATE,day")] == [
        "InProgress",
        "Successful",
        "Skipped",
        "Exception",
        "Failed",
    ]
    assert groups(filled) == groups(filled, by="") == []
    assert groups(filled, by="day,day") == groups(filled, by="day")


def test_sums_of_objects_and_bytes_are_told_where_they_are_asked_for(filled: App) -> None:
    answer = filled.summary(by="plan", **{"with": "objects,bytes"}).json()
    assert answer["total"]["bytes"] == 3 * 2**62
    assert answer["total"]["objects"] == {"failed": 3, "successful": 3, "skipped": 5, "total": 11}
    assert {one["plan"]: one["bytes"] for one in answer["groups"]} == {"": 0, "nightly": 2**63, "weekly": 2**62}
    assert "lastSuccess" not in answer["total"]


def test_last_success_and_last_failure_of_a_plan_or_resource(filled: App) -> None:
    plans = {
        one["plan"]: (one["lastSuccess"], one["lastFailure"]) for one in groups(filled, by="plan", **{"with": "last"})
    }
    assert plans == {
        "": (None, None),
        "nightly": ("2024-08-22T00:00:00.0000000Z", "2024-08-22T23:00:00.0000000Z"),
        "weekly": (None, "2024-08-23T00:00:00.0000000Z"),
    }
    (web,) = groups(filled, by="resource", resource="web-1", **{"with": "last"})
    assert (web["resource"], web["lastSuccess"]) == ("web-1", "2024-08-22T00:00:00.0000000Z")


def test_filters_are_those_of_the_query_language(filled: App) -> None:
    for parameters, jobs in (
        ({"state": "Failed,Exception"}, 2),
        ({"serviceType": 1}, 1),
        ({"plan": "nightly"}, 2),
        ({"origin": "cron"}, 1),
        ({"searchText": "A"}, 1),
        ({"minFailed": 2}, 1),
        ({"startTime": "2024-08-23T00:00:00Z"}, 3),
        ({"finishTime": "2024-08-23T00:00:00Z"}, 4),
        ({"startTime": "2030-01-01T00:00:00Z"}, 0),
    ):
        assert filled.summary(by="day", **parameters).json()["total"]["jobs"] == jobs, parameters
        assert filled.find(**parameters).json()["totalCount"] == jobs, parameters


def test_answer_says_what_it_covers(filled: App) -> None:
    covers = filled.summary(
        ("by", "day"), ("tz", "Asia/Tokyo"), ("startTime", "2024-08-22T12:00:00Z"), ("finishTime", str(AUGUST + DAY)),
        ("plan", "a, b"), ("plan", "c"), ("jobType", "1,FileBackup"),
    ).json()["covers"]  # fmt: skip
    assert covers.pop("asOf").startswith("20")
    assert covers == {
        "startTime": "2024-08-22T12:00:00.0000000Z",
        "finishTime": "2024-08-23T16:00:48.1859693Z",
        "bounded": True,
        "firstJob": "2024-08-22T00:00:00.0000000Z",
        "lastJob": "2024-08-24T00:00:00.0000000Z",
        "timeZone": "Asia/Tokyo",
        "by": ["day"],
        "filters": {"jobType": ["Backup,FileBackup"], "plan": ["a, b", "c"]},
    }


def test_weeks_and_months_are_those_of_the_zone_and_nights_those_of_the_tenant(filled: App) -> None:
    assert [one["week"] for one in groups(filled, by="week", tz="Asia/Tokyo")] == ["2024-W34"]
    assert [(one["month"], one["jobs"]) for one in groups(filled, by="month")] == [("2024-08", 5)]
    name = filled.document["tenant"]
    words = ("tenant", "set", name, "--tz", "America/New_York", "--night", "06:00", "--store", filled.server.store)
    assert typed(*words).returncode == 0
    answer = filled.summary(by="night", endedSince="2024-08-22").json()
    assert (answer["covers"]["timeZone"], answer["covers"]["night"]) == ("America/New_York", "06:00")
    # A date alone is a day of the same zone.
    assert answer["covers"]["filters"] == {"endedSince": ["2024-08-22T04:00:00.0000000Z"]}
    ended = filled.find(endedSince="2024-08-22T04:00:00Z", pageSize=1000).json()["totalCount"]
    assert sum(group["jobs"] for group in answer["groups"]) == answer["total"]["jobs"] == ended > 0
    assert min(group["night"] for group in answer["groups"]) == "2024-08-22"


def test_tenant_without_jobs_gets_an_empty_summary_that_says_so(idle: App) -> None:
    answer = idle.summary(by="day", **{"with": "objects,bytes,last"}).json()
    assert answer["groups"] == []
    assert answer["total"]["objects"] == {"failed": 0, "successful": 0, "skipped": 0, "total": 0}
    assert (answer["total"]["jobs"], answer["total"]["bytes"], answer["total"]["lastSuccess"]) == (0, 0, None)
    assert (answer["covers"]["firstJob"], answer["covers"]["lastJob"]) == (None, None)


def test_other_tenants_jobs_are_never_counted(filled: App, tenant: str) -> None:
    other = filled.server.app(f"{tenant}-other")
    for parameters in ({}, {"by": "day"}, {"by": "plan"}, {"by": "plan", "searchText": "a"}, {"with": "bytes"}):
        assert other.summary(**parameters).json()["total"]["jobs"] == 0
    assert other.summary().json()["covers"]["firstJob"] is None


def test_more_groups_than_are_given_are_refused_with_what_to_do(app: App) -> None:
    for first in range(0, 10_001, 5_000):
        documents = [job(f"{number}", resource=f"r{number}") for number in range(first, min(first + 5_000, 10_001))]
        assert app.write(documents).status_code == 200
    answer = app.summary(by="resource")
    fault = fault_of(answer)
    assert fault["field"] == "by"
    assert fault["message"].startswith("gives more than 10,000 groups; ask for a shorter range (startTime, finishTime)")
    assert len(groups(app, by="resource", searchText="1")) == app.find(searchText="1").json()["totalCount"]
    assert app.summary(by="plan").json()["groups"][0]["jobs"] == 10_001


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("by=year", "by", "must be of day, hour, week, month, night, service, type, state, plan, resource, origin"),
        ("by=night,day", "by", "takes no other time beside night"),
        ("by=night&tz=Europe/Berlin", "tz", "does not go with by=night"),
        ("by=day,state,plan", "by", "has 3 values; at most 2 are taken"),
        ("by=day&tz=Europe/Berln", "tz", "did you mean Europe/Berlin?"),
        ("by=day&tz=+02:00", "tz", "is no time zone"),
        ("tz=UTC&tz=UTC", "tz", "is there 2 times"),
        ("with=duration", "with", "must be of objects, bytes, last"),
        ("by=day&sort=duration", "sort", "is not a known parameter"),
        ("grupby=day", "grupby", "is not a known parameter"),
        ("by=day&state=Broken", "state", "Failed 16"),
        (f"startTime={AUGUST + 1}&finishTime={AUGUST}", "startTime", "must not lie after finishTime"),
        ("by=%FF", "", "is not UTF-8"),
    ],
)
def test_refusal_names_the_parameter_and_what_would_be_right(idle: App, query: str, field: str, words: str) -> None:
    answer = idle.server.http.get(f"/api/summary?{query}", headers=idle.bearer)
    fault = fault_of(answer)
    assert fault["field"] == field
    assert words in fault["message"]


def test_provider_names_the_tenant_by_the_parameter(filled: App, tenant: str) -> None:
    provider = filled.server.provider(tenant)
    assert provider.summary(by="day", tenant=tenant).json()["total"]["jobs"] == 5
    assert provider.summary(by="day").status_code == 400


def test_every_parameter_is_documented_where_the_route_is(server: Server) -> None:
    document = server.http.get("/openapi.json").json()
    operation = document["paths"]["/api/summary"]["get"]
    documented = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    assert list(documented) == [parameter.name for parameter in PARAMETERS]
    assert documented["by"]["schema"]["items"]["enum"][0] == "day"
    group = document["components"]["schemas"]["Group"]
    assert set(group["required"]) == {"jobs", "successfulJobs", "unsuccessfulJobs", "successRate"}
