"""What the tasks of a Proxmox Backup Server are here, and how its list is read."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from fakes.proxmox_server import BackupServer
from proxmox_reading import NIGHT, NOW, T, jobs, one_job, opened, pages

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.kinds.pbs.records import job_of
from jobreport.connectors.kinds.proxmox import tasks
from jobreport.connectors.kinds.proxmox.records import task_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job, faults

ALL = ("guests", "hosts", "restore", "sync", "verify", "prune", "gc", "tape")
DAY = 86_400
VM, FILES, COMMON = ("VM", "Backup"), ("FileShare", "FileBackup"), ("Common", "Backup")
WORK = [
    ("backup", "store1:vm/104", *VM, "store1", "vm/104", "backup of vm/104 in store1"),
    ("backup", "store1:ct/101", *VM, "store1", "ct/101", "backup of ct/101 in store1"),
    ("backup", "store1:host/web-1", *FILES, "store1", "host/web-1", "backup of host/web-1 in store1"),
    ("backup", "s:ns/site-b/host/web-1", *FILES, "s:site-b", "host/web-1", "backup of host/web-1 in s:site-b"),
    ("backup", "s:ns/a/ns/b/vm/100", *VM, "s:a/b", "vm/100", "backup of vm/100 in s:a/b"),
    ("reader", "s:vm/100/66AABBCC", "VM", "Restore", "s", "vm/100", "reader of vm/100 in s"),
    ("reader", "s:host/w/66AABBCC", "FileShare", "FileRestore", "s", "host/w", "reader of host/w in s"),
    ("syncjob", "remote1:store9:store1::s-4f2a", *COMMON, "s-4f2a", "pbs1:store1", "sync from remote1:store9"),
    ("syncjob", "-:store9:store1:ns-b:s-77", *COMMON, "s-77", "pbs1:store1", "sync from store9"),
    ("sync", "store1", *COMMON, "", "pbs1:store1", "sync"),
    ("verificationjob", "store1:v-8c31", "Common", "Report", "v-8c31", "pbs1:store1", "verification"),
    ("verify", "store1:vm/100/66AABBCC", "Common", "Report", "store1", "vm/100", "verify of vm/100 in store1"),
    ("verify_group", "store1:/vm/100", "Common", "Report", "store1", "vm/100", "verify group of vm/100 in store1"),
    ("verify_snapshot", "s:ns/a/ct/1/66AABBCC", "Common", "Report", "s:a", "ct/1", "verify snapshot of ct/1 in s:a"),
    ("prune", "store1:vm/100", "Common", "Retention", "store1", "vm/100", "prune of vm/100 in store1"),
    ("prunejob", "store1", "Common", "Retention", "", "pbs1:store1", "prunejob"),
    ("garbage_collection", "store1", "Common", "Retention", "", "pbs1:store1", "garbage collection"),
    ("tape-backup-job", "store1:pool1:drive0:t-1", *COMMON, "t-1", "pbs1:store1", "tape backup to pool1"),
    ("tape-backup", "store1:pool1:drive0", *COMMON, "", "pbs1:store1:pool1:drive0", "tape-backup"),
    ("tape-restore", None, "Common", "Restore", "", "pbs1", "tape-restore"),
]


@pytest.mark.parametrize(("kind", "about", "service", "work", "plan", "resource", "description"), WORK)
def test_what_a_task_works_on(
    kind: str, about: str | None, service: str, work: str, plan: str, resource: str, description: str
) -> None:
    server = BackupServer()
    server.add(kind, about, NIGHT, NIGHT + 60)
    job = one_job(server, tasks=ALL)
    assert (job.service.name, job.type.name) == (service, work)
    assert (job.plan, job.resource, job.description) == (plan, resource, description)
    assert (job.state, job.successful, job.total, job.comments) == (JobState.Successful, 1, 1, "")
    assert (job.reference, job.finish - job.start) == (f"pbs:{json.loads(job.raw)['upid']}", 60 * ticks.PER_SECOND)
    assert not faults(job, {})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("OK", JobState.Successful),
        ("WARNINGS: 3", JobState.Exception),
        ("unknown", JobState.Exception),
        ("permission check failed.", JobState.Failed),
        ("backup owner check was not good", JobState.Failed),
        ("task aborted", JobState.Stopped),
        ("sync aborted", JobState.Stopped),
        ("abort requested - aborting task", JobState.Stopped),
        ("verification failed - job aborted", JobState.Stopped),
        ("verification failed - please check the log for details", JobState.Failed),
    ],
)
def test_how_a_task_ends(status: str, state: JobState) -> None:
    server = BackupServer()
    server.add("syncjob", "r:a:b::s-1", NIGHT, NIGHT + 60, status=status)
    job = one_job(server)
    assert job.state is state
    assert job.comments.endswith("" if state is JobState.Successful else status) or status == "unknown"


def test_what_a_verification_found_damaged_is_counted_and_its_log_is_read_once() -> None:
    found = ["vm/100/2026-03-01T02:00:00Z", "ns/site-b/ct/7"]
    lines = ["Starting datastore verify job", "\tno damage", "Failed to verify the following snapshots/groups:"]
    lines += [*(f"\t{one}" for one in found), "queued notification"]
    log = [f"2026-03-02T03:00:00+01:00: {line}" for line in lines]
    server = BackupServer()
    failed = "verification failed - please check the log for details"
    server.add("verificationjob", "store1:v-1", NIGHT, NIGHT + 60, status=failed, log=log)
    server.add("verify_group", "store1:vm/7", NIGHT, NIGHT + 60, status=failed)  # of which there is no log
    with opened(server) as connector:
        first = pages(connector, "tasks")
        again = pages(connector, "tasks", state=first[-1].state)
    job, other = sorted(jobs(first), key=lambda one: -one.failed)
    assert (job.state, job.failed, job.total) == (JobState.Failed, 2, 2)
    assert job.comments.splitlines() == found
    assert (other.state, other.failed, other.comments) == (JobState.Failed, 1, failed)
    assert jobs(again) == []
    assert len([one for one in server.asked if one.path.endswith("/log")]) == 2


def test_a_garbage_collection_that_found_bad_chunks_is_not_called_good() -> None:
    server = BackupServer()
    lines = [
        "processed 1% (2 chunks)",
        "Removed bad chunks: 3",
        "Removed chunks: 7",
        "Leftover bad chunks: 1",
        "TASK OK",
    ]
    log = [f"2026-03-02T03:00:00+01:00: {line}" for line in lines]
    server.add("garbage_collection", "store1", NIGHT, NIGHT + 60, log=log)
    server.add("garbage_collection", "store2", NIGHT, NIGHT + 60, log=[log[0], log[2], log[4]])
    with opened(server) as connector:
        bad, good = sorted(jobs(pages(connector, "tasks")), key=lambda job: job.resource)
    assert (bad.state, bad.failed, bad.total) == (JobState.Exception, 1, 1)
    assert bad.comments.splitlines() == ["Removed bad chunks: 3", "Leftover bad chunks: 1"]
    assert (good.state, good.comments) == (JobState.Successful, "")


def test_names_that_are_too_long_are_fitted() -> None:
    server = BackupServer()
    server.add("backup", f"s:host/{'long-' * 60}", NIGHT, NIGHT + 60)
    server.add("verificationjob", f"{'s' * 300}:v-1", NIGHT, NIGHT + 60)
    with opened(server) as connector:
        found = jobs(pages(connector, "tasks"))
    assert len({job.reference for job in found}) == len({job.job_id for job in found}) == 2
    assert not any(faults(job, {}) for job in found)


def test_what_is_no_job_is_none_and_a_short_reader_restored_nothing() -> None:
    server = BackupServer()
    for number, kind in enumerate(("aptupdate", "logrotate", "acme-renew-cert", "termproxy", "verifyx")):
        server.add(kind, None, NIGHT + number, NIGHT + 60)
    server.add("reader", "s:vm/100/66AABBCC", NIGHT, NIGHT + 4)
    with opened(server, tasks=ALL) as connector:
        assert jobs(pages(connector, "tasks")) == []


def test_readers_are_told_only_where_they_are_asked_for() -> None:
    server = BackupServer()
    server.add("reader", "s:vm/100/66AABBCC", NIGHT, NIGHT + 60)
    server.add("backup", "s:vm/100", NIGHT, NIGHT + 60)
    assert one_job(server).type.name == "Backup"
    assert one_job(server, tasks=("restore",)).type.name == "Restore"


def test_every_page_is_read_though_no_total_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PAGE", 3)
    server = BackupServer()
    for number in range(7):
        server.add("backup", f"s:vm/{number}", NIGHT + number, NIGHT + 60 + number)
    server.add("backup", "s:vm/9", T - 60)
    with opened(server) as connector:
        found = jobs(pages(connector, "tasks"))
    assert Counter(job.state for job in found if job.resource != "vm/9") == {JobState.Successful: 7}
    assert {job.state for job in found if job.resource == "vm/9"} == {JobState.InProgress}


def test_a_long_backup_across_the_watermark_is_not_lost() -> None:
    server = BackupServer()
    long = server.add("backup", "s:vm/1", T - 5 * DAY)
    running = one_job(server)
    with opened(server) as connector:
        recent = NOW - 2 * ticks.PER_DAY
        assert [job.state for job in jobs(pages(connector, "tasks", running, since=recent))] == [JobState.InProgress]
        long.end, long.status = T - 60, "connection error: timed out"
        (ended,) = jobs(pages(connector, "tasks", running, since=recent))
        assert (ended.state, ended.finish) == (JobState.Failed, NOW - 60 * ticks.PER_SECOND)
        server.unlisted = {running.job_id}
        (ended,) = jobs(pages(connector, "tasks", running, since=recent))
        assert (ended.state, ended.finish) == (JobState.Failed, NOW)
        assert ended.comments == "Proxmox does not tell when it ended\nconnection error: timed out"
        server.forgotten = {running.job_id}
        (ended,) = jobs(pages(connector, "tasks", running, since=recent))
        assert (ended.state, ended.comments.splitlines()[1]) == (
            JobState.Exception,
            "Proxmox does not tell how it ended (unknown)",
        )


def test_an_empty_list_for_want_of_a_right_is_no_data() -> None:
    server = BackupServer()
    server.add("backup", "s:vm/1", NIGHT, NIGHT + 60)
    server.rights = {"/datastore": {"Datastore.Audit": 1}}
    with opened(server) as connector:
        assert [(one.name, one.held) for one in connector.rights()] == [("Sys.Audit at /system/tasks", False)]
        with pytest.raises(CannotReadError, match=r"access denied for Sys\.Audit at /system/tasks"):
            pages(connector, "tasks")


def _told(name: str) -> list[Job | None]:
    file = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "pbs" / f"{name}.json"
    data = json.loads(file.read_text("utf-8"))["data"]
    records = [json.dumps(one).encode() for one in (data if isinstance(data, list) else [data])]
    return [job_of(task_of(one), one, NOW) for one in records]


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_others() -> None:
    found = {name: _told(name) for name in ("node_tasks.built", "node_tasks.failed-and-warned.built")}
    states = {name: [job and job.state.name for job in told] for name, told in found.items()}
    assert list(states.values()) == [
        ["InProgress", *["Successful"] * 5],
        ["Failed", "Exception", "Failed", "Successful"],
    ]
    assert not any(job is None or faults(job, {}) for told in found.values() for job in told)
    assert [job and job.resource for job in found["node_tasks.built"]] == [
        *("vm/104", "pbs:store1", "pbs:store1", "pbs:store1", "ct/101", "vm/100")
    ]
    (alone,) = _told("task_status.stopped.built")
    assert alone
    assert (alone.state, alone.finish) == (JobState.Successful, max(NOW, alone.start))
    assert alone.job_id == next(job.job_id for job in found["node_tasks.built"] if job and job.resource == "ct/101")
    assert _told("node_tasks.no-audit-right.built") == []
