"""A delivery and a connector tell of one backup by its reference: on every kind of store that is one job."""

from collections.abc import Callable
from typing import Any

import pytest
from example_jobs import done, running
from store_contents import current_job, list_job_ids, tenant_name

from clocks import Clock
from jobreport.identity import inboxes
from jobreport.identity.inboxes import Settings
from jobreport.inbox.deliver import deliver
from jobreport.inbox.report import Reading, ReportedJob
from jobreport.model.catalog import JobState
from jobreport.store import Recorded, Store
from jobreport.store.admin.check import check
from jobreport.store.registry.inboxes import Inbox
from strategies import NOW

BACKUP = "aws:123456789012:eu-central-1:7"


@pytest.fixture
def inbox(store: Store, tenant: int) -> Inbox:
    return inboxes.create(store, "aws", Settings(), tenant=tenant_name(store, tenant), secret=None)[0]


@pytest.fixture
def tell(store: Store, inbox: Inbox, clock: Clock) -> Callable[..., Recorded]:
    def tell(state: JobState, **more: Any) -> Recorded:
        clock.pass_by(1)
        told = ReportedJob(state=state, key="7", **{"reference": BACKUP, "start": NOW, "observed": clock.now} | more)
        return deliver(store, inbox, Reading(jobs=(told,)), b"x", clock.now)

    return tell


def test_what_a_delivery_told_first_the_list_goes_on_with(
    store: Store, inbox: Inbox, clock: Clock, tell: Callable[..., Recorded]
) -> None:
    assert tell(JobState.InProgress) == Recorded(created=1)
    clock.pass_by(1)
    listed = done("listed", reference=BACKUP, observed=clock.now)
    assert store.record(inbox.tenant, [listed]).job_ids == (f"inbox-{inbox.inbox}-7",)
    assert list_job_ids(store, inbox.tenant) == [f"inbox-{inbox.inbox}-7"]
    assert current_job(store, inbox.tenant, "listed").state is JobState.Successful
    assert tell(JobState.InProgress) == Recorded(same=1)


def test_what_a_list_told_first_a_delivery_goes_on_with_under_either_name(
    store: Store, inbox: Inbox, tell: Callable[..., Recorded]
) -> None:
    store.record(inbox.tenant, [running("listed", reference=BACKUP)])
    assert tell(JobState.Failed) == Recorded(changed=1)
    assert list_job_ids(store, inbox.tenant) == ["listed"]
    assert current_job(store, inbox.tenant, "listed").state is JobState.Failed
    assert tell(JobState.Exception, reference="") == Recorded(changed=1)
    found = current_job(store, inbox.tenant, f"inbox-{inbox.inbox}-7")
    assert (found.job_id, found.reference, found.state) == ("listed", BACKUP, JobState.Exception)


def test_two_jobs_become_one_when_a_delivery_shows_that_they_are(
    store: Store, inbox: Inbox, tell: Callable[..., Recorded]
) -> None:
    tell(JobState.InProgress, reference="")
    store.record(inbox.tenant, [running("listed", reference=BACKUP)])
    assert len(list_job_ids(store, inbox.tenant)) == 2
    assert tell(JobState.Failed) == Recorded(changed=1)
    assert list_job_ids(store, inbox.tenant) == [f"inbox-{inbox.inbox}-7"]
    assert current_job(store, inbox.tenant, "listed").state is JobState.Failed
    assert check(store).sound


def test_a_reference_that_cannot_be_one_is_left_out(store: Store, inbox: Inbox, tell: Callable[..., Recorded]) -> None:
    for wrong in ("ü", "a" * 257, "a\nb"):
        tell(JobState.Failed, reference=wrong)
        assert current_job(store, inbox.tenant, f"inbox-{inbox.inbox}-7").reference == ""
