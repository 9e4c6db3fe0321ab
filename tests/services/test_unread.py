"""What nobody could read when it came becomes jobs as soon as a server has a form for it."""

import asyncio
import shutil
from pathlib import Path

from jobreport.identity import inboxes
from jobreport.inbox.mail.message import Mail
from jobreport.inbox.report import Reading, ReportedJob, UnreadableError
from jobreport.inbox.rereading import readers_of
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.registry import Forms
from jobreport.inbox.webhooks.taking import Arrival, delivery_of, take
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.services.unread import unread_again
from jobreport.store import open_store
from jobreport.store.registry import unread


def _read(delivery: Delivery) -> Reading:
    if delivery.body == b"broken":
        raise UnreadableError("it is broken")
    assert delivery.query == (("site", "b"),)
    return Reading(jobs=(ReportedJob(state=JobState.Successful, plan=delivery.headers["x-plan"]),))


def _no_rule(_: Mail) -> Reading:
    raise UnreadableError("no rule reads it")


def test_what_was_kept_is_read_when_a_server_starts_with_its_form(new_file: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{shutil.copy(new_file, tmp_path)}")
    one, _ = inboxes.create(store, "nas", inboxes.Settings(), tenant="default", secret=None)
    for body in (b"ok", b"broken"):
        delivery = delivery_of("POST", [("X-Plan", "p"), ("Authorization", "x")], [("site", "b"), ("token", "y")], body)
        assert take(store, Forms({}), one, Arrival(form="own", delivery=delivery, at=store.clock())).unread
    with store.reading() as transaction:
        about = unread.newest(transaction, one.tenant)[0].about
    assert "uthorization" not in about
    assert "token" not in about

    def unread_why() -> list[str]:
        with store.reading() as transaction:
            return [kept.why for kept in unread.newest(transaction, one.tenant)]

    async def look() -> None:
        task = asyncio.create_task(unread_again(store, readers_of(Forms({"own": _read}), _no_rule)).run())
        while unread_why() != ["it is broken"]:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(look())
    (job,) = store.list_jobs(one.tenant, JobQuery()).lines
    found = store.history(one.tenant, job.job_id)
    assert found is not None
    assert found.current.job.plan == "p"
    store.close()
