"""`GET /api/series`: which series, in which order, page by page, with everything that is kept of each."""

from typing import Any

import pytest
from refused import fault_of

from jobreport.model import ticks
from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App


def night(name: str, number: int, state: str = "Successful", **fields: Any) -> dict[str, Any]:
    """The job of a plan in the night of this number."""
    return job(f"{name}-{number}", plan=name, startTime=AUGUST + number * DAY, state=state, **fields)


@pytest.fixture
def filled(app: App) -> App:
    assert (
        app.write(
            [
                night("alpha", 0, resource="web-1", bytes=7, successfulCount=3),
                night("alpha", 1, "Failed", resource="web-1"),
                night("alpha", 2, "Exception", resource="web-1"),
                night("beta", 1, serviceType="VM", jobType="Backup", origin="script/b"),
                night("Gamma", 2, "Stopped", resource="Web-2"),
                night("delta", 3),
                unfinished("runs", "InProgress", plan="alpha", resource="web-1", startTime=AUGUST + 3 * DAY),
                job("of none"),
            ]
        ).status_code
        == 200
    )
    return app


def plans(app: App, **parameters: Any) -> list[str]:
    answer = app.series(**parameters)
    assert answer.status_code == 200, answer.text
    found = [one["plan"] for one in answer.json()["series"]]
    assert answer.json()["totalCount"] == len(found)
    return found


def iso(time: int) -> str:
    return ticks.to_iso(time)


def test_a_series_tells_how_it_stands(filled: App) -> None:
    alpha, beta = filled.series(plan=["alpha", "beta"]).json()["series"]
    assert len(alpha.pop("key")) == 32
    assert isinstance(alpha.pop("number"), int)
    assert alpha.pop("lastReport") > iso(AUGUST)
    # The watch judges it some seconds after the report.
    assert alpha.pop("verdict") in (None, "failing")
    assert (alpha.pop("sentence") or "Exception").startswith("Exception")
    assert alpha == {
        "service": "FileShare",
        "type": "FileBackup",
        "plan": "alpha",
        "resource": "web-1",
        "origin": "",
        "jobs": 4,
        "firstJob": iso(AUGUST),
        "newest": {"jobId": "runs", "state": "InProgress", "startTime": iso(AUGUST + 3 * DAY)},
        "lastEnded": {"jobId": "alpha-2", "state": "Exception", "startTime": iso(AUGUST + 2 * DAY)},
        "lastGood": {
            "jobId": "alpha-0",
            "startTime": iso(AUGUST),
            "finishTime": iso(AUGUST + MINUTE),
            "objects": 3,
            "bytes": 7,
        },
        "notGood": 2,
        "notGoodSince": iso(AUGUST + DAY),
        "unfinished": 1,
        "unfinishedSince": iso(AUGUST + 3 * DAY),
    }
    assert (beta["service"], beta["type"], beta["origin"]) == ("VM", "Backup", "script/b")
    assert (beta["notGood"], beta["notGoodSince"], beta["unfinished"], beta["unfinishedSince"]) == (0, None, 0, None)


def test_a_series_that_never_had_a_good_job_says_so(filled: App) -> None:
    (gamma,) = filled.series(plan="Gamma").json()["series"]
    assert (gamma["lastGood"], gamma["notGood"], gamma["newest"]) == (None, 1, gamma["lastEnded"])
    filled.write(unfinished("due", "NotStarted", plan="later"))
    (later,) = filled.series(plan="later").json()["series"]
    assert (later["newest"], later["lastEnded"], later["lastGood"], later["unfinished"]) == (None, None, None, 1)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["alpha", "beta", "delta", "Gamma"]),
        ({"sort": "-name"}, ["Gamma", "delta", "beta", "alpha"]),
        ({"sort": "lastGood", "state": "Successful,Exception"}, ["alpha", "beta", "delta"]),
        ({"sort": "lastGood", "state": ["Stopped", "successful"]}, ["Gamma", "beta", "delta"]),
        ({"SORT": "-LASTGOOD", "resource": ["web-1", "Web-2"]}, ["alpha", "Gamma"]),
        ({"sort": "-notGoodSince", "plan": ["alpha", "beta", "Gamma"]}, ["Gamma", "alpha", "beta"]),
        ({"sort": "notGoodSince", "plan": ["alpha", "beta", "Gamma"]}, ["alpha", "Gamma", "beta"]),
        ({"searchText": "WEB-"}, ["alpha", "Gamma"]),
        ({"serviceType": "VM"}, ["beta"]),
        ({"serviceType": "VM,FileShare", "jobType": 1024, "state": 64}, ["Gamma"]),
        ({"plan": "gamma"}, []),
        ({"origin": "script/b"}, ["beta"]),
        ({"state": "InProgress"}, []),
    ],
    ids=str,
)
def test_filters_and_orders(filled: App, parameters: dict[str, Any], expected: list[str]) -> None:
    assert plans(filled, **parameters) == expected


