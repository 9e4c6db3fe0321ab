"""Each row of Duplicati's log as a job, and those that are none."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fakes.duplicati.duplicati_server import MACHINE, result

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.duplicati.records import Backup, Row, error_of, job_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from strategies import NOW

BACKUP = Backup(number="DB-2", name="pc-1 local files", machine_id=MACHINE, machine="pc-1")
SECOND = ticks.PER_SECOND


def row(message: str | None, kind: str = "Result") -> Row:
    return Row(id=7, timestamp=(NOW - ticks.UNIX_EPOCH) // SECOND, type=kind, message=message)


def told(**fields: Any) -> Job:
    job = job_of(row(json.dumps(result(NOW, **fields))), BACKUP)
    assert job is not None
    return job


def counts(job: Job) -> tuple[int, int, int, int]:
    return job.failed, job.successful, job.skipped, job.total


def test_a_success_is_a_job_with_its_files_times_and_names() -> None:
    job = told(seconds=51.5)
    assert (job.service, job.type, job.state) == (ServiceType.FileShare, JobType.FileBackup, JobState.Successful)
    assert (counts(job), job.size, job.comments) == ((0, 15_399, 0, 15_399), 11_086_692_615, "")
    assert (job.start, job.finish) == (NOW - 51 * SECOND - SECOND // 2, NOW)
    assert (job.plan, job.resource, job.description) == ("pc-1 local files", "pc-1", "backup")
    assert job.job_id == f"duplicati:{MACHINE}:DB-2:Backup:{ticks.to_iso(job.start)}"
    begun = (job.start - ticks.UNIX_EPOCH) // SECOND
    assert job.reference.startswith(f"duplicati:{MACHINE}:DB-2:Backup:{begun}:")
    assert json.loads(job.raw)["ParsedResult"] == "Success"


@pytest.mark.parametrize(
    ("fields", "state", "counted", "said"),
    [
        ({"ParsedResult": "Warning", "Warnings": ["… - [Warning-A]: no access"]}, JobState.Exception, 0, "no access"),
        (
            {"ParsedResult": "Error", "ErrorsActualLength": 2, "Errors": ["… x", "… y"]},
            JobState.Exception,
            0,
            "2 errors",
        ),
        ({"ParsedResult": "Error", "ExaminedFiles": 0}, JobState.Failed, 1, ""),
        ({"ParsedResult": "Fatal", "Errors": ["… - [Error-B]: 403"]}, JobState.Failed, 1, "403"),
        ({"ParsedResult": "Unknown"}, JobState.Exception, 0, "does not know how it ended"),
        ({"ParsedResult": "Splendid"}, JobState.Exception, 0, "unknown result 'Splendid'"),
        ({"Interrupted": True}, JobState.Stopped, 0, "interrupted"),
        ({"PartialBackup": True}, JobState.Exception, 0, "a partial backup"),
        ({"PartialBackup": True, "Interrupted": True, "ParsedResult": "Success"}, JobState.Stopped, 0, "interrupted"),
        ({"FilesWithError": 3}, JobState.Exception, 3, "counts errors"),
    ],
)
def test_a_result_is_read_as_it_is_meant(fields: dict[str, Any], state: JobState, counted: int, said: str) -> None:
    job = told(**fields)
    assert (job.state, job.failed) == (state, counted)
    assert said in job.comments
    assert state is not JobState.Failed or not job.successful


def test_what_the_statistics_of_the_destination_repeat_is_not_read() -> None:
    job = told(ParsedResult="Fatal", BackendStatistics={"ParsedResult": "Success", "BeginTime": "0001-01-01T00:00:00"})
    assert job.state is JobState.Failed


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("Restore", JobType.FileRestore),
        ("Test", JobType.Report),
        ("Compact", JobType.Retention),
        ("Repair", JobType.Retention),
        ("Sync", JobType.FileBackup),
    ],
)
def test_other_work_is_what_it_is(operation: str, kind: JobType) -> None:
    job = told(MainOperation=operation)
    assert (job.type, job.description) == (kind, operation.lower())


@pytest.mark.parametrize("fields", [{"Dryrun": True}, {"MainOperation": "ListFilesets"}, {"MainOperation": "Invented"}])
def test_dry_runs_and_lists_are_no_jobs(fields: dict[str, Any]) -> None:
    assert job_of(row(json.dumps(result(NOW, **fields))), BACKUP) is None


def test_messages_of_a_run_are_no_jobs() -> None:
    assert job_of(row("anything", "Warning"), BACKUP) is None


def test_an_end_that_is_not_told_is_the_rows_and_one_long_run_has_days() -> None:
    assert told(EndTime="0001-01-01T00:00:00").finish == NOW - NOW % SECOND
    job = told(seconds=105_000, Duration="1.05:10:00")
    assert job.finish - job.start == 105_000 * SECOND


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("ExaminedFiles: 3\nParsedResult: Success", "the result in row 7 cannot be read"),
        (
            json.dumps({"MainOperation": "Backup", "BeginTime": "yesterday"}),
            "BeginTime .* 'yesterday', which is no time",
        ),
        (json.dumps({"MainOperation": 7}), "the result in row 7 cannot be read"),
        (None, "the result in row 7 cannot be read"),
    ],
)
def test_a_row_that_is_not_as_it_should_be_is_refused_with_words(message: str | None, said: str) -> None:
    with pytest.raises(UnreadableRecordError, match=said):
        job_of(row(message), BACKUP)


def test_an_error_that_came_to_no_result_is_a_failed_job_and_one_that_did_is_not_told_twice() -> None:
    failing = Backup("DB-2", "pc-1 local files", MACHINE, "pc-1", error=NOW, why="no passphrase")
    job = error_of(failing, 0)
    assert job is not None
    assert (job.state, job.start, job.finish, counts(job)) == (JobState.Failed, NOW, NOW, (1, 0, 0, 1))
    assert "no passphrase" in job.comments
    assert error_of(failing, NOW - ticks.PER_DAY) == job
    for ended in (NOW, NOW - 300 * SECOND, NOW + SECOND):
        assert error_of(failing, ended) is None
    assert error_of(BACKUP, 0) is None


def test_a_machine_that_was_copied_has_jobs_of_its_own_though_it_has_the_id_of_the_first() -> None:
    message = json.dumps(result(NOW))
    machines = [Backup("DB-2", "files", MACHINE, name, error=NOW) for name in ("pc-1", "PC-1", "pc-2")]
    one, same, other = [job.reference for backup in machines if (job := job_of(row(message), backup))]
    assert one == same != other
    failed = [job.job_id for backup in machines if (job := error_of(backup, 0))]
    assert failed[0] != failed[2]


def test_without_the_machines_id_its_name_is_in_the_id_and_nobody_else_tells_of_it() -> None:
    job = job_of(row(json.dumps(result(NOW))), Backup("DB-2", "files", "", "pc-1"))
    assert job is not None
    assert (job.job_id.split(":")[1], job.reference) == ("pc-1", "")


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_the_samples_are_read() -> None:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "duplicati/backup_log_page.built.json"
    rows = [
        Row(one["ID"], one["Timestamp"], one["Type"], one["Message"]) for one in json.loads(file.read_text("utf-8"))
    ]
    found = [job_of(one, BACKUP) for one in rows]
    assert [(job.type, job.state) for job in found if job] == [
        (JobType.FileBackup, JobState.Successful),
        (JobType.Report, JobState.Successful),
    ]
