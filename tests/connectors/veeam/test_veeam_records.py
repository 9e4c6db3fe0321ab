"""Sessions of Veeam as jobs: the state alone says whether they ended, and their type decides before their platform."""

import json
import os
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fakes.veeam.veeam_declared import SESSION_TYPES_13
from fakes.veeam.veeam_records import session, task

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.veeam.records import bare, job_of, session_of
from jobreport.connectors.kinds.veeam.tasks import Tally, tally_of
from jobreport.contract.job_fields import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import MAX_RAW, Job, faults
from jobreport.origins.veeam import BRINGS_BY_API, codes_of_session
from strategies import NOW

BEGUN = NOW // ticks.PER_SECOND * ticks.PER_SECOND
ENDED = BEGUN + 600 * ticks.PER_SECOND
ZONE = timezone(timedelta(hours=1))


def made(record: dict[str, Any], tally: Tally | None = None) -> Job:
    raw = json.dumps(record).encode()
    one = session_of(raw)
    assert one.codes is not None
    job = job_of(one, one.codes, raw, "vbr-1", ZONE, tally)
    assert not faults(job, NAMES)
    return job


@pytest.mark.parametrize(
    ("state", "result", "cancelled", "expected"),
    [
        ("Stopped", "Success", False, JobState.Successful),
        ("Stopped", "Warning", False, JobState.Exception),
        ("Stopped", "Failed", False, JobState.Failed),
        ("Stopped", "None", False, JobState.Exception),
        ("Stopped", "None", True, JobState.Stopped),
        ("Stopped", "Success", True, JobState.Stopped),
        ("Stopped", "Failed", True, JobState.Stopped),
        ("Starting", "None", False, JobState.InProgress),
        ("Working", "Success", False, JobState.InProgress),
        ("Working", "Failed", True, JobState.InProgress),
        ("Stopping", "None", True, JobState.InProgress),
        ("Pausing", "None", False, JobState.InProgress),
        ("Resuming", "None", False, JobState.InProgress),
        ("Postprocessing", "Success", False, JobState.InProgress),
        ("ActionRequired", "Warning", False, JobState.InProgress),
        ("WaitingTape", "None", False, JobState.Waiting),
        ("WaitingRepository", "None", False, JobState.Waiting),
        ("WaitingSlot", "None", False, JobState.Waiting),
    ],
)
def test_stopped_means_finished_and_the_state_alone_says_whether_it_ended(
    state: str, result: str, cancelled: bool, expected: JobState
) -> None:
    said = {"result": result, "message": "so it is", "isCanceled": cancelled}
    job = made(session(1, BEGUN, ENDED, state=state, result=said["result"]) | {"result": said})
    assert job.state is expected
    assert job.finish == (ENDED if expected.finished else 0)
    assert job.comments == ("" if expected is JobState.Successful else "so it is")


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [("Dreaming", "Success", JobState.InProgress), ("Stopped", "Splendid", JobState.Exception)],
)
def test_a_word_that_is_not_known_is_told_and_is_no_success(state: str, result: str, expected: JobState) -> None:
    job = made(session(1, BEGUN, ENDED, state=state) | {"result": {"result": result}})
    assert (job.state, job.comments) == (expected, f"unknown state {state!r}, result {result!r}")


def test_an_idle_session_is_no_run() -> None:
    record = session(1, BEGUN, ENDED, state="Idle", sessionType="BackupCopyJob")
    assert session_of(json.dumps(record).encode()).codes is None