@pytest.mark.parametrize("sort", ["name", "-name", "lastGood", "-lastGood", "notGoodSince", "-notGoodSince"])
def test_pages_are_walked_by_the_token_alone(filled: App, sort: str) -> None:
    whole = filled.series(sort=sort, pageSize=1000).json()
    assert whole["nextLink"] == ""
    for size in (1, 3):
        answer, found = filled.series(sort=sort, pageSize=size).json(), []
        while True:
            assert answer["totalCount"] == 4
            found += answer["series"]
            if not answer["nextLink"]:
                break
            assert len(answer["series"]) == size
            answer = filled.series(skiptoken=answer["nextLink"]).json()
        assert found == whole["series"]


def test_a_token_is_bound_to_its_question_its_tenant_and_to_series(filled: App, tenant: str) -> None:
    token = filled.series(pageSize=2).json()["nextLink"]
    assert filled.series(skiptoken=token, pageSize=1, sort="name").status_code == 200
    fault = fault_of(filled.series(skiptoken=token, state="Failed"))
    assert fault["field"] == "state"
    assert fault_of(filled.series(skiptoken=token, sort="-name"))["field"] == "sort"
    other = filled.server.app(f"{tenant}-other")
    assert fault_of(other.series(skiptoken=token))["field"] == "skiptoken"
    assert fault_of(filled.find(skiptoken=token))["field"] == "skiptoken"
    of_jobs = filled.find(pageSize=2).json()["nextLink"]
    assert fault_of(filled.series(skiptoken=of_jobs))["field"] == "skiptoken"
    assert fault_of(filled.series(skiptoken=f"{token[:-2]}AA"))["field"] == "skiptoken"


@pytest.mark.parametrize(
    ("parameters", "field", "words"),
    [
        ({"sort": "plan"}, "sort", "must be one of name, -name, lastGood"),
        ({"pageSize": 1001}, "pageSize", "must be from 0 to 1000"),
        ({"pageSize": -1}, "pageSize", "must be from 0 to 1000"),
        ({"pageNumber": 1}, "pageNumber", "is not a known parameter"),
        ({"startTime": "2024-08-22"}, "startTime", "is not a known parameter; did you mean"),
        ({"state": "Broken"}, "state", "must be one of these"),
        ({"at": "yesterday"}, "at", "is no ISO 8601 time"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_by_its_name(
    app: App, parameters: dict[str, Any], field: str, words: str
) -> None:
    fault = fault_of(app.series(**parameters))
    assert fault["field"] == field
    assert words in fault["message"]


def test_series_of_another_tenant_are_not_there_and_a_provider_names_whose(filled: App, tenant: str) -> None:
    other = filled.server.app(f"{tenant}-other")
    assert other.series().json() == {"totalCount": 0, "series": [], "nextLink": ""}
    number = filled.series().json()["series"][0]["number"]
    assert other.one_series(number).status_code == 404
    provider = filled.server.provider(tenant, f"{tenant}-other")
    assert len(provider.series(tenant=tenant).json()["series"]) == 4
    assert provider.series(tenant=f"{tenant}-other").json()["series"] == []
    assert provider.series().status_code == 400
