"""Snapshots and tasks of kopia as jobs: what is incomplete or failed in part, and what is no job."""

import json
import os
from typing import Any

import pytest
from fakes.kopia.kopia_declared import faults as not_declared
from fakes.kopia.kopia_records import REPOSITORY, snapshot, task
from repositories import samples

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.kopia.snapshots import job_of, time_of
from jobreport.connectors.kinds.kopia.tasks import task_of
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults


def job(record: Any) -> Job | None:
    made = job_of(REPOSITORY, record, json.dumps(record))
    assert not made or faults(made, NAMES) == []
    return made


def must(record: Any) -> Job:
    made = job(record)
    assert made
    return made


def ran(record: Any) -> Job | None:
    made = task_of(REPOSITORY, json.dumps(record).encode())
    assert not made or faults(made, NAMES) == []
    return made


def test_a_whole_snapshot_is_a_success_that_is_named_by_what_it_is_of_and_when() -> None:
    found = must(snapshot())
    assert (found.service, found.type, found.state) == (ServiceType.FileShare, JobType.FileBackup, JobState.Successful)
    assert found.start == ticks.from_iso("2026-11-30T01:00:29.674573Z") == time_of(snapshot())
    assert found.finish == ticks.from_iso("2026-11-30T01:14:32.962614Z")
    assert (found.failed, found.successful, found.total, found.size) == (0, 143, 143, 427_221)
    assert found.reference == f"kopia:{REPOSITORY}:root@web-1:/srv:2026-11-30T01:00:29.6745730Z"
    assert found.job_id == "kopia:6b3f0c5d9e1a:root@web-1:/srv:2026-11-30T01:00:29.6745730Z"
    assert (found.made, found.resource) == ("kopia:/srv:20261130@web-1", "root@web-1:/srv")
    assert found.description == "kopia snapshot of /srv on web-1"
    assert json.loads(found.raw) == snapshot()


def test_one_that_was_pinned_has_another_id_and_is_the_same_backup() -> None:
    pinned = must(snapshot(id="2c54893efd80bcda7102f622da5c63ee", pins=["keep"]))
    assert (pinned.job_id, pinned.reference) == (must(snapshot()).job_id, must(snapshot()).reference)


def test_its_name_does_not_depend_on_how_a_version_of_kopia_writes_times() -> None:
    older = must(snapshot(startTime="2026-11-30T03:00:29.674573+02:00"))
    assert (older.job_id, older.reference) == (must(snapshot()).job_id, must(snapshot()).reference)


def test_a_task_whose_end_is_in_the_first_year_has_none() -> None:
    found = ran(task(kind="Restore", status="RUNNING", endTime="0001-01-01T00:00:00Z"))
    assert found
    assert (found.state, found.finish) == (JobState.InProgress, 0)


def test_secrets_in_what_it_says_are_masked() -> None:
    said = "upload to https://me:hunter2@nas/ failed"
    for found in (must(snapshot(description=said)), ran(task(status="FAILED", errorMessage=said))):
        assert found
        assert "hunter2" not in found.comments
        assert "hunter2" not in found.raw


@pytest.mark.parametrize(
    ("changes", "state", "counts", "said"),
    [
        ({"summ": {"numFailed": 2}}, JobState.Exception, (2, 143), "2 entries could not be saved"),
        ({"summ": {"numFailed": 1, "files": 0}}, JobState.Failed, (1, 0), "1 entry could not be saved"),
        ({"summ": {"numIgnoredErrors": 1}}, JobState.Exception, (0, 143), "1 error ignored, as its policy says"),
        (
            {"summ": {"numFailed": 1, "errors": [{"path": "a/b", "error": "permission denied"}]}},
            JobState.Exception,
            (1, 143),
            "1 entry could not be saved\na/b: permission denied",
        ),
        ({"incomplete": "canceled"}, JobState.Stopped, (0, 143), "incomplete: canceled"),
        ({"incomplete": "limit reached"}, JobState.Exception, (0, 143), "incomplete: limit reached"),
        ({"incomplete": "rain"}, JobState.Exception, (0, 143), "incomplete for an unknown reason: 'rain'"),
        ({"description": "before the move"}, JobState.Successful, (0, 143), "before the move"),
        ({"rootEntry": None}, JobState.Successful, (0, 1), ""),
        ({"endTime": "2026-11-30T00:00:00+01:00"}, JobState.Successful, (0, 143), ""),
        ({"summ": {"files": 2**40, "size": -1}}, JobState.Successful, (0, 2**31 - 1), ""),
    ],
)
def test_what_a_snapshot_says_of_itself_is_told(
    changes: dict[str, Any], state: JobState, counts: tuple[int, int], said: str
) -> None:
    found = must(snapshot(**changes))
    assert (found.state, (found.failed, found.successful), found.comments) == (state, counts, said)