@pytest.mark.parametrize(
    ("kind", "platform", "expected"),
    [
        ("BackupJob", "VMware", (ServiceType.VMware, JobType.VMwareBackup)),
        ("Job", "", (ServiceType.Common, JobType.Backup)),
        ("ConfigurationBackup", "VMware", (ServiceType.Common, JobType.Backup)),
        ("RestoreVm", "HyperV", (ServiceType.VM, JobType.Restore)),
        ("InstantRecovery", "VMware", (ServiceType.VMware, JobType.VMwareRestore)),
        ("LinuxFileLevelRestore", "Nutanix", (ServiceType.VM, JobType.Restore)),
        ("NasRestore", "Test", (ServiceType.FileShare, JobType.FileRestore)),
        ("BackupJob", "UnstructuredData", (ServiceType.FileShare, JobType.FileBackup)),
        ("EntraIdRestore", "CustomPlatform", (ServiceType.AAD, JobType.AADRestore)),
        ("BackupJob", "EntraID", (ServiceType.AAD, JobType.AADBackup)),
        ("Failover", "VMware", (ServiceType.VMware, JobType.VMwareRestore)),
        ("ReplicaJob", "VMware", (ServiceType.VMware, JobType.VMwareBackup)),
        ("AgentBackup", "WindowsPhysical", (ServiceType.VM, JobType.Backup)),
        ("PlatformBackupJob", "AWSEC2", (ServiceType.AmazonEC2, JobType.EC2Backup)),
        ("PlatformBackupJob", "AzureCompute", (ServiceType.VM, JobType.Backup)),
        ("DiskRestore", "GCE", (ServiceType.GoogleCloud, JobType.GoogleVMRestore)),
        ("SqlLogBackup", "VMware", (ServiceType.SQLServer, JobType.SQLServerBackup)),
        ("Retention", "VMware", (ServiceType.Common, JobType.Retention)),
        ("DeleteBackup", "VMware", (ServiceType.Common, JobType.HardDelete)),
        ("SureBackup", "VMware", (ServiceType.Common, JobType.Report)),
        ("MalwareDetection", "VMware", (ServiceType.Common, JobType.Report)),
        ("Infrastructure", "VMware", None),
        ("AgentDiscovery", "LinuxPhysical", None),
        ("UnstructuredDataBrowse", "UnstructuredData", None),
        ("HaSwitchover", "", None),
        ("TestCredentials", "", None),
        ("QuantumBackup", "Quantum", (ServiceType.Common, JobType.Backup)),
    ],
)
def test_the_type_of_a_session_decides_before_its_platform(
    kind: str, platform: str, expected: tuple[ServiceType, JobType] | None
) -> None:
    assert codes_of_session(kind, platform) == expected


def test_what_comes_of_its_sessions_is_what_the_kind_says() -> None:
    for kind in SESSION_TYPES_13:
        for platform in ("VMware", "HyperV", "UnstructuredData", "EntraID", "AWSEC2", "GCE", "Tape", ""):
            if codes := codes_of_session(kind, platform):
                assert codes[1] in BRINGS_BY_API[codes[0]], (kind, platform)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("File servers", "File servers"),
        ("File servers (Incremental)", "File servers"),
        ("File servers (Active Full)", "File servers"),
        ("File servers (Incremental) (Retry 2)", "File servers"),
        ("Servers (Linux)", "Servers (Linux)"),
        ("(Full)", "(Full)"),
    ],
)
def test_the_plan_is_the_name_of_the_job_without_how_it_ran(name: str, plan: str) -> None:
    assert bare(name) == plan
    assert made(session(1, BEGUN, ENDED, name=name)).plan == plan


def test_a_backup_is_of_its_server_and_a_restore_of_its_machine() -> None:
    backup = made(session(1, BEGUN, ENDED))
    assert (backup.plan, backup.resource, backup.description) == ("File servers", "vbr-1", "BackupJob")
    restore = made(session(1, BEGUN, ENDED, sessionType="RestoreVm", name="apache04"))
    assert (restore.plan, restore.resource) == ("", "apache04")
    assert made(session(1, BEGUN, ENDED, sessionType="BackupCopyJob")).description == "copy: BackupCopyJob"


def test_times_without_a_zone_are_the_servers_and_the_year_1_is_none() -> None:
    job = made(session(1, BEGUN, ENDED, creationTime="2026-11-11T12:34:46.027793", endTime="2026-11-11T12:45:22"))
    assert ticks.to_iso(job.start) == "2026-11-11T11:34:46.0277930Z"
    assert job.finish - job.start == 6_359_722_070
    job = made(session(1, BEGUN, ENDED, endTime="0001-01-01T00:00:00"))
    assert (job.finish, job.comments) == (job.start, "")
    job = made(session(1, BEGUN, ENDED, result="Failed", endTime="0001-01-01T00:00:00"))
    assert job.comments == "Failed\nits origin does not tell when it ended"


