"""A backup that both a message of Proxmox and the connector report is one job, whichever report comes first.

If both Proxmox VE and Proxmox Backup Server report it, the job is that of the first of them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.loopback import serving
from fakes.proxmox_server import TOKEN, BackupServer, Cluster, Proxmox
from proxmox_reading import guest, log, settings

from clocks import Clock
from jobreport.configuration.file import Configuration
from jobreport.connectors.collect import collect
from jobreport.connectors.configured import configured, one_named
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.mail import rules
from jobreport.inbox.mail.message import parse
from jobreport.inbox.report import Reading
from jobreport.inbox.webhooks import pbs, pve
from jobreport.inbox.webhooks.base import Delivery
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from jobreport.store.registry import tenants

COMMAND = "vzdump 101 102 --quiet 1 --storage pbs1 --mode snapshot"
TABLE = """
Details
=======
VMID    Name    Status    Time      Size       Filename
101     web     ok        2m 30s    1.5 GiB    vm/101/2026-03-02T02:00:02Z
102     db      err       5m        0 B        null

Total running time: 7m 30s
Total size: 1.5 GiB

Logs
====
"""
GUESTS = """
101: 2026-03-02 03:00:02 INFO: Starting Backup of VM 101 (qemu)
101: 2026-03-02 03:00:02 INFO: status = running
101: 2026-03-02 03:00:02 INFO: VM Name: web
101: 2026-03-02 03:02:32 INFO: Finished Backup of VM 101 (00:02:30)

