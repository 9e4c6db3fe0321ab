"""A backup that a hook, Backrest's log and a list of snapshots report is one job, in whatever order."""

import json
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest
from backrest_looks import Look
from collected_jobs import Jobs
from fakes.backrest.backrest_server import Instance, snapshot

from clocks import Clock
from jobreport.connectors.kinds.restic.records import job_of as snapshot_of
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks.backrest import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.sees import Sees
from jobreport.store import Recorded, Store, Writer
from jobreport.store.registry import tenants
from webhook_samples import BACKREST, delivery

Tell = Callable[..., Recorded]


@pytest.fixture
def tell(store: Store, tenant: int, clock: Clock) -> Tell:
    """Posts what a hook of an operation says: when it is, and how long the operation has taken so far."""
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    settings = inboxes.Settings(service=ServiceType.FileShare, type=JobType.FileBackup)
    inbox, _ = inboxes.create(store, "backrest", settings, tenant=found.name, secret=None)

    def tell(op: dict[str, Any], event: str, **fields: Any) -> Recorded:
        clock.pass_by(1)
        now = (clock.now - ticks.UNIX_EPOCH) // 10 + 333
        begun = int(op["unixTimeStartMs"]) * 1000
        about = {"plan": op["planId"], "repo": op["repoId"], "repoGuid": op["repoGuid"], "at": now}
        document = BACKREST | about | {"event": f"CONDITION_{event}", "took": now - begun - 9} | fields
        hook = delivery(document)
        return deliver(store, inbox, read(hook), json.dumps(document).encode(), clock.now)

    return tell


@pytest.mark.parametrize("ends", ["SNAPSHOT_SUCCESS", "SNAPSHOT_WARNING", "SNAPSHOT_ERROR", "SNAPSHOT_SKIPPED"])
@pytest.mark.parametrize("first", ["hook", "log"])
def test_what_runs_and_what_has_ended_are_one_job_with_one_id_and_one_reference(
    instance: Instance, look: Look, jobs: Jobs, tell: Tell, first: str, ends: str
) -> None:
    states = {
        "SNAPSHOT_SUCCESS": ("STATUS_SUCCESS", JobState.Successful, snapshot(1)),
        "SNAPSHOT_WARNING": ("STATUS_WARNING", JobState.Exception, snapshot(1)),
        "SNAPSHOT_ERROR": ("STATUS_ERROR", JobState.Failed, {"displayMessage": "locked"}),
        "SNAPSHOT_SKIPPED": ("STATUS_SUCCESS", JobState.Skipped, {}),
    }
    status, state, made = states[ends]
    op = instance.add("STATUS_INPROGRESS")
    steps: list[tuple[str, dict[str, Any], JobState]] = [
        ("SNAPSHOT_START", {"snapshot": "", "stats": None}, JobState.InProgress),
        (ends, {} if "snapshotId" in made else {"snapshot": "", "stats": None}, state),
    ]
    for number, (event, fields, wanted) in enumerate(steps):
        if number:
            instance.end(op, status, **made)
        if first == "hook":
            tell(op, event, **fields)
        assert look().whole
        if first == "log":
            tell(op, event, **fields)
        (job,) = jobs()
        assert (job.state, job.type) == (wanted, JobType.FileBackup)
        assert job.reference == f"backrest:{op['repoGuid']}:daily-home:SNAPSHOT:{op['unixTimeStartMs']}"
        assert job.job_id.startswith("inbox-" if first == "hook" else "backrest:")
    assert tell(op, ends).created == 0
    look()
    assert len(jobs()) == 1


@pytest.mark.parametrize("order", [*permutations(["hook", "log", "list"])])
def test_the_snapshot_that_a_list_of_its_repository_has_is_the_job_too(
    instance: Instance,
    look: Look,
    jobs: Jobs,
    tell: Tell,
    store: Store,
    tenant: int,
    clock: Clock,
    order: Sequence[str],
) -> None:
    """A list says only that there is a snapshot, so what Backrest says of its errors counts."""
    op = instance.add("STATUS_INPROGRESS")
    record = {"id": f"{1:064x}", "time": ticks.to_iso(clock.now), "hostname": "nas-1", "tags": ["plan:daily-home"]}
    listed = snapshot_of(op["repoGuid"], record, json.dumps(record)).evolve(sees=Sees.RESULTS)
    tell(op, "SNAPSHOT_START", snapshot="", stats=None)
    for _ in range(2):
        for teller in order:
            if teller == "list":
                clock.pass_by(60)
                store.record(tenant, [listed], Writer(listing=True))
                continue
            instance.end(op, "STATUS_WARNING", **snapshot(1))
            if teller == "log":
                look()
            else:
                tell(op, "SNAPSHOT_WARNING", snapshot=f"{1:064x}")
    (job,) = jobs()
    assert (job.state, job.plan, job.sees) == (JobState.Exception, "daily-home", Sees.RUNS)
    assert job.reference == f"backrest:{op['repoGuid']}:daily-home:SNAPSHOT:{op['unixTimeStartMs']}"


def test_a_run_of_which_only_the_hooks_begin_was_told_ends_by_the_log(
    instance: Instance, look: Look, jobs: Jobs, tell: Tell
) -> None:
    op = instance.add("STATUS_INPROGRESS")
    tell(op, "SNAPSHOT_START", snapshot="", stats=None)
    instance.restart()
    look()
    assert [job.state for job in jobs()] == [JobState.Failed]


@pytest.mark.parametrize(
    ("work", "event", "task"),
    [
        ("operationPrune", "PRUNE_SUCCESS", "prune"),
        ("operationForget", "FORGET_SUCCESS", "forget"),
        ("operationCheck", "CHECK_SUCCESS", "check"),
    ],
)
def test_other_work_is_one_job_too(
    instance: Instance, look: Look, jobs: Jobs, tell: Tell, work: str, event: str, task: str
) -> None:
    op = instance.add(work=work)
    tell(op, event, task=f'{task} for plan "x"', snapshot="", stats=None)
    look()
    (job,) = jobs()
    assert (job.state, job.description) == (JobState.Successful, task)


def test_the_error_of_a_restore_is_one_job_too(instance: Instance, look: Look, jobs: Jobs, tell: Tell) -> None:
    op = instance.add("STATUS_ERROR", "operationRestore")
    tell(op, "ANY_ERROR", task='restore snapshot "x"', snapshot="", stats=None, error="no space left")
    look()
    assert [(job.state, job.type) for job in jobs()] == [(JobState.Failed, JobType.FileRestore)]
