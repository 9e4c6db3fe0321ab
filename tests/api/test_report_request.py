"""What a report may be asked, field by field, and what is refused with which words."""

import json
from typing import Any

import pytest

from jobs import AUGUST, DAY, MINUTE, job, unfinished
from serving import App

# The published lists (the lost name of 32 restored), in their order.
SERVICES = {
    "VM": 1,
    "AAD": 2,
    "AzureFile": 4,
    "FileShare": 8,
    "BlobStorage": 16,
    "AKS": 32,
    "APSetting": 64,
    "Common": 128,
    "AmazonEC2": 256,
    "AzureSQL": 512,
    "AzureDevOps": 1024,
}
TYPES = {
    "Backup": 1,
    "Restore": 2,
    "Export": 4,
    "Report": 8,
    "VMSync": 16,
    "Initialize": 32,
    "GenIndex": 33,
    "AADCompare": 34,
    "Retention": 64,
    "AADBackup": 128,
    "AADRestore": 256,
    "AADExport": 257,
    "FileSync": 512,
    "FileBackup": 1024,
    "FileRestore": 2048,
    "FileExport": 4096,
    "LicenseSync": 8192,
    "AOSUpdate": 16384,
    "AKSBackup": 20000,
    "AKSSync": 20001,
    "AKSRestore": 20002,
    "APSettingBackup": 20003,
    "APSettingExport": 20004,
    "APSettingSync": 20005,
    "APSettingRestore": 20006,
    "ExportCleanUp": 20007,
    "EC2Backup": 20009,
    "EC2Restore": 20010,
    "SQLSync": 20011,
    "SQLBackup": 20012,
    "SQLRestore": 20013,
    "DevOpsBackup": 20014,
    "DevOpsRestore": 20015,
    "SoftDelete": 30000,
    "HardDelete": 30001,
}
STATES = {
    "NotStarted": 0,
    "InProgress": 1,
    "Successful": 2,
    "Skipped": 4,
    "Exception": 8,
    "Failed": 16,
    "Waiting": 32,
    "Stopped": 64,
}


def refused(app: App, body: Any) -> dict[str, str]:
    """The faults of a refused request, by field."""
    answer = app.report(body)
    assert answer.status_code == 400, answer.text
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


def test_every_service_code_finds_its_jobs_and_no_others(app: App) -> None:
    app.write([job(name, serviceType=name) for name in SERVICES])
    for name, code in SERVICES.items():
        assert app.found(serviceType=code) == [name]


def test_every_job_type_code_finds_its_jobs_and_no_others(app: App) -> None:
    app.write([job(name, jobType=name) for name in TYPES])
    for name, code in TYPES.items():
        assert app.found(jobType=code) == [name]


def test_every_state_is_answered_by_its_code(app: App) -> None:
    running = ("NotStarted", "InProgress", "Waiting")
    app.write([unfinished(name, name) if name in running else job(name, state=name) for name in STATES])
    found = app.report({"pagination": {"pageSize": 100}}).json()["jobs"]
    assert {one["jobId"]: one["state"] for one in found} == STATES


@pytest.mark.parametrize("code", [3, -1, 521, 2048, 27000, 2**31, 2**63, 10**400, "1", "VM", True, False, 1.0, 1.5, []])
def test_another_service_code_is_refused_with_a_list_of_those_there_are(idle: App, code: object) -> None:
    message = refused(idle, {"serviceType": code})["serviceType"]
    for name, value in SERVICES.items():
        assert f"{value} ({name})" in message
    assert "2048" not in message


@pytest.mark.parametrize("code", [3, -1, 20008, 20016, 90120, 2**63, "1", "Backup", True, 1.0, {}])
def test_another_job_type_code_is_refused_with_a_list_of_those_there_are(idle: App, code: object) -> None:
    message = refused(idle, {"jobType": code})["jobType"]
    for name, value in TYPES.items():
        assert f"{value} ({name})" in message
    assert "20016" not in message


def test_codes_are_no_bit_masks(app: App) -> None:
    app.write([job("genindex", jobType=33), job("initialize", jobType=32), job("backup", jobType=1)])
    assert app.found(jobType=1) == ["backup"]
    assert app.found(jobType=32) == ["initialize"]


@pytest.mark.parametrize(
    "body",
    [
        {"serviceType": 0},
        {"jobType": 0},
        {"startTime": 0},
        {"finishTime": 0},
        {"searchText": ""},
        *({name: None} for name in ("serviceType", "jobType", "startTime", "finishTime", "searchText", "pagination")),
    ],
)
def test_zero_null_and_empty_are_as_if_left_out(app: App, body: dict[str, object]) -> None:
    app.write([job("one"), unfinished("two", "NotStarted", startTime=0)])
    assert sorted(app.found(**body)) == ["one", "two"]