102: 2026-03-02 03:02:32 INFO: Starting Backup of VM 102 (qemu)
102: 2026-03-02 03:07:32 ERROR: Backup of VM 102 failed - got timeout
"""
LOST = "ERROR: Backup of VM 102 failed - got timeout"

Tell = Callable[[Reading, bytes], Any]
Look = Callable[[Proxmox], Any]


@pytest.fixture
def tell(store: Store, tenant: int, clock: Clock) -> Tell:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    inbox, _ = inboxes.create(store, "proxmox", inboxes.Settings(), tenant=found.name, secret=None)
    return lambda reading, content: deliver(store, inbox, reading, content, clock.now)


@pytest.fixture
def look(store: Store, tenant: int, tmp_path: Path) -> Look:
    def look(proxmox: Proxmox) -> None:
        with serving(proxmox) as url:
            assert collect(store, tenant, settings(proxmox, url, tmp_path / "secret")).whole

    return look


def seconds(clock: Clock) -> int:
    return (clock.now - ticks.UNIX_EPOCH) // ticks.PER_SECOND


def stored(store: Store, tenant: int) -> list[Job]:
    ids = [line.job_id for line in store.list_jobs(tenant, JobQuery(size=100)).lines]
    return [found.current.job for one in ids if (found := store.history(tenant, one))]


def posted(read: Callable[[Delivery], Reading], body: object) -> tuple[Reading, bytes]:
    content = json.dumps(body).encode()
    delivery = Delivery(method="POST", headers={}, query=(), content_type="application/json", body=content)
    return read(delivery), content


def by_webhook(now: int) -> tuple[Reading, bytes]:
    fields = {"type": "vzdump", "hostname": "pve1", "job-id": "backup-a1"}
    title = "vzdump backup status (pve1.example.com): backup failed: multiple problems"
    body = {"title": title, "severity": "error", "timestamp": now, "fields": fields}
    return posted(pve.read, body | {"message": f"{TABLE}{COMMAND}\n{GUESTS}"})


def by_mail(now: int) -> tuple[Reading, bytes]:
    head = "From: root@pve1.example.com\nDate: Mon, 02 Mar 2026 03:07:33 +0100\nMessage-ID: <1@pve1>\n"
    subject = "Subject: vzdump backup status (pve1.example.com): backup failed\n\n"
    content = f"{head}{subject}{TABLE}{COMMAND}\n{GUESTS}".encode()
    return rules.read(parse(content)), content


def night(clock: Clock) -> Cluster:
    cluster = Cluster()
    cluster.jobs = [{"id": "backup-a1", "vmid": "101,102", "storage": "pbs1", "mode": "snapshot"}]
    lines = log(
        guest(101, began="2026-03-02 03:00:02"),
        guest(102, end=LOST, name="db", began="2026-03-02 03:02:32"),
        command=COMMAND,
        end="INFO: Backup job finished with errors",
    )
    end = seconds(clock) - 1
    cluster.add("vzdump", "", end - 452, end, status="job errors", log=lines)
    return cluster


@pytest.mark.parametrize("message", [by_webhook, by_mail])
@pytest.mark.parametrize("first", ["message", "task"])
def test_a_run_told_by_a_message_and_by_its_task_is_one_job(
    store: Store,
    tenant: int,
    clock: Clock,
    tell: Tell,
    look: Look,
    message: Callable[[int], tuple[Reading, bytes]],
    first: str,
) -> None:
    cluster = night(clock)
    if first == "message":
        tell(*message(seconds(clock) - 1))
    clock.pass_by(60)
    look(cluster)
    if first == "task":
        clock.pass_by(60)
        tell(*message(seconds(clock) - 121))
    (job,) = stored(store, tenant)
    assert job.job_id.startswith("inbox-" if first == "message" else "UPID:")
    assert job.reference.startswith("pve:pve1:101:2026-03-02T03:00:02:")
    assert (job.state, job.successful, job.failed) == (JobState.Exception, 1, 1)
    assert job.resource.partition(".")[0] == "pve1"


def test_runs_of_one_second_on_two_nodes_of_one_name_are_two_jobs(
    store: Store, tenant: int, clock: Clock, look: Look, tell: Tell
) -> None:
    sites = night(clock), night(clock)
    sites[1].work[0].number = 7
    sites[1].work[0].status = "OK"
    sites[1].work[0].log = log(guest(101, name="shop"), guest(102, name="till"), command=COMMAND)
    for site in sites:
        look(site)
    tell(*by_mail(seconds(clock)))
    assert {(job.state, job.successful) for job in stored(store, tenant)} == {
        (JobState.Exception, 1),
        (JobState.Successful, 2),
    }


def test_a_run_that_was_seen_running_is_the_one_of_which_a_message_tells_at_its_end(
    store: Store, tenant: int, clock: Clock, tell: Tell, look: Look
) -> None:
    cluster = night(clock)
    (task,) = cluster.work
    task.end, end = None, task.end
    look(cluster)
    assert [job.state for job in stored(store, tenant)] == [JobState.InProgress]
    tell(*by_webhook(seconds(clock)))
    task.end = end
    clock.pass_by(60)
    look(cluster)
    (job,) = stored(store, tenant)
    assert (job.state, job.plan) == (JobState.Exception, "backup-a1")


@pytest.mark.parametrize("first", ["message", "task"])
def test_a_garbage_collection_told_by_its_message_and_by_its_task_is_one_job(
    store: Store, tenant: int, clock: Clock, tell: Tell, look: Look, first: str
) -> None:
    server = BackupServer()
    end = seconds(clock) - 1
    task = server.add("garbage_collection", "store1", end - 60, end)
    text = f"Datastore:            store1\nTask ID:              {server.upid(task)}\nRemoved bad chunks:   0\n"
    fields = {"type": "gc", "hostname": "pbs1", "datastore": "store1"}
    body = {"title": "Garbage Collect Datastore 'store1' successful", "severity": "info", "timestamp": end}
    message = posted(pbs.read, body | {"message": text, "fields": fields})
    if first == "message":
        tell(*message)
    clock.pass_by(60)
    look(server)
    if first == "task":
        tell(*message)
    (job,) = stored(store, tenant)
    assert (job.reference, job.state) == (f"pbs:{server.upid(task)}", JobState.Successful)
    assert job.resource == "pbs1:store1"


MESSAGES = [
    ("sync", "syncjob", "site-b:main:copies::s-77", "Sync remote 'site-b' datastore 'main' failed", "s-77"),
    ("verify", "verificationjob", "copies:v-8c31", "Verify Datastore 'copies' failed", "v-8c31"),
    ("prune", "prunejob", "copies", "Pruning datastore 'copies' failed", "p-1"),
    ("tape-backup", "tape-backup-job", "copies:pool1:drive0:t-1", "Tape Backup 't-1' datastore 'copies' failed", "t-1"),
    ("gc", "garbage_collection", "copies", "Garbage Collect Datastore 'copies' failed", ""),
]


@pytest.mark.parametrize(("kind", "worker", "about", "title", "plan"), MESSAGES, ids=[one[0] for one in MESSAGES])
@pytest.mark.parametrize("first", ["message", "task", "task that runs"])
def test_a_message_that_names_no_task_is_of_the_one_that_ended_with_it(
    store: Store,
    tenant: int,
    clock: Clock,
    tell: Tell,
    look: Look,
    kind: str,
    worker: str,
    about: str,
    title: str,
    plan: str,
    first: str,
) -> None:
    server = BackupServer()
    end = seconds(clock) - 1
    server.add(worker, about, end - 90_000, end - 86_400)  # the day before
    task = server.add(worker, about, end - 7200, None if first == "task that runs" else end, status="no space left")
    fields = {"type": kind, "hostname": "pbs1", "datastore": "copies"} | ({"job-id": plan} if plan else {})
    body = {"title": title, "severity": "error", "timestamp": end - 1, "fields": fields, "message": "it failed: no"}
    message = posted(pbs.read, body)
    if first != "message":
        look(server)
    if first != "task":
        tell(*message)
    task.end = end
    clock.pass_by(60)
    look(server)
    tell(*message)
    failed, before = stored(store, tenant)
    assert (failed.state, before.state) == (JobState.Failed, JobState.Successful)
    assert failed.reference == f"pbs:{server.upid(task)}"
    assert failed.finish - failed.start == 7200 * ticks.PER_SECOND
    assert (failed.plan or plan, failed.resource) == (plan, "pbs1:copies")
    look(server)
    assert len(stored(store, tenant)) == 2


def table(kind: str, name: str, **more: str) -> str:
    keys = {"kind": kind, "name": name, "url": "https://proxmox.example.com", "token": TOKEN} | more
    return "\n".join(["[[connector]]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items()), ""])


def test_a_backup_server_beside_proxmox_ve_leaves_the_backups_of_guests_to_it(
    store: Store, tenant: int, tmp_path: Path, clock: Clock
) -> None:
    cluster, server = night(clock), BackupServer()
    end = seconds(clock) - 1
    for about, status in (("store1:vm/101", "OK"), ("store1:vm/102", "timed out"), ("store1:host/web-9", "OK")):
        server.add("backup", about, end - 400, end, status=status)
    secret = tmp_path / "secret"
    secret.write_text(cluster.secret)
    with serving(cluster) as one, serving(server) as other:
        text = table("pve", "ve", url=one, token_secret_file=str(secret))
        text += table("pbs", "bs", url=other, token_secret_file=str(secret))
        for connector in configured(Configuration(Path("jobreport.toml"), text)):
            assert collect(store, tenant, connector).whole
    assert sorted(job.resource for job in stored(store, tenant)) == ["host/web-9", "pve1"]


def test_what_a_backup_server_tells_depends_on_what_else_reads_for_the_tenant() -> None:
    bs = table("pbs", "bs", token_secret_file="x")

    def told(text: str) -> bool:
        wanted: tuple[str, ...] = one_named(Configuration(Path("jobreport.toml"), text), "bs").settings.wanted
        return "guests" in wanted

    ve = table("pve", "ve", token_secret_file="x")
    assert told(bs)
    assert not told(bs + ve)
    assert not told(ve + bs)
    assert told(bs + ve + 'tenant = "other"\n')
    assert not told(bs + 'tenant = "other"\n' + ve + 'tenant = "other"\n')
    assert not told(bs + '[[connector]]\nkind = "pve"\nname = "broken"\n')
    assert told(bs + 'tasks = ["guests", "gc"]\n' + ve)
