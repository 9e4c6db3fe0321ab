"""Veeam: what our script posts at the end of a job."""

from typing import Any

import pytest

from jobreport.inbox.report import ReportedJob
from jobreport.inbox.webhooks.veeam import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.runner.tools.base import Counts
from webhook_samples import VEEAM, delivery

LOST = {"name": "db", "result": "Failed", "reason": "no space"}
SAVED = {"name": "web", "result": "Success"}


def session(**change: Any) -> ReportedJob:
    (job,) = read(delivery({**VEEAM, **change})).jobs
    return job


def test_a_success_counts_its_machines() -> None:
    job = session()
    assert (job.state, job.service, job.type) == (JobState.Successful, ServiceType.VMware, JobType.VMwareBackup)
    assert (job.plan, job.resource, job.description) == ("Nightly servers", "vbr-1", "VMware Backup")
    assert job.counts == Counts(successful=2, total=2, size=21474836480)
    assert ticks.to_iso(job.start, digits=0) == "2026-03-02T21:00:00Z"
    assert job.key == "veeam/vbr-1/88df0be3-7c77-46c9-bfc2-fb92e3b1918a"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"result": "Warning"}, JobState.Exception),
        ({"result": "Failed", "objects": [LOST]}, JobState.Failed),
        ({"result": "Failed", "objects": []}, JobState.Failed),
        ({"result": "Failed", "objects": [LOST, SAVED]}, JobState.Exception),
        ({"result": "Success", "objects": [LOST, SAVED]}, JobState.Exception),
        ({"result": "None"}, JobState.Exception),
        ({"result": "None", "cancelled": True}, JobState.Stopped),
        ({"result": "Success", "cancelled": True}, JobState.Stopped),
        ({"state": "Working", "ended": "2026-03-02T22:41:07Z"}, JobState.InProgress),
        ({"state": "WaitingSlot", "ended": None}, JobState.Waiting),
        ({"state": "Dreaming"}, JobState.Exception),
        ({"result": "Splendid"}, JobState.Exception),
    ],
)
def test_the_state_alone_says_whether_it_ended_and_the_result_how(change: dict[str, Any], state: JobState) -> None:
    job = session(**change)
    assert job.state is state
    assert bool(job.finish) is state.finished
    assert state is not JobState.Failed or (job.counts and job.counts.failed and not job.counts.successful)


def test_machines_that_were_lost_are_told() -> None:
    job = session(result="Failed", message="one failed", objects=[LOST, SAVED])
    assert job.comments == "one failed\ndb: Failed no space"


@pytest.mark.parametrize(
    ("kind", "service", "work", "description"),
    [
        ("Hyper-V Backup", ServiceType.VM, JobType.Backup, "Hyper-V Backup"),
        ("Windows Agent Backup", ServiceType.VM, JobType.Backup, "Windows Agent Backup"),
        ("Backup Copy", None, None, "copy: Backup Copy"),
        ("SureBackup", None, JobType.Report, "SureBackup"),
        ("VMware Restore", ServiceType.VMware, JobType.VMwareRestore, "VMware Restore"),
    ],
)
def test_kinds_of_jobs(kind: str, service: ServiceType | None, work: JobType | None, description: str) -> None:
    job = session(kind=kind)
    assert (job.service, job.type, job.description) == (service, work, description)
