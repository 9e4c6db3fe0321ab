"""What a look at AWS Backup brings, by its real SDK: all pages, late results, what is gone, each job once."""

import json
from collections.abc import Callable

import pytest
from fakes.aws.aws_cloud import Cloud
from fakes.aws.aws_records import ACCOUNT, REGION, backup, copy, job_name, report, restore, seconds

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.model.job import Job
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key

MINUTE = 60 * ticks.PER_SECOND
HOUR = 60 * MINUTE
ALL = ("backup-jobs", "copy-jobs", "restore-jobs", "report-jobs")
OTHER = "210987654321"

Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]


def states(jobs: Jobs) -> dict[str, JobState]:
    return {name: job.state for name, job in jobs().items()}


def test_all_lists_of_all_regions_are_read_page_by_page_and_reading_again_changes_nothing(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    cloud.page = 2
    for number, make in enumerate([backup, copy, restore, report]):
        cloud.put(REGION, *(make(number * 10 + one, clock.now - one * HOUR) for one in range(5)))
        cloud.put("us-east-1", make(number * 10 + 9, clock.now))
    first = look(*ALL, regions=(REGION, "us-east-1"))
    assert first.whole
    assert {one.stream: one.created for one in first.streams} == {
        **{f"{REGION}/{name}": 5 for name in ALL},
        **{f"us-east-1/{name}": 1 for name in ALL},
    }
    found = jobs()
    assert len(found) == 24
    (volume,) = [job for job in found.values() if job.job_id == f"aws:{ACCOUNT}:{REGION}:{job_name(0)}"]
    assert (volume.reference, volume.origin) == (volume.job_id, "aws-backup/prod")
    assert {job.type for job in found.values()} == {
        *(JobType.EC2Backup, JobType.FileRestore, JobType.Report),
    }
    again = look(*ALL, regions=(REGION, "us-east-1"))
    assert again.whole
    assert [(one.created, one.updated) for one in again.streams] == [(0, 0)] * 8
    assert jobs() == found


def test_a_later_look_asks_only_from_the_last_one_on(cloud: Cloud, clock: Clock, look: Look) -> None:
    cloud.put(REGION, *(backup(one, clock.now - one * HOUR) for one in range(40)))
    look()
    began = clock.now
    cloud.asked.clear()
    assert look().streams[0].read == 2  # one begun within the last hour, one completed
    created, completed = cloud.calls("ListBackupJobs")
    assert created["createdAfter"] == completed["createdBefore"] == completed["completeAfter"]
    assert ticks.from_iso(created["createdAfter"]) == began - HOUR


def test_a_result_that_comes_late_is_found_by_when_the_job_was_completed(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    cloud.put(REGION, backup(1, clock.now, "RUNNING"))
    look()
    assert states(jobs) == {job_name(1): JobState.InProgress}
    begun = clock.now
    clock.pass_by(20 * 3600)
    cloud.put(REGION, backup(1, begun, CompletionDate=seconds(clock.now)))
    assert look().whole
    assert states(jobs) == {job_name(1): JobState.Successful}
    assert not cloud.calls("DescribeBackupJob")


@pytest.mark.parametrize(
    ("name", "make", "call"),
    [
        ("backup-jobs", backup, "DescribeBackupJob"),
        ("copy-jobs", copy, "DescribeCopyJob"),
        ("restore-jobs", restore, "DescribeRestoreJob"),
    ],
)
def test_each_job_that_had_not_ended_is_asked_for_again_and_one_that_is_gone_is_told(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs, name: str, make: Callable[..., dict[str, object]], call: str
) -> None:
    begun = clock.now - 9 * 24 * HOUR
    cloud.put(REGION, *(make(one, begun, "RUNNING") for one in range(3)))
    look(name)
    clock.pass_by(5 * 3600)
    failed = make(1, begun, "FAILED")
    del failed["CompletionDate"]  # as of a job that never ran; so no list of what was completed has it
    cloud.put(REGION, failed)
    cloud.jobs[REGION, f"{call.removeprefix('Describe')}s"].pop(0)
    assert look(name).whole
    assert len(cloud.calls(call)) == 3
    assert states(jobs) == {
        job_name(0): JobState.Failed,
        job_name(1): JobState.Failed,
        job_name(2): JobState.InProgress,
    }
    assert "not listed any more" in jobs()[job_name(0)].comments


@pytest.mark.parametrize("told", ["VALIDATING", None])
def test_the_judgement_on_a_restore_test_arrives_days_after_the_restore(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs, told: str | None
) -> None:
    begun = clock.now
    cloud.put(REGION, restore(1, begun, **({"ValidationStatus": told} if told else {})))
    look("restore-jobs")
    assert states(jobs) == {job_name(1): JobState.InProgress if told else JobState.Successful}
    for _ in range(6):
        clock.pass_by(86_400)
        assert look("restore-jobs").whole
    cloud.put(REGION, restore(1, begun, ValidationStatus="FAILED"))
    assert look("restore-jobs").whole
    assert states(jobs) == {job_name(1): JobState.Exception}


def test_reports_are_read_from_the_oldest_that_had_not_ended(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    begun = clock.now - 3 * HOUR
    cloud.put(REGION, report(1, begun, "RUNNING"), report(2, begun, "CREATED"))
    look("report-jobs")
    clock.pass_by(5 * 3600)
    cloud.put(REGION, report(1, begun))
    cloud.jobs[REGION, "ReportJobs"] = [one for one in cloud.jobs[REGION, "ReportJobs"] if one["Status"] == "COMPLETED"]
    assert look("report-jobs").whole
    assert states(jobs) == {job_name(1): JobState.Successful, job_name(2): JobState.Failed}


def test_of_an_organisation_all_accounts_are_read_and_each_jobs_end_is_found_by_its_account(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    begun = clock.now - 3 * HOUR
    cloud.put(REGION, backup(1, begun), *(backup(one, begun, "RUNNING", OTHER) for one in (2, 3)), report(4, begun))
    assert look("backup-jobs", "report-jobs", accounts="*").whole
    assert {job.job_id.split(":")[1] for job in jobs().values()} == {ACCOUNT, OTHER}
    clock.pass_by(5 * 3600)
    failed = backup(2, begun, "ABORTED", OTHER)
    del failed["CompletionDate"]
    cloud.put(REGION, failed)
    cloud.jobs[REGION, "BackupJobs"] = [
        one for one in cloud.jobs[REGION, "BackupJobs"] if one["BackupJobId"] != job_name(3)
    ]
    assert look("backup-jobs", accounts="*").streams[0].error == ""
    assert states(jobs) == {
        job_name(1): JobState.Successful,
        job_name(2): JobState.Stopped,
        job_name(3): JobState.Failed,
        job_name(4): JobState.Successful,
    }
    assert not cloud.calls("DescribeBackupJob")


def test_parts_are_no_jobs_of_their_own_and_are_counted_where_their_job_is_described(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    cloud.put(
        REGION,
        backup(1, clock.now, "PARTIAL", IsParent=True),
        backup(2, clock.now, ParentJobId=job_name(1)),
        backup(3, clock.now, "FAILED", ParentJobId=job_name(1)),
        backup(4, clock.now, "RUNNING", IsParent=True),
    )
    cloud.parts[job_name(1)] = {"NumberOfChildJobs": 2, "ChildJobsInState": {"COMPLETED": 1, "FAILED": 1}}
    assert look().whole
    assert states(jobs) == {job_name(1): JobState.Exception, job_name(4): JobState.InProgress}
    one = jobs()[job_name(1)]
    assert (one.successful, one.failed, one.total) == (1, 1, 2)
    assert len(cloud.calls("DescribeBackupJob")) == 1


def test_a_job_that_stands_on_two_pages_counts_once(cloud: Cloud, clock: Clock, look: Look, jobs: Jobs) -> None:
    cloud.page, cloud.again = 2, 1
    cloud.put(REGION, *(backup(one, clock.now) for one in range(5)))
    looked = look()
    assert looked.whole
    assert (looked.streams[0].created, len(jobs())) == (5, 5)


def test_a_page_that_comes_again_is_told_and_what_came_before_is_stored(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    cloud.page, cloud.repeats = 2, True
    cloud.put(REGION, *(backup(one, clock.now) for one in range(5)))
    assert "the same items come again after 2, so it has no end" in look().streams[0].error
    assert len(jobs()) == 2


def test_what_the_sdk_does_not_know_is_kept_and_an_unknown_state_is_no_success(
    cloud: Cloud, clock: Clock, look: Look, jobs: Jobs
) -> None:
    records = [
        backup(1, clock.now, State="MELTED", Heat={"Celsius": 1538}),
        backup(2, clock.now, "RUNNING", State="MELTING"),
    ]
    cloud.beyond = {job_name(1), job_name(2)}
    cloud.put(REGION, *records)
    for _ in range(3):
        assert look().whole
        assert states(jobs) == {job_name(1): JobState.Exception, job_name(2): JobState.InProgress}
        clock.pass_by(3 * 3600)
    assert [json.loads(jobs()[job_name(one)].raw) for one in (1, 2)] == records
    assert len(cloud.calls("DescribeBackupJob")) == 1


def test_an_account_without_jobs_is_read_well(cloud: Cloud, look: Look, jobs: Jobs) -> None:
    assert look(*ALL).whole
    assert jobs() == {}


@pytest.mark.parametrize("ahead", [-7 * HOUR, 7 * HOUR])
def test_a_clock_that_is_off_at_aws_loses_no_job(
    store: Store, tenant: int, cloud: Cloud, clock: Clock, look: Look, jobs: Jobs, ahead: int
) -> None:
    cloud.now = lambda: clock.now + ahead
    assert look().whole
    with store.reading() as transaction:
        (stream,) = connectors.streams(transaction, Key(tenant, "prod")).values()
    assert abs(stream.watermark - (clock.now + min(ahead, 0))) <= ticks.PER_SECOND
    cloud.put(REGION, backup(1, cloud.now(), "RUNNING"))
    assert look().whole
    assert states(jobs) == {job_name(1): JobState.InProgress}


def test_what_aws_forgot_before_anybody_looked_is_a_hole(
    store: Store, tenant: int, clock: Clock, cloud: Cloud, look: Look
) -> None:
    look()
    looked = clock.now
    clock.pass_by(40 * 86_400)
    assert look().whole
    with store.reading() as transaction:
        (one,) = connectors.standings(transaction, tenant)
    assert [(hole.stream, hole.begins) for hole in one.holes] == [(f"{REGION}/backup-jobs", looked)]
