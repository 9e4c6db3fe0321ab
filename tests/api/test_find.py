"""`GET /backup/vm/jobs`: generation 2 of the contract, field by field and parameter by parameter."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_report_published import published

from jobreport.model.catalog import JobType, ServiceType
from jobs import AUGUST, DAY, MINUTE, SECOND, job, published_answer, unfinished
from serving import App, Server


def found(app: App, *pairs: tuple[str, str], **parameters: Any) -> list[str]:
    """The IDs of the jobs that are listed; all of them."""
    answer = app.find(*pairs, **parameters)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["totalCount"] == len(document["jobs"])
    return [one["jobId"] for one in document["jobs"]]


def refused(app: App, *pairs: tuple[str, str], **parameters: Any) -> dict[str, str]:
    """The faults of a refused request, by parameter."""
    answer = app.find(*pairs, **parameters)
    assert answer.status_code == 400, answer.text
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


def written(app: App, jobs: list[dict[str, Any]]) -> None:
    assert app.write(jobs).status_code == 200


# The answer


def test_find_answers_the_documented_fields_in_their_order(app: App) -> None:
    counts = {"failedCount": 1, "successfulCount": 2, "skippedCount": 3}
    written(app, [job("a", state="Exception", comments="c", serviceType="VM", jobType="Backup", **counts)])
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
    written(app, [job("a", startTime=start, finishTime=finish)])
    (one,) = app.find().json()["jobs"]
    assert (one["startTime"], one["finishTime"], one["duration"]) == (start, finish, duration)


def test_duration_is_of_the_full_times_and_then_cut(app: App) -> None:
    written(app, [job("a", startTime="2024-10-27T08:17:06.9Z", finishTime="2024-10-27T08:21:08.5Z")])
    (one,) = app.find().json()["jobs"]
    published = ("2024-10-27T08:17:06Z", "2024-10-27T08:21:08Z", "00:04:01")
    assert (one["startTime"], one["finishTime"], one["duration"]) == published


def test_unfinished_job_has_an_unset_finish_and_lasts_since_its_start(app: App) -> None:
    begun = datetime.now(UTC) - timedelta(days=1, hours=2, minutes=3)
    written(
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


# The parameters


def test_generation_2_codes_are_kept_shown_and_filtered(app: App) -> None:
    written(app, [job(f"t{kind.value}", jobType=kind.name) for kind in JobType])
    written(app, [job(f"s{service.value}", serviceType=service.name) for service in ServiceType])
    for kind in set(JobType) - {JobType.FileBackup}:
        (one,) = app.find(jobType=kind.value).json()["jobs"]
        assert (one["jobId"], one["jobType"]) == (f"t{kind.value}", kind.value)
    for service in set(ServiceType) - {ServiceType.FileShare}:
        assert found(app, serviceType=service.value) == [f"s{service.value}"]
        assert found(app, serviceType=service.name.lower()) == [f"s{service.value}"]


def test_several_values_come_by_repetition_or_with_commas(app: App) -> None:
    written(app, [job(name, serviceType=name, jobType="Backup") for name in ("VM", "AKS", "AAD")])
    written(app, [job("failed", state="Failed", jobType="Restore"), job("part", state="Exception", jobType="Restore")])
    assert sorted(found(app, ("serviceType", "VM"), ("serviceType", "32"))) == ["AKS", "VM"]
    assert sorted(found(app, serviceType="VM,32")) == ["AKS", "VM"]
    assert sorted(found(app, state="16,Exception")) == ["failed", "part"]
    assert found(app, jobType="Restore,Backup", state="Failed", serviceType="FileShare,VM") == ["failed"]


def test_plan_resource_and_origin_are_names_and_comments_a_text(app: App) -> None:
    about = {"plan": "nightly, all", "resource": "web-1:/home", "origin": "script"}
    written(app, [job("a", **about, comments="Kein Platz für 3 Dateien"), job("b", plan="nightly"), job("c")])
    for name, value in about.items():
        assert found(app, **{name: value}) == ["a"]
        assert found(app, **{name: value.upper()}) == []
    assert found(app, ("plan", "nightly"), ("plan", "nightly, all")) == ["b", "a"]
    assert found(app, comments="PLATZ FÜR") == ["a"]


def test_least_duration_and_least_number_of_failed_objects(app: App) -> None:
    written(
        app,
        [
            job("short", state="Failed", failedCount=3),
            job("long", finishTime=AUGUST + 90 * MINUTE),
            unfinished("hangs", "InProgress"),
        ],
    )
    assert found(app, minDuration="PT1H30M") == ["long", "hangs"]
    assert found(app, minDuration="01:30:01") == ["hangs"]
    assert found(app, minDuration="1.00:00:00") == ["hangs"]
    assert found(app, minFailed=3) == ["short"]
    assert found(app, minFailed=4) == []


def test_times_are_iso_8601_or_ticks_and_both_ends_belong_to_the_range(app: App) -> None:
    written(app, [job(f"j{n}", startTime=AUGUST + n * SECOND) for n in range(4)])
    for since, until in (
        ("2024-08-22T16:00:49.1859693Z", "2024-08-22T16:00:50.1859693Z"),
        ("2024-08-22T18:00:49.1859693+02:00", "2024-08-22T16:00:50.1859693"),
        (str(AUGUST + SECOND), str(AUGUST + 2 * SECOND)),
    ):
        assert found(app, startTime=since, finishTime=until) == ["j2", "j1"]
    assert len(found(app, startTime="2024-08-22T16:00:48Z", finishTime="9999-12-31T23:59:59Z")) == 4


@pytest.mark.parametrize("parameters", [{"startTime": "0", "serviceType": "0", "jobType": "0", "searchText": ""}, {}])
def test_unset_values_are_as_if_left_out(app: App, parameters: dict[str, str]) -> None:
    written(app, [job(f"d{n:02}") for n in range(12)])
    shown = app.find(**parameters, pageNumber="", pageSize="0", skiptoken="", tenant="").json()
    assert (shown["totalCount"], len(shown["jobs"])) == (12, 10)


def test_sort_orders_either_way_with_unfinished_jobs_last(app: App) -> None:
    written(
        app,
        [
            job("a", finishTime=AUGUST + 3 * MINUTE, state="Exception", failedCount=1),
            job("b", startTime=AUGUST + MINUTE, state="Exception", failedCount=2),
            unfinished("c", "InProgress", startTime=AUGUST + DAY, failedCount=9),
        ],
    )
    for key, order in {"finishTime": "bac", "duration": "bac", "failedCount": "abc"}.items():
        assert "".join(found(app, sort=key)) == order
        assert "".join(found(app, sort=f"-{key}")) == f"{order[1::-1]}c"
    assert "".join(found(app, sort="startTime")) == "abc"
    assert found(app, sort="-startTime") == found(app) == ["c", "b", "a"]


def test_names_of_parameters_are_matched_without_regard_to_case(app: App) -> None:
    written(app, [job("a"), job("b", serviceType="VM")])
    assert found(app, SERVICETYPE="vm", PageSize=5) == ["b"]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("startTime=1724342448", "startTime", "looks like Unix seconds"),
        ("startTime=2024-08-22T18:00:00+02:00", "startTime", "a + is written %2B"),
        (f"startTime={AUGUST + 1}&finishTime={AUGUST}", "startTime", "must not lie after finishTime"),
        ("jobtypes=1", "jobtypes", "did you mean jobType?"),
        ("pageSize=1&pagesize=2", "pageSize", "is there 2 times"),
        ("pageSize=10001", "pageSize", "from 0 to 10000"),
        ("state=Broken", "state", "Failed 16"),
        ("skiptoken=x", "skiptoken", "none that this service gave"),
        ("skiptoken=%C3%9C", "skiptoken", "none that this service gave"),
        ("searchText=%FF", "", "is not UTF-8"),
        ("searchText=a%00b", "searchText", "NUL"),
        ("&".join(f"resource={n}{'x' * 2000}" for n in range(10)), "", "longer than 16384 bytes"),
        (f"searchText={'x' * 60_000}", "", "longer than 60000 bytes"),
        ("&".join(f"plan={n}" for n in range(1001)), "", "more than 1000 values"),
    ],
)
def test_refusal_names_the_parameter_and_what_would_be_right(idle: App, query: str, field: str, words: str) -> None:
    answer = idle.server.http.get(f"/backup/vm/jobs?{query}", headers=idle.bearer)
    assert answer.status_code == 400, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["field"] == field
    assert words in fault["message"]


# Errors


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


def test_other_tenants_jobs_are_never_found(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    written(app, [job("mine", plan="p", comments="secret words")])
    for parameters in ({}, {"plan": "p"}, {"comments": "secret"}, {"searchText": "mine"}, {"sort": "duration"}):
        assert found(other, **parameters) == []
        assert found(app, **parameters) == ["mine"]


def test_every_parameter_is_documented_where_the_route_is(server: Server) -> None:
    from jobreport.api.backup_jobs import PARAMETERS

    operation = server.http.get("/openapi.json").json()["paths"]["/backup/vm/jobs"]["get"]
    documented = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    assert list(documented) == [parameter.name for parameter in PARAMETERS]
    assert documented["state"]["schema"]["type"] == "array"
    assert json.dumps(operation["responses"]["400"]["content"]).count("Generation2Problem") == 1


# The tenant


def test_provider_names_the_tenant_by_parameter_or_by_header(app: App, tenant: str) -> None:
    written(app, [job("mine")])
    other = app.server.app(f"{tenant}-other")
    written(other, [job("theirs")])
    provider = app.server.provider(tenant, f"{tenant}-other")
    assert found(provider, tenant=tenant) == ["mine"]
    assert found(provider, tenant=f"{tenant}-other") == ["theirs"]
    header = {**provider.bearer, "Jobreport-Tenant": tenant}
    answer = app.server.http.get("/backup/vm/jobs", headers=header)
    assert [one["jobId"] for one in answer.json()["jobs"]] == ["mine"]
    assert found(app, tenant=tenant) == ["mine"]
    for asked, status in (({}, 400), ({"tenant": "nobody"}, 403), ({"tenant": ["a", "b"]}, 400)):
        assert ((got := provider.find(**asked)).status_code, "parameter tenant" in got.text) == (status, status == 400)
    assert app.find(tenant=f"{tenant}-other").status_code == 403
    assert app.server.http.get("/backup/vm/jobs", params={"tenant": tenant}, headers=header).status_code == 400


@pytest.mark.parametrize(
    ("parameters", "header", "faults"),
    [
        ({}, "", {"tenant": "is required: this app may ask for several tenants"}),
        ({"tenant": "nobody"}, "", {"tenant": "must be a tenant that this app may ask for"}),
        ({}, "nobody", {"Jobreport-Tenant": "must be a tenant that this app may ask for"}),
        ({"tenant": ["a", "b"]}, "", {"tenant": "must be the only one that names the tenant"}),
        (
            {"tenant": "a"},
            "a",
            dict.fromkeys(("Jobreport-Tenant", "tenant"), "must be the only one that names the tenant"),
        ),
    ],
    ids=str,
)
def test_refused_tenant_is_named_by_the_field_that_names_it(
    app: App, tenant: str, parameters: dict[str, Any], header: str, faults: dict[str, str]
) -> None:
    provider = app.server.provider(tenant)
    more = {"Jobreport-Tenant": header} if header else {}
    answer = app.server.http.get("/backup/vm/jobs", params=parameters, headers={**provider.bearer, **more})
    assert {fault["field"]: fault["message"] for fault in answer.json()["errors"]} == faults
    for field in faults:
        assert f"{field}: " in answer.json()["errorModel"]["message"]


def test_token_of_one_tenant_of_a_provider_is_none_of_another(app: App, tenant: str) -> None:
    names = (tenant, f"{tenant}-other")
    for name in names:
        written(app.server.app(name), [job(f"{n}") for n in range(3)])
    provider = app.server.provider(*names)
    token = provider.find(tenant=tenant, pageSize=1).json()["nextLink"]
    assert provider.find(tenant=tenant, skiptoken=token).status_code == 200
    assert provider.find(tenant=f"{tenant}-other", skiptoken=token).status_code == 400
