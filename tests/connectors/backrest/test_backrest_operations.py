"""Each operation of Backrest as a job, and those that are none."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fakes.backrest.backrest_server import GUID, Instance, milliseconds, snapshot

from clocks import Clock
from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.backrest.operations import job_of, operation_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.stored_job import PRESUMED
from strategies import NOW

DENIED = {"item": "/home/a/private", "during": "archival", "message": "permission denied"}


def told(op: dict[str, Any]) -> Job | None:
    return job_of(operation_of(op), json.dumps(op))


def made(status: str = "STATUS_SUCCESS", work: str = "operationBackup", **fields: Any) -> Job:
    job = told(Instance(Clock()).add(status, work, **fields))
    assert job is not None
    return job


def counts(job: Job) -> tuple[int, int, int, int]:
    return job.failed, job.successful, job.skipped, job.total


def test_a_backup_is_a_job_with_restics_counts() -> None:
    end = milliseconds(NOW + 41 * ticks.PER_SECOND)
    job = made(**snapshot(7), unixTimeEndMs=end)
    begun = NOW - NOW % 10_000
    assert (job.service, job.type, job.state) == (ServiceType.FileShare, JobType.FileBackup, JobState.Successful)
    assert (counts(job), job.size, job.comments) == ((0, 1219, 0, 1219), 734003200, "")
    assert (job.start, job.finish) == (begun, begun + 41 * ticks.PER_SECOND)
    assert (job.plan, job.resource, job.description) == ("daily-home", "nas-1: s3-main", "backup")
    assert job.job_id == f"backrest:nas-1:{GUID}:1:{milliseconds(NOW)}"
    assert job.reference == f"backrest:{GUID}:daily-home:SNAPSHOT:{milliseconds(NOW)}"
    assert job.made == f"restic:{GUID}:{7:064x}"
    assert json.loads(job.raw)["snapshotId"] == f"{7:064x}"


@pytest.mark.parametrize(
    ("status", "fields", "state", "counted", "said"),
    [
        ("STATUS_INPROGRESS", {}, JobState.InProgress, (0, 0, 0, 0), ""),
        ("STATUS_SUCCESS", {}, JobState.Skipped, (0, 0, 1, 1), "nothing had changed"),
        (
            "STATUS_WARNING",
            snapshot(1, errors=[DENIED]),
            JobState.Exception,
            (1, 1219, 0, 1220),
            "/home/a/private: perm",
        ),
        ("STATUS_SUCCESS", snapshot(1, errors=[DENIED]), JobState.Exception, (1, 1219, 0, 1220), "success with errors"),
        ("STATUS_ERROR", {"displayMessage": "is already locked"}, JobState.Failed, (1, 0, 0, 1), "is already locked"),
        ("STATUS_ERROR", snapshot(1), JobState.Exception, (1, 1219, 0, 1220), "the snapshot was made"),
        ("STATUS_USER_CANCELLED", {}, JobState.Stopped, (0, 0, 0, 1), ""),
        ("STATUS_SYSTEM_CANCELLED", {}, JobState.Stopped, (0, 0, 0, 1), ""),
        ("STATUS_UNKNOWN", {}, JobState.Exception, (1, 0, 0, 1), ""),
        ("STATUS_SPLENDID", {}, JobState.Exception, (1, 0, 0, 1), "unknown status 'STATUS_SPLENDID'"),
        (9, {}, JobState.Exception, (1, 0, 0, 1), "unknown status '9'"),
    ],
)
def test_a_status_is_read_as_it_is_meant(
    status: Any, fields: dict[str, Any], state: JobState, counted: tuple[int, int, int, int], said: str
) -> None:
    job = made(status, **fields)
    assert (job.state, counts(job)) == (state, counted)
    assert said in job.comments
    assert bool(job.finish) == state.finished


def test_a_status_that_is_not_told_is_unknown() -> None:
    op = Instance(Clock()).add()
    del op["status"]
    job = told(op)
    assert job is not None
    assert job.state is JobState.Exception


@pytest.mark.parametrize(
    ("status", "work", "fields"),
    [
        ("STATUS_PENDING", "operationBackup", {}),
        ("STATUS_SUCCESS", "operationBackup", {"operationBackup": {"dryRun": True}}),
        ("STATUS_SUCCESS", "operationIndexSnapshot", {}),
        ("STATUS_ERROR", "operationRunHook", {}),
        ("STATUS_SUCCESS", "operationRunCommand", {}),
        ("STATUS_SUCCESS", "operationInvented", {}),
    ],
)
def test_what_has_not_begun_dry_runs_and_what_is_no_work_on_backups_are_no_jobs(
    status: str, work: str, fields: dict[str, Any]
) -> None:
    op = Instance(Clock()).add(status, work)
    assert told(op | fields) is None


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [
        ("operationForget", JobType.Retention, "forget"),
        ("operationPrune", JobType.Retention, "prune"),
        ("operationCheck", JobType.Report, "check"),
        ("operationStats", JobType.Report, "stats"),
        ("operationRestore", JobType.FileRestore, "restore"),
    ],
)
def test_other_work_is_what_it_is_and_one_object(work: str, kind: JobType, words: str) -> None:
    job = made(work=work)
    assert (job.type, job.description, job.state, counts(job)) == (kind, words, JobState.Successful, (0, 1, 0, 1))
    assert counts(made("STATUS_ERROR", work)) == (1, 0, 0, 1)


def test_a_restore_counts_its_files() -> None:
    progress = {"messageType": "summary", "totalFiles": "9", "filesRestored": "8", "bytesRestored": "80"}
    job = made(work="operationRestore", operationRestore={"path": "/srv", "target": "/tmp/x", "lastStatus": progress})
    assert (counts(job), job.size, job.description) == ((0, 8, 0, 9), 80, "restore of /srv")


def test_one_that_was_cancelled_before_it_began_bears_its_time_to_come_and_ended_all_the_same() -> None:
    op = Instance(Clock()).add("STATUS_USER_CANCELLED", unixTimeStartMs=milliseconds(NOW + ticks.PER_DAY))
    job = told(op | {"unixTimeEndMs": milliseconds(NOW)})
    assert job is not None
    assert job.start == job.finish == NOW - NOW % 10_000
    assert job.reference == ""


def test_one_that_ended_with_its_instance_ended_when_it_began() -> None:
    instance = Instance(Clock())
    op = instance.add("STATUS_INPROGRESS")
    instance.restart()
    job = told(op)
    assert job is not None
    assert (job.state, job.finish - job.start) == (JobState.Failed, 0)
    assert "incomplete when orchestrator was restarted" in job.comments
    assert not job.comments.startswith(PRESUMED)


def test_dates_in_names_are_left_to_the_machine_and_long_records_are_cut() -> None:
    forgotten = [{"id": f"{number:064x}", "hostname": "web-1"} for number in range(1000)]
    job = made(work="operationForget", operationForget={"forget": forgotten})
    assert len(job.raw) <= 64 * 1024
    assert json.loads(job.raw).keys() == {"tooLong"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unixTimeStartMs": None}, "does not tell when it began"),
        ({"unixTimeStartMs": "99999999999999999"}, "does not tell when it began"),
        ({"id": None}, "cannot be read: .*id"),
        ({"planId": 7}, "cannot be read"),
    ],
)
def test_an_operation_that_is_not_as_it_should_be_is_refused_with_words(fields: dict[str, Any], said: str) -> None:
    op = {name: value for name, value in (Instance(Clock()).add() | fields).items() if value is not None}
    with pytest.raises(UnreadableRecordError, match=said):
        told(op)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("GetOperations", ["Successful", "Successful", "Failed", "Successful"]),
        ("GetOperations.inprogress", ["InProgress"]),
        ("GetOperations.warning", ["Exception"]),
    ],
)
def test_the_samples_are_read(name: str, states: list[str]) -> None:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "backrest" / f"{name}.built.json"
    found = [told(op) for op in json.loads(file.read_text("utf-8"))["operations"]]
    assert [job.state.name for job in found if job] == states