def test_names_are_matched_without_regard_to_case_nested_ones_too(app: App) -> None:
    app.write([job(f"c{n}", startTime=AUGUST + n) for n in range(4)])
    assert app.found(PAGINATION={"PagenumBER": 1, "pAGESIZE": 1}, STARTTIME=AUGUST + 1) == ["c2"]


@pytest.mark.parametrize(
    ("body", "field", "nearest"),
    [
        ({"serchText": "x"}, "serchText", "searchText"),
        ({"jobtypes": 1}, "jobtypes", "jobType"),
        ({"pageSize": 5}, "pageSize", ""),
        ({"pagination": {"pagesise": 5}}, "pagination.pagesise", "pageSize"),
        ({"state": 2}, "state", ""),
        ({"": 1}, "", ""),
    ],
)
def test_unknown_field_is_named_with_the_nearest_known_one(idle: App, body: object, field: str, nearest: str) -> None:
    assert nearest in refused(idle, body)[field]


def test_every_fault_of_a_request_is_named_at_once(idle: App) -> None:
    body = {"serviceType": 3, "jobType": "x", "pagination": {"pageSize": -1, "pageNumber": "0"}, "nonsense": 1}
    assert sorted(refused(idle, body)) == [
        "jobType",
        "nonsense",
        "pagination.pageNumber",
        "pagination.pageSize",
        "serviceType",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"serviceType": 1, "serviceType": 8}',
        b'{"serviceType": 1, "ServiceType": 8}',
        b'{"serviceType": "nonsense", "SERVICETYPE": 8}',
        b'{"ServiceType": 1, "serviceType": 8, "jobType": null}',
        b'{"serviceType": 1, "ServiceType": 2, "serviceType": 8}',
        b'{"pagination": {"pageSize": -1}, "pagination": {"pageSize": "x", "PageSize": 9}, "servicetype": 8}',
    ],
)
def test_of_a_name_that_is_there_twice_the_later_counts(app: App, body: bytes) -> None:
    app.write([job("share"), job("vm", serviceType="VM")])
    answer = app.report(body)
    assert answer.status_code == 200, answer.text
    assert [one["jobId"] for one in answer.json()["jobs"]] == ["share"]


def test_later_unset_value_takes_an_earlier_one_back(app: App) -> None:
    app.write([job("share"), job("vm", serviceType="VM")])
    answer = app.report(b'{"serviceType": 1, "SERVICETYPE": null}')
    assert answer.json()["totalCount"] == 2


@pytest.mark.parametrize("size", [-1, 10_001, 2**31, 2**63, 10**300, "10", 1.5, True, [1]])
def test_page_size_outside_its_limits_is_refused(idle: App, size: object) -> None:
    assert "pagination.pageSize" in refused(idle, {"pagination": {"pageSize": size}})


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, 10**300, "0", 0.5, False, {}])
def test_page_number_outside_int32_is_refused(idle: App, number: object) -> None:
    assert "pagination.pageNumber" in refused(idle, {"pagination": {"pageNumber": number}})


@pytest.mark.parametrize("body", [[], "x", 1, None, True, 1.5])
def test_body_that_is_no_object_is_refused(idle: App, body: object) -> None:
    assert "must be a JSON object" in refused(idle, json.dumps(body).encode())[""]


@pytest.mark.parametrize("pagination", [[], "x", 1, True])
def test_pagination_that_is_no_object_is_refused(idle: App, pagination: object) -> None:
    assert "must be a JSON object" in refused(idle, {"pagination": pagination})["pagination"]


def test_filters_narrow_together(app: App) -> None:
    app.write(
        [
            job("hit", serviceType="VM", jobType="Backup", description="web-1"),
            job("other-type", serviceType="VM", jobType="Restore", description="web-1"),
            job("other-service", serviceType="AKS", jobType="Backup", description="web-1"),
            job("other-text", serviceType="VM", jobType="Backup", description="db-1"),
            job("too-old", serviceType="VM", jobType="Backup", description="web-1", startTime=AUGUST - DAY),
        ]
    )
    found = app.found(serviceType=1, jobType=1, searchText="WEB", startTime=AUGUST - MINUTE, finishTime=AUGUST + MINUTE)
    assert found == ["hit"]


def test_a_long_name_is_not_repeated_in_full(idle: App) -> None:
    (field,) = refused(idle, {"k" * 50_000: 1})
    assert len(field) == 100