def test_what_a_backup_that_goes_on_has_saved_so_far_is_no_job() -> None:
    assert job(snapshot(incomplete="checkpoint")) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"startTime": "today"}, "no time of a kind that is known: 'today'"),
        ({"source": "root@web-1:/srv"}, r"Expected `object`, got `str` - at `\$.source`"),
    ],
)
def test_a_snapshot_that_is_none_is_told(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UnreadableRecordError, match=said):
        job(snapshot(**changes))


def test_a_task_that_failed_is_a_failure_which_the_snapshots_do_not_have() -> None:
    found = ran(task())
    assert found
    assert (found.state, found.type, found.failed, found.total) == (JobState.Failed, JobType.FileBackup, 1, 1)
    assert found.job_id == "kopia:6b3f0c5d9e1a:task:Snapshot:root@web-1:/srv:2026-11-30T01:00:00.0000000Z"
    assert (found.resource, found.comments) == ("root@web-1:/srv", "unable to open the directory")
    assert (found.reference, found.made) == ("", "")


@pytest.mark.parametrize("status", ["RUNNING", "CANCELING", "CANCELED", "SUCCESS"])
def test_a_task_that_leaves_a_snapshot_is_told_by_that(status: str) -> None:
    told = {"status": status} | ({"endTime": ""} if status in {"RUNNING", "CANCELING"} else {})
    assert ran(task(**told)) is None
    kept = ran(task(kind="Maintenance", description="Periodic maintenance", **told))
    assert kept
    assert kept.type is JobType.Retention


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        ({"status": "RUNNING", "endTime": "", "progressInfo": "compacting"}, JobState.InProgress, "compacting"),
        ({"status": "CANCELED"}, JobState.Stopped, ""),
        ({"status": "SUCCESS"}, JobState.Successful, ""),
        ({"status": "success", "endTime": ""}, JobState.Successful, ""),
        ({"status": "SNOOZING"}, JobState.Exception, "unknown status 'SNOOZING' of its origin"),
        ({"status": "SNOOZING", "endTime": ""}, JobState.InProgress, "unknown status 'SNOOZING' of its origin"),
        ({"status": "RUNNING"}, JobState.Exception, "it has ended, and its status is 'RUNNING'"),
    ],
)
def test_a_status_is_read_as_it_is_meant(changes: dict[str, Any], state: JobState, said: str) -> None:
    found = ran(task(kind="Restore", description="to /srv", errorMessage="") | changes)
    assert found
    assert (found.state, found.type, found.comments) == (state, JobType.FileRestore, said)


def test_an_estimate_is_no_job_and_what_is_no_task_is_told() -> None:
    assert ran(task(kind="Estimate")) is None
    for changes, said in (({"startTime": "now"}, "no time"), ({"id": 1}, "a task is not as it should be")):
        with pytest.raises(UnreadableRecordError, match=said):
            ran(task(**changes))


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_every_record_among_the_samples_is_read() -> None:
    every = samples("kopia")
    listed = json.loads(every["snapshot_list_rc0.built.json"]["stdout"])
    assert [fault for one in listed for fault in not_declared(one, "Manifest")] == []
    manifests = [one["data"] | {"id": one["id"]} for one in every["manifests.good.json"]["entries"]]
    found = [must(one) for one in [*listed, *manifests]]
    assert [(one.state, one.successful, one.resource) for one in found] == [
        (JobState.Successful, 143, "user-name@host-name:/root/tmp/test")
    ] * 4
    assert len({one.reference for one in found}) == 2
    documented = must(every["manifest_show.docs-example.json"] | {"id": "1"})
    assert (documented.successful, ticks.to_iso(documented.start, digits=0)) == (12_500, "2019-06-23T03:15:51Z")
    told = [ran(one) for one in every["server_tasks.built.json"]["tasks"]]
    assert [(one.state, one.type) for one in told if one] == [
        (JobState.Failed, JobType.FileBackup),
        (JobState.InProgress, JobType.Retention),
    ]
