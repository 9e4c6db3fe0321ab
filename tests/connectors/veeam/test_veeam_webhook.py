"""A session that both a webhook and the connector report is one job, whichever report comes first."""

from collections.abc import Callable

import pytest
from fakes.veeam.veeam_records import session, task
from fakes.veeam.veeam_server import FakeVeeam, name_of

from clocks import Clock
from jobreport.connectors.collect import PassResult
from jobreport.identity import inboxes
from jobreport.inbox.deliver import deliver
from jobreport.inbox.webhooks.veeam import read
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.registry.inboxes import Inbox
from webhook_samples import delivery


@pytest.fixture
def inbox(store: Store, tenant: int) -> Inbox:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found is not None
    return inboxes.create(store, "veeam", inboxes.Settings(), tenant=found.name, secret=None)[0]


@pytest.mark.parametrize("first", ["script", "list"])
def test_one_session_is_one_job_with_one_id_and_one_reference(
    store: Store,
    inbox: Inbox,
    veeam: FakeVeeam,
    clock: Clock,
    look: Callable[[], PassResult],
    jobs: Callable[[], dict[str, Job]],
    first: str,
) -> None:
    begun = veeam.now - 3600 * ticks.PER_SECOND
    number = 0xABCDEF

    def tell() -> None:
        clock.pass_by(60)
        posted = {
            "server": "VBR-1",
            "session": name_of(number).upper(),
            "job": "File servers",
            "kind": "VMware Backup",
            "state": "Stopped",
            "result": "Failed",
            "started": ticks.to_iso(begun),
            "ended": ticks.to_iso(veeam.now),
            "objects": [{"name": "srv1", "result": "Success"}, {"name": "srv2", "result": "Failed"}],
        }
        posting = delivery(posted)
        deliver(store, inbox, read(posting), posting.body, clock.now)

    veeam.put(session(number, begun, veeam.now, "Failed"))
    veeam.tasks[name_of(number)] = [task(1, number), task(2, number, "Failed")]
    for told in (("script", "list") if first == "script" else ("list", "script")) * 2:
        if told == "script":
            tell()
        else:
            assert look().whole
    (job,) = jobs().values()
    assert job.reference == f"veeam:{name_of(number)}"
    assert (job.state, job.failed, job.successful, job.plan) == (JobState.Exception, 1, 1, "File servers")
    assert job.job_id.startswith("inbox-" if first == "script" else "veeam:")
