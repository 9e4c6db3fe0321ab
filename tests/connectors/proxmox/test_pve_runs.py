"""What the tasks of Proxmox VE are here: one run over many guests is one job, which its log counts."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes.proxmox_server import Cluster
from hypothesis import given, settings
from hypothesis import strategies as st
from proxmox_reading import BEGAN, COMMAND, NIGHT, NOW, guest, jobs, log, one_job, opened, pages

from jobreport.connectors.kinds.proxmox.records import Task, task_of
from jobreport.connectors.kinds.proxmox.tasks import upid
from jobreport.connectors.kinds.pve.records import KINDS, job_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from jobreport.origins.vzdump import TaskLog, options_of, plan_of

UPID = "UPID:pve1:000003E8:00ABCDEF:69A4EA20:vzdump:1:root@pam:"
LOST = "ERROR: Backup of VM 102 failed - got timeout"
FAILED = "INFO: Backup job finished with errors"
BOTH = [guest(101, "INFO: archive file size: 1.50GB"), guest(102, "INFO: archive file size: 512MB", name="db")]


def run(status: str, lines: Sequence[str] | None, about: str = "") -> Job:
    cluster = Cluster()
    cluster.add("vzdump", about, NIGHT, NIGHT + 300, status=status, log=None if lines is None else list(lines))
    job = one_job(cluster)
    assert not faults(job, {})
    return job


def test_a_run_over_many_guests_is_one_job_and_its_log_counts_them() -> None:
    job = run("OK", log(*BOTH))
    assert (job.state, job.service, job.type) == (JobState.Successful, ServiceType.VM, JobType.Backup)
    assert (job.successful, job.failed, job.total, job.size) == (2, 0, 2, 2**31)
    assert (job.plan, job.resource, job.description) == ("vzdump to nas", "pve1", "vzdump on pve1")
    assert job.start == ticks.from_iso("2026-03-02T02:00:00Z")
    assert job.finish - job.start == 300 * ticks.PER_SECOND
    assert job.job_id.startswith("UPID:pve1:")
    assert json.loads(job.raw)["upid"] == job.job_id


@pytest.mark.parametrize(
    ("status", "lines", "state", "counts"),
    [
        ("job errors", log(BOTH[0], guest(102, end=LOST), end=FAILED), JobState.Exception, (1, 1, 2)),
        ("job errors", log(guest(102, end=LOST), end=FAILED), JobState.Failed, (1, 0, 1)),
        ("job errors", log(["ERROR: Backup of VM 9 failed - unable to find VM '9'"]), JobState.Failed, (1, 0, 1)),
        ("job errors", None, JobState.Exception, (1, 0, 1)),
        ("job errors", [], JobState.Exception, (1, 0, 1)),
        ("WARNINGS: 2", log(*BOTH, end="WARN: unable to add notes"), JobState.Exception, (0, 2, 2)),
        ("WARNINGS: 2", None, JobState.Exception, (1, 0, 1)),
        ("interrupted by signal", log(BOTH[0], end="ERROR: Backup job failed"), JobState.Stopped, (0, 1, 1)),
        ("interrupted by signal", None, JobState.Stopped, (0, 0, 1)),
        ("received interrupt", None, JobState.Stopped, (0, 0, 1)),
        ("unexpected status", log(*BOTH), JobState.Exception, (0, 2, 2)),
        ("unable to get last line from task log - x", None, JobState.Exception, (1, 0, 1)),
        ("hook script failed", log(*BOTH), JobState.Exception, (0, 2, 2)),
        ("no such storage", None, JobState.Failed, (1, 0, 1)),
        ("permission check failed.", None, JobState.Failed, (1, 0, 1)),
        ("OK", None, JobState.Successful, (0, 1, 1)),
        ("OK", log(["INFO: skip external VMs: 103, 104"]), JobState.Skipped, (0, 0, 1)),
        ("OK", log(["INFO: skip external VMs: 103"], BOTH[0]), JobState.Successful, (0, 1, 1)),
        ("OK", log(BOTH[0], guest(102, end=LOST)), JobState.Exception, (1, 1, 2)),
    ],
)
def test_how_a_run_ends(status: str, lines: list[str] | None, state: JobState, counts: tuple[int, int, int]) -> None:
    job = run(status, lines)
    assert (job.state, (job.failed, job.successful, job.total)) == (state, counts)
    assert bool(job.comments) == (state is not JobState.Successful)


def test_one_guest_whose_log_is_gone_and_that_failed_leaves_no_doubt() -> None:
    assert run("job errors", None, "102").state is JobState.Failed


def test_what_is_said_of_a_run_that_was_not_good() -> None:
    job = run("job errors", log(BOTH[0], guest(102, "WARN: no agent", name="db", end=LOST), end=FAILED))
    assert job.comments.splitlines() == ["102 (db) was not backed up: got timeout", "WARN: no agent"]
    assert run("no such storage", None).comments == "no such storage"
    assert "nobody knows whether guests were saved" in run("job errors", None).comments


def test_one_guest_by_hand_is_the_resource() -> None:
    job = run("OK", log(BOTH[0], command="vzdump 101 --storage nas"), "101")
    assert (job.resource, job.plan, job.total) == ("101 (web)", "vzdump to nas", 1)


def test_a_run_is_of_the_backup_job_that_is_told_just_what_it_was() -> None:
    cluster = Cluster()
    cluster.jobs = [
        {"id": "backup-a1", "vmid": "102,101", "storage": "nas", "mode": "snapshot", "enabled": 1, "type": "vzdump"},
        {"id": "backup-b2", "all": 1, "exclude": "103", "storage": "nas", "mode": "snapshot"},
        {"id": "backup-c3", "pool": "gold", "storage": "nas", "mode": "stop"},
        {"id": "backup-d4", "pool": "gold", "storage": "nas", "mode": "stop", "schedule": "sat 02:00"},
    ]
    told = {
        COMMAND: "backup-a1",
        "vzdump --mode snapshot --all 1 --exclude 103 --storage nas": "backup-b2",
        "vzdump --pool gold --mode stop --storage nas": "vzdump to nas",
        "vzdump 101 --storage nas --mode snapshot": "vzdump to nas",
        "vzdump 101 102 --storage 'my nas' --mode snapshot": "vzdump to my nas",
    }
    for number, command in enumerate(told):
        cluster.add("vzdump", "", NIGHT + number, NIGHT + 300 - number, log=log(BOTH[0], command=command))
    with opened(cluster) as connector:
        found = jobs(pages(connector, "pve1"))
    assert [job.plan for job in found] == list(told.values())
    assert found[0].resource == "pve1"


def test_the_options_of_a_command() -> None:
    assert options_of("vzdump 101 102 --quiet 1 --mailto='a b'") == (
        frozenset({"101", "102"}),
        {"quiet": "1", "mailto": "a b"},
    )
    assert options_of("vzdump --script 'half")[1] == {"script": "'half"}
    assert [plan_of(one) for one in ("vzdump 1 --dumpdir /srv", "vzdump 1", "")] == ["vzdump to /srv", *["vzdump"] * 2]


@pytest.mark.parametrize("kind", ["qmrestore", "vzrestore"])
def test_a_restore_is_of_its_guest(kind: str) -> None:
    cluster = Cluster()
    cluster.add(kind, "104", NIGHT, NIGHT + 60, status="no such volume", log=["TASK ERROR: no such volume"])
    job = one_job(cluster)
    assert (job.state, job.type, job.resource) == (JobState.Failed, JobType.Restore, "104")
    assert (job.plan, job.description, job.comments) == ("", f"{kind} on pve1", "no such volume")


def test_what_a_guest_weighs_that_goes_to_a_backup_server() -> None:
    line = "INFO: 100% (32.0 GiB of 32.0 GiB) in 2m 5s, read: 256.0 MiB/s, write: 0 B/s"
    assert run("OK", log(guest(101, line))).size == 32 * 2**30


def test_the_name_of_a_run_needs_all_of_it() -> None:
    whole = log(*BOTH)
    assert run("OK", whole).reference.startswith(f"pve:pve1:101:{BEGAN.replace(' ', 'T')}:")
    for missing in (whole[0], whole[1], whole[2]):
        assert run("OK", [line for line in whole if line != missing and "VM 102" not in line]).reference == ""


def test_the_name_of_a_run_is_the_same_however_far_its_log_has_come() -> None:
    for first in (guest(101), guest(101, end=LOST), [line for line in guest(101) if "Name" not in line]):
        whole, read, names = log(first, guest(102, name="db")), TaskLog(), []
        for line in whole:
            read.line(line)
            names.append(read.reference("pve1"))
        assert {*filter(None, names)} == {run("OK", whole).reference}


def _sample(name: str) -> Any:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "pve" / f"{name}.json"
    return json.loads(file.read_text("utf-8"))["data"]


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("cluster_tasks", [JobState.Successful, None]),
        ("node_tasks.built", [JobState.Successful, JobState.Exception, JobState.Failed]),
        ("task_status.failed", [None]),
        ("task_status.running", [None]),
    ],
)
def test_records_of_others(name: str, states: list[JobState | None]) -> None:
    data = _sample(name)
    records = data if isinstance(data, list) else [data]
    found = [job_of(task_of(json.dumps(one).encode()), b"{}", NOW) for one in records]
    assert [job and job.state for job in found] == states
    assert not any(job and faults(job, {}) for job in found)


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_a_log_of_others() -> None:
    read = TaskLog()
    for line in _sample("task_log.vzdump-two-guests-ok"):
        read.line(line["t"])
    assert (read.saved, read.lost, read.guests, read.only) == (2, 0, 2, "")


HEAD = [
    "INFO: starting new backup job: vzdump",
    "INFO: Starting Backup of VM 1 (qemu)",
    f"INFO: Backup started at {BEGAN}",
]
PIECES = [
    *("INFO: starting new backup job: ", "INFO: Starting Backup of VM ", "INFO: Backup started at ", "INFO: VM Name: "),
    *("INFO: Finished Backup of VM ", "ERROR: Backup of VM ", " failed - ", "INFO: archive file size: ", "WARN: "),
    *(
        "1",
        "101 (",
        "(qemu)",
        "00:00:01)",
        "9.99EB",
        "vzdump --storage ",
        "2026-03-02 03:00:02",
        "\0",
        "\ud800",
        "\x1b",
    ),
]
LINES = st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=9), max_size=6).map("".join), max_size=12)
RESULTS = st.sampled_from(["OK", "job errors", "WARNINGS: 1", "interrupted by signal", "", "\ud800"]) | st.text(
    max_size=9
)


@settings(max_examples=60, deadline=None)
@given(LINES, RESULTS, st.sampled_from(KINDS))
def test_law_no_log_and_no_result_breaks_a_rule_of_jobs(lines: list[str], result: str, kind: str) -> None:
    read = TaskLog()
    for line in [*HEAD[: len(lines) % 4], *lines, *HEAD]:
        read.line(line)
    task = Task(id=upid(UPID), kind=kind, about="1", start=NOW - 9, finish=NOW, result=result)
    job = job_of(task, b"{}", NOW, read)
    assert job is not None
    assert not faults(job, {})
    assert job.state.finished
    assert job.state is not JobState.Successful or result == "OK"
    assert not (job.state is JobState.Failed and job.successful)
