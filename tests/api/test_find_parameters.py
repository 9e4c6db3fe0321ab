"""`GET /backup/vm/jobs`: generation 2 of the contract, parameter by parameter."""

import pytest
from refused import fault_of
from written_jobs import list_job_ids, write_jobs

from jobreport.model.catalog import JobType, ServiceType
from jobs import AUGUST, DAY, MINUTE, SECOND, job, unfinished
from serving import App


def test_generation_2_codes_are_kept_shown_and_filtered(app: App) -> None:
    write_jobs(app, [job(f"t{kind.value}", jobType=kind.name) for kind in JobType])
    write_jobs(app, [job(f"s{service.value}", serviceType=service.name) for service in ServiceType])
    for kind in set(JobType) - {JobType.FileBackup}:
        (one,) = app.find(jobType=kind.value).json()["jobs"]
        assert (one["jobId"], one["jobType"]) == (f"t{kind.value}", kind.value)
    for service in set(ServiceType) - {ServiceType.FileShare}:
        assert list_job_ids(app, serviceType=service.value) == [f"s{service.value}"]
        assert list_job_ids(app, serviceType=service.name.lower()) == [f"s{service.value}"]


def test_several_values_come_by_repetition_or_with_commas(app: App) -> None:
    write_jobs(app, [job(name, serviceType=name, jobType="Backup") for name in ("VM", "AKS", "AAD")])
    write_jobs(
        app, [job("failed", state="Failed", jobType="Restore"), job("part", state="Exception", jobType="Restore")]
    )
    assert sorted(list_job_ids(app, ("serviceType", "VM"), ("serviceType", "32"))) == ["AKS", "VM"]
    assert sorted(list_job_ids(app, serviceType="VM,32")) == ["AKS", "VM"]
    assert sorted(list_job_ids(app, state="16,Exception")) == ["failed", "part"]
    assert list_job_ids(app, jobType="Restore,Backup", state="Failed", serviceType="FileShare,VM") == ["failed"]


def test_plan_resource_and_origin_are_names_and_comments_a_text(app: App) -> None:
    about = {"plan": "nightly, all", "resource": "web-1:/home", "origin": "script"}
    write_jobs(app, [job("a", **about, comments="Kein Platz für 3 Dateien"), job("b", plan="nightly"), job("c")])
    for name, value in about.items():
        assert list_job_ids(app, **{name: value}) == ["a"]
        assert list_job_ids(app, **{name: value.upper()}) == []
    assert list_job_ids(app, ("plan", "nightly"), ("plan", "nightly, all")) == ["b", "a"]
    assert list_job_ids(app, comments="PLATZ FÜR") == ["a"]


def test_jobs_are_found_by_why_they_are_not_good_whether_told_or_given(app: App) -> None:
    write_jobs(
        app,
        [
            job("told", state="Failed", comments="write /mnt/b: no space left on device"),
            job("given", state="Exception", comments="it went wrong", cause="no-space"),
            job("locked", state="Failed", comments="repository is already locked by PID 7"),
            job("good", comments="no space left on device, so an older copy was removed"),
            job("silent", state="Failed"),
        ],
    )
    assert sorted(list_job_ids(app, cause="no-space")) == ["given", "told"]
    assert sorted(list_job_ids(app, cause="no-space,locked")) == ["given", "locked", "told"]
    assert list_job_ids(app, cause="no-space", state="Exception") == ["given"]
    assert list_job_ids(app, cause="NO-SPACE", state="Exception") == ["given"]
    assert list_job_ids(app, cause="x-0123456789") == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nospace", "did you mean no-space? It must be one of silent, not-started, no-space"),
        ("No space left", "must be one of silent, not-started, no-space"),
        ("x-12", "or a code that an answer told: x-…"),
    ],
)
def test_a_cause_that_there_cannot_be_is_no_empty_list(app: App, asked: str, said: str) -> None:
    refused = app.find(cause=asked)
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["field"]) == (400, "cause")
    assert said in fault["message"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"state": "Failed", "cause": "gremlins"}, "must be one of silent, not-started, no-space, locked"),
        ({"state": "Successful", "cause": "no-space"}, "must be left out for a job in state Successful"),
    ],
)
def test_a_cause_that_is_unknown_or_of_a_good_job_is_refused_and_nothing_is_stored(
    app: App, fields: dict[str, str], message: str
) -> None:
    refused = app.write([job("good"), job("bad", **fields)])
    fault = fault_of(refused)
    assert (refused.status_code, fault["field"]) == (400, "[1].cause")
    assert message in fault["message"]
    assert list_job_ids(app) == []