def test_tasks_count_and_a_failed_session_of_which_some_were_saved_is_an_exception() -> None:
    tasks = [task(1, 1), task(2, 1, "Warning"), task(3, 1, "Failed", "db"), task(4, 1, type="Antivirus"), task(1, 1)]
    tally = tally_of(msgspec.Raw(json.dumps(one).encode()) for one in tasks)
    assert (tally.good, tally.lost, tally.size) == (2, 1, 3000)
    for result in ("Warning", "Failed"):
        job = made(session(1, BEGUN, ENDED, result=result), tally)
        assert (job.state, job.failed, job.successful, job.total, job.size) == (JobState.Exception, 1, 2, 3, 3000)
        assert job.comments == f"{result}\nsrv2: Warning it is Warning\ndb: Failed it is Failed"


@pytest.mark.parametrize("tally", [None, Tally()])
def test_without_tasks_it_is_one_object(tally: Tally | None) -> None:
    job = made(session(1, BEGUN, ENDED, progress={"processedSize": 4096}), tally)
    assert (job.failed, job.successful, job.total, job.size) == (0, 1, 1, 4096)
    assert made(session(1, BEGUN, ENDED, result="Failed"), tally).failed == 1


def test_the_record_stays_as_it_came_but_for_how_long_it_has_run() -> None:
    record = session(1, BEGUN, ENDED, surprise={"a": 1}, progress={"duration": "00:10:00", "processedSize": 1})
    assert json.loads(made(record).raw) == record
    running = session(1, BEGUN, progress={"duration": "00:10:00", "processedSize": 1})
    assert json.loads(made(running).raw) == running | {"progress": {"processedSize": 1}}
    long = made(session(1, BEGUN, ENDED, result="Failed", surprise="x" * MAX_RAW))
    assert len(long.raw.encode()) <= MAX_RAW


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"[]", "a session is not as Veeam describes it"),
        (b'{"id": "1"}', "missing required field `name`"),
        (b'{"id": 1, "name": "a"}', r"Expected `str`, got `int` - at `\$.id`"),
    ],
)
def test_a_record_that_is_not_as_it_should_be_is_told(record: bytes, said: str) -> None:
    with pytest.raises(UnreadableRecordError, match=said):
        session_of(record)


def test_a_beginning_that_is_no_time_is_told() -> None:
    with pytest.raises(UnreadableRecordError, match=r"^creationTime of a session is no ISO 8601 time"):
        made(session(1, BEGUN, ENDED, creationTime="yesterday"))


SAMPLES = {
    "GetAllSessions.v1.1-rev0": [(JobState.Failed, ServiceType.Common, JobType.Backup, "Backup Job 1")],
    "GetAllSessions.v1.3-rev2": [(JobState.Failed, ServiceType.Common, JobType.Backup, "Backup Job 1")],
    "GetSession.configuration-backup.v1.1-rev0": [
        (JobState.Successful, ServiceType.Common, JobType.Backup, "Backup Configuration Job")
    ],
}


def sample(name: str) -> Any:
    return json.loads((Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "veeam" / f"{name}.json").read_bytes())


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
@pytest.mark.parametrize("name", SAMPLES)
def test_veeams_own_examples_are_jobs(name: str) -> None:
    found = sample(name)
    jobs = [made(one) for one in found.get("data", [found])]
    assert [(one.state, one.service, one.type, one.plan) for one in jobs] == SAMPLES[name]
    assert all(one.start < one.finish for one in jobs)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_veeams_own_examples_of_task_sessions_count() -> None:
    every = [*sample("GetAllTaskSessions.v1.2-rev1")["data"], sample("GetTaskSession.restore.v1.3-rev2")]
    tally = tally_of(msgspec.Raw(json.dumps(one).encode()) for one in every)
    assert (tally.good, tally.lost, tally.said) == (7, 0, ())
    assert tally.size == sum(one["progress"]["processedSize"] for one in every if "progress" in one)


def test_the_zone_of_a_time_that_bears_one_is_its_own() -> None:
    record = json.dumps(session(1, BEGUN, ENDED)).encode()
    one = session_of(record)
    assert one.codes is not None
    assert job_of(one, one.codes, record, "vbr-1", UTC, None).start == BEGUN
