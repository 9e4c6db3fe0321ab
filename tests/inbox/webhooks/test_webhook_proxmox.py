"""Proxmox VE and Backup Server: their notifications, from a webhook target and from a Gotify target."""

from typing import Any

import pytest

from jobreport.inbox.report import ReportedJob
from jobreport.inbox.webhooks import pbs, pve
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.origins.proxmox import state_of
from jobreport.runner.text import seconds_of
from jobreport.runner.tools.base import Counts
from webhook_samples import PBS, PVE, VZDUMP, delivery

LOST = VZDUMP.replace("102     db        ok ", "102     db        err")
FAILED = {"title": "vzdump backup status (pve-1.example.org): backup failed", "severity": "error"}


def vzdump(**change: object) -> ReportedJob:
    (job,) = pve.read(delivery({**PVE, **change})).jobs
    return job


def server(**change: Any) -> ReportedJob:
    (job,) = pbs.read(delivery({**PBS, **change})).jobs
    return job


def test_a_backup_of_many_guests_is_one_job_that_counts_them() -> None:
    job = vzdump()
    assert (job.state, job.service, job.type) == (JobState.Successful, ServiceType.VM, JobType.Backup)
    assert (job.plan, job.resource, job.description) == ("backup-a1b2", "pve-1", "vzdump on pve-1")
    assert job.counts == Counts(successful=2, total=2, size=int(13.75 * 2**30))
    assert job.finish - job.start == 450 * ticks.PER_SECOND
    assert job.key == "pve/pve-1/backup-a1b2/1772489251"


def test_a_lost_guest_is_an_exception_and_two_are_a_failure() -> None:
    job = vzdump(message=LOST, **FAILED)
    assert (job.state, job.counts and job.counts.failed) == (JobState.Exception, 1)
    assert job.comments == "102 (db) was not backed up"
    job = vzdump(message=LOST.replace("101     web       ok ", "101     web       err"), **FAILED)
    assert (job.state, job.counts and job.counts.failed) == (JobState.Failed, 2)


def test_a_success_that_the_table_or_the_log_contradicts_is_none() -> None:
    assert vzdump(message=LOST).state is JobState.Exception
    job = vzdump(message=VZDUMP + "102: 2026-03-02 22:04:00 WARN: the guest agent did not answer\n")
    assert (job.state, "guest agent" in job.comments) == (JobState.Exception, True)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({**FAILED, "title": "vzdump backup status (pve-1): backup failed: interrupted by signal"}, JobState.Stopped),
        ({**FAILED, "title": "vzdump backup status (pve-1): backup failed: no space"}, JobState.Exception),
        ({**FAILED, "message": "a text of the operator's own"}, JobState.Exception),
        ({**FAILED, "message": "VMID    Name    Status\n\n"}, JobState.Failed),
        ({"message": "a text of the operator's own"}, JobState.Successful),
        ({"message": "VMID    Name    Status\n\n"}, JobState.Skipped),
        ({"severity": "warning"}, JobState.Exception),
        ({"severity": "", "title": "vzdump backup status (pve-1): sicher"}, JobState.Exception),
    ],
)
def test_other_ends_of_a_backup(change: dict[str, object], state: JobState) -> None:
    assert vzdump(**change).state is state


def test_one_guest_by_hand_is_the_resource() -> None:
    row = VZDUMP.replace("102 ", "xxx ")
    assert vzdump(message=row, fields={"type": "vzdump", "hostname": "pve-1"}).resource == "101 (web)"


def test_a_gotify_target_tells_enough() -> None:
    body = {"title": PVE["title"], "message": f"```\n{VZDUMP}\n```", "priority": 1, "extras": {}}
    (job,) = pve.read(delivery(body)).jobs
    assert (job.state, job.resource, job.key, job.finish) == (JobState.Successful, "pve-1.example.org", "", 0)


def test_a_failed_replication_is_a_job() -> None:
    text = "Replication job '101-0' failed!\n\nFailure count: 2\n\nError:\nno route to host\n"
    fields = {"type": "replication", "hostname": "pve-1", "job-id": "101-0"}
    job = vzdump(title="Replication Job: '101-0' failed", message=text, severity="error", fields=fields)
    assert (job.state, job.plan, job.comments) == (JobState.Failed, "101-0", "no route to host")


def test_what_is_no_job_is_ignored_with_words() -> None:
    for read in (pve.read, pbs.read):
        test = {"title": "Test notification", "message": "This is a test", "severity": "info", "timestamp": 1}
        assert read(delivery(test)).ignored == "a test of the notification target"
        mail = {**test, "title": "Cron", "fields": {"type": "system-mail"}}
        assert "system-mail: no job" in read(delivery(mail)).ignored


@pytest.mark.parametrize(
    ("kind", "title", "message", "state", "work"),
    [
        (
            *("sync", "Sync local datastore 'main' failed", "Synchronization failed: task aborted\n"),
            *(JobState.Stopped, JobType.Backup),
        ),
        (
            "sync",
            "Sync remote 's' datastore 'main' failed",
            "Synchronization failed: x\n",
            JobState.Failed,
            JobType.Backup,
        ),
        (
            "prune",
            "Pruning datastore 'copies' successful",
            "Pruning successful.",
            JobState.Successful,
            JobType.Retention,
        ),
        ("gc", "Garbage Collect Datastore 'copies' successful", "", JobState.Successful, JobType.Retention),
        (
            *("gc", "Garbage Collect Datastore 'copies' successful", "Removed bad chunks:   3\n"),
            *(JobState.Exception, JobType.Retention),
        ),
        (
            *(
                "verify",
                "Verify Datastore 'copies' failed",
                "Verification failed on these snapshots/groups:\n\n    vm/1/x\n",
            ),
            *(JobState.Failed, JobType.Report),
        ),
        ("tape-backup", "Tape Backup 't' datastore 'copies' failed", "", JobState.Failed, JobType.Backup),
    ],
)
def test_jobs_of_the_backup_server(kind: str, title: str, message: str, state: JobState, work: JobType) -> None:
    severity = "info" if "successful" in title else "error"
    with_fields = server(title=title, message=message, severity=severity, fields={**PBS["fields"], "type": kind})
    by_gotify = server(title=title, message=message, severity="", timestamp=0, fields={})
    for job in (with_fields, by_gotify):
        assert (job.state, job.type) == (state, work)
        assert job.comments or state is JobState.Successful or not message


def test_a_sync_names_its_source() -> None:
    job = server()
    assert (job.state, job.plan, job.resource) == (JobState.Successful, "s-77", "pbs-1:copies")
    assert (job.description, job.key) == ("sync from site-b:main", "pbs/pbs-1/sync/copies/s-77/1772489251")


def test_results_of_tasks_and_lengths_of_time() -> None:
    assert state_of("OK") is JobState.Successful
    assert state_of("WARNINGS: 2") is state_of("unknown") is JobState.Exception
    assert state_of("permission check failed.") is JobState.Failed
    assert state_of("task aborted") is JobState.Stopped
    assert seconds_of("1h 2m 3.5s") == 3723.5
    assert seconds_of("2min 30s") == 150
    assert seconds_of("for ever") == 0