def test_least_duration_and_least_number_of_failed_objects(app: App) -> None:
    write_jobs(
        app,
        [
            job("short", state="Failed", failedCount=3),
            job("long", finishTime=AUGUST + 90 * MINUTE),
            unfinished("hangs", "InProgress"),
        ],
    )
    assert list_job_ids(app, minDuration="PT1H30M") == ["long", "hangs"]
    assert list_job_ids(app, minDuration="01:30:01") == ["hangs"]
    assert list_job_ids(app, minDuration="1.00:00:00") == ["hangs"]
    assert list_job_ids(app, minFailed=3) == ["short"]
    assert list_job_ids(app, minFailed=4) == []


def test_what_ended_in_a_night_is_found_whenever_it_began(app: App) -> None:
    write_jobs(
        app,
        [
            job("friday", startTime=AUGUST, finishTime=AUGUST + 2 * DAY, state="Failed", failedCount=1),
            job("short", startTime=AUGUST + 2 * DAY, finishTime=AUGUST + 2 * DAY + MINUTE),
            job("before", startTime=AUGUST, finishTime=AUGUST + MINUTE),
            unfinished("runs", "InProgress", startTime=AUGUST + 2 * DAY),
        ],
    )
    night = {"endedSince": AUGUST + 2 * DAY, "endedUntil": AUGUST + 2 * DAY + MINUTE}
    assert list_job_ids(app, **night, sort="finishTime") == ["friday", "short"]
    assert list_job_ids(app, **night, sort="-finishTime") == ["short", "friday"]
    assert list_job_ids(app, **night) == ["short", "friday"]
    assert list_job_ids(app, **night, state="Failed,Exception") == ["friday"]
    assert list_job_ids(app, **night, startTime=AUGUST + DAY) == ["short"]
    assert list_job_ids(app, endedUntil=AUGUST + DAY) == ["before"]
    page = app.find(endedSince=AUGUST + DAY, sort="finishTime", pageSize=1).json()
    assert (page["totalCount"], [one["jobId"] for one in page["jobs"]]) == (2, ["friday"])
    page = app.find(endedSince=AUGUST + DAY, sort="finishTime", pageSize=1, skiptoken=page["nextLink"]).json()
    assert (page["totalCount"], [one["jobId"] for one in page["jobs"]]) == (2, ["short"])
    fault = fault_of(app.find(endedSince=AUGUST + DAY, endedUntil=AUGUST))
    assert fault == {"field": "endedSince", "message": "must not lie after endedUntil"}


def test_times_are_iso_8601_or_ticks_and_both_ends_belong_to_the_range(app: App) -> None:
    write_jobs(app, [job(f"j{n}", startTime=AUGUST + n * SECOND) for n in range(4)])
    for since, until in (
        ("2024-08-22T16:00:49.1859693Z", "2024-08-22T16:00:50.1859693Z"),
        ("2024-08-22T18:00:49.1859693+02:00", "2024-08-22T16:00:50.1859693"),
        (str(AUGUST + SECOND), str(AUGUST + 2 * SECOND)),
    ):
        assert list_job_ids(app, startTime=since, finishTime=until) == ["j2", "j1"]
    assert len(list_job_ids(app, startTime="2024-08-22T16:00:48Z", finishTime="9999-12-31T23:59:59Z")) == 4


@pytest.mark.parametrize("parameters", [{"startTime": "0", "serviceType": "0", "jobType": "0", "searchText": ""}, {}])
def test_unset_values_are_as_if_left_out(app: App, parameters: dict[str, str]) -> None:
    write_jobs(app, [job(f"d{n:02}") for n in range(12)])
    shown = app.find(**parameters, pageNumber="", pageSize="0", skiptoken="", tenant="").json()
    assert (shown["totalCount"], len(shown["jobs"])) == (12, 10)


def test_sort_orders_either_way_with_unfinished_jobs_last(app: App) -> None:
    write_jobs(
        app,
        [
            job("a", finishTime=AUGUST + 3 * MINUTE, state="Exception", failedCount=1),
            job("b", startTime=AUGUST + MINUTE, state="Exception", failedCount=2),
            unfinished("c", "InProgress", startTime=AUGUST + DAY, failedCount=9),
        ],
    )
    for key, order in {"finishTime": "bac", "duration": "bac", "failedCount": "abc"}.items():
        assert "".join(list_job_ids(app, sort=key)) == order
        assert "".join(list_job_ids(app, sort=f"-{key}")) == f"{order[1::-1]}c"
    assert "".join(list_job_ids(app, sort="startTime")) == "abc"
    assert list_job_ids(app, sort="-startTime") == list_job_ids(app) == ["c", "b", "a"]


def test_names_of_parameters_are_matched_without_regard_to_case(app: App) -> None:
    write_jobs(app, [job("a"), job("b", serviceType="VM")])
    assert list_job_ids(app, SERVICETYPE="vm", PageSize=5) == ["b"]


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
    fault = fault_of(answer)
    assert fault["field"] == field
    assert words in fault["message"]
