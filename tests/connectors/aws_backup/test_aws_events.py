"""A backup that both an event of AWS and the connector report is one job, whichever report comes first."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fakes.aws.aws_cloud import Cloud
from fakes.aws.aws_records import ACCOUNT, REGION, backup, copy, job_name, restore

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks.aws_backup import read_event
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.stored_job import StoredJob
from jobreport.store import Recorded, Store
from jobreport.store.registry import tenants
from jobreport.store.registry.inboxes import Inbox

Look = Callable[..., PassResult]
Jobs = Callable[[], dict[str, Job]]
KINDS = {
    "backup-jobs": ("Backup Job State Change", backup),
    "copy-jobs": ("Copy Job State Change", copy),
    "restore-jobs": ("Restore Job State Change", restore),
}
TIMES = ("CreationDate", "CompletionDate", "StartBy", "InitiationDate")


def event(name: str, record: dict[str, Any], at: int) -> str:
    """What EventBridge sends of the job in a list: names in camelCase, times as texts."""
    detail = {
        key[0].lower() + key[1:]: ticks.to_iso(ticks.UNIX_EPOCH + round(value * ticks.PER_SECOND), digits=3)
        if key in TIMES
        else {inner[0].lower() + inner[1:]: text for inner, text in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in record.items()
    }
    about = {"source": "aws.backup", "account": ACCOUNT, "region": REGION, "time": ticks.to_iso(at)}
    return json.dumps({**about, "detail-type": KINDS[name][0], "detail": detail})


@pytest.fixture
def inbox(store: Store, tenant: int) -> Inbox:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    return inboxes.create(store, "aws", inboxes.Settings(), tenant=found.name, secret=None)[0]


@pytest.fixture
def tell(store: Store, inbox: Inbox, clock: Clock) -> Callable[[str, dict[str, Any]], Recorded]:
    def tell(name: str, record: dict[str, Any]) -> Recorded:
        clock.pass_by(60)
        text = event(name, record, clock.now)
        return deliver(store, inbox, read_event(text), text.encode(), clock.now)

    return tell


def only(store: Store, tenant: int, jobs: Jobs) -> StoredJob:
    (job,) = jobs().values()
    found = store.history(tenant, job.job_id)
    assert found is not None
    return found.current


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("first", ["event", "list"])
def test_what_runs_and_what_has_ended_are_one_job_with_one_id_and_one_reference(
    store: Store,
    tenant: int,
    cloud: Cloud,
    clock: Clock,
    look: Look,
    jobs: Jobs,
    tell: Callable[[str, dict[str, Any]], Recorded],
    name: str,
    first: str,
) -> None:
    begun = clock.now
    reference = f"aws:{ACCOUNT}:{REGION}:{job_name(1)}"
    for state in ("RUNNING", "FAILED"):
        record = KINDS[name][1](1, begun, state)
        cloud.put(REGION, record)
        if first == "event":
            tell(name, record)
        assert look(name).whole
        if first == "list":
            tell(name, record)
        job = only(store, tenant, jobs).job
        assert job.reference == reference
        assert job.state is (JobState.InProgress if state == "RUNNING" else JobState.Failed)
    assert job.job_id.startswith("inbox-" if first == "event" else "aws:")
    before = jobs()
    assert tell(name, KINDS[name][1](1, begun, "FAILED")).created == 0
    look(name)
    assert jobs().keys() == before.keys()


def test_an_event_ends_what_the_list_still_had_running(
    store: Store,
    tenant: int,
    cloud: Cloud,
    clock: Clock,
    look: Look,
    jobs: Jobs,
    tell: Callable[[str, dict[str, Any]], Recorded],
) -> None:
    begun = clock.now
    cloud.put(REGION, backup(1, begun, "RUNNING"))
    look()
    assert tell("backup-jobs", backup(1, begun)) == Recorded(changed=1)
    assert only(store, tenant, jobs).job.state is JobState.Successful
