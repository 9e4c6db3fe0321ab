"""Deliveries on every kind of store: their jobs, what could not be read, and the same delivery from many at once."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from store_contents import list_job_ids, tenant_name

from clocks import Clock
from jobreport.identity import inboxes
from jobreport.identity.inboxes import Settings
from jobreport.inbox.deliver import deliver, keep
from jobreport.inbox.pings.body import Body
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.runs import arrival_of, settle
from jobreport.inbox.report import MAX_JOBS, Reading, ReportedJob, UnreadableError
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.store import Ping as StoredPing
from jobreport.store import Recorded, Store, Through, UnreadFullError
from jobreport.store.registry import inboxes as rows
from jobreport.store.registry import unread
from jobreport.store.registry.inboxes import Inbox, InboxState

OK = Reading(jobs=(ReportedJob(state=JobState.Successful),))


@pytest.fixture
def inbox(store: Store, tenant: int) -> Inbox:
    name = tenant_name(store, tenant)
    return inboxes.create(store, "nas", Settings(plan="nightly"), tenant=name, secret=None)[0]


def state(store: Store, of: Inbox) -> InboxState:
    with store.reading() as transaction:
        return rows.states(transaction, of.tenant)[of.inbox]


def kept(store: Store, of: Inbox, content: bytes, at: int, **more: Any) -> Recorded:
    return keep(store, of, content, at, kind="webhook", why=more.pop("why", "no JSON"), **more)


def test_the_same_delivery_from_many_at_once_is_one_job(store: Store, clock: Clock, inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: deliver(store, inbox, OK, b"body", clock.now), range(16)))
    assert sorted((one.created, one.changed, one.same) for one in done) == [(0, 0, 1)] * 15 + [(1, 0, 0)]
    assert len(list_job_ids(store, inbox.tenant)) == 1
    assert (state(store, inbox).pings, state(store, inbox).sees) == (16, "results")


def test_an_end_that_comes_with_its_start_in_one_delivery_ends_it(store: Store, clock: Clock, inbox: Inbox) -> None:
    both = tuple(ReportedJob(state=state, key="7") for state in (JobState.InProgress, JobState.Successful))
    assert deliver(store, inbox, Reading(jobs=both), b"", clock.now) == Recorded(created=1, changed=1)
    found = store.history(inbox.tenant, f"inbox-{inbox.inbox}-7")
    assert found is not None
    assert (found.current.job.state, found.versions) == (JobState.Successful, ())
    assert state(store, inbox).started == clock.now


def test_a_correction_keeps_what_was(store: Store, clock: Clock, inbox: Inbox) -> None:
    for told in (JobState.Successful, JobState.Failed):
        deliver(store, inbox, Reading(jobs=(ReportedJob(state=told, key="7"),)), b"", clock.now)
        clock.pass_by(60)
    found = store.history(inbox.tenant, f"inbox-{inbox.inbox}-7")
    assert found is not None
    assert (found.current.job.state, found.current.job.failed) == (JobState.Failed, 1)
    assert [one.job.state for one in found.versions] == [JobState.Successful]


def test_a_comment_on_the_plan_does_what_the_text_of_a_log_ping_does(store: Store, clock: Clock, inbox: Inbox) -> None:
    alert = Reading(log="firing: DiskFull, password=hunter2")
    assert deliver(store, inbox, alert, b"x", clock.now) == Recorded()
    assert (state(store, inbox).log, list_job_ids(store, inbox.tenant)) == ("firing: DiskFull, password=***", [])
    fresh = arrival_of(Ping(signal=Signal.START), Body(), method="GET", at=clock.now, fresh=lambda: "run")
    begun = StoredPing(inbox=inbox.inbox, through=Through(inbox.address), run="", settle=partial(settle, inbox, fresh))
    assert store.ping(inbox.tenant, begun)
    deliver(store, inbox, alert, b"x", clock.now)
    (found,) = [store.history(inbox.tenant, one) for one in list_job_ids(store, inbox.tenant)]
    assert found is not None
    assert (found.current.job.state, found.current.job.comments) == (
        *(JobState.InProgress, "firing: DiskFull, password=***"),
    )


def test_nothing_is_stored_by_an_address_that_is_not_the_inboxs(store: Store, clock: Clock, inbox: Inbox) -> None:
    for through in (Through(b"another"), Through(inbox.address, by_key=True)):
        assert deliver(store, inbox, OK, b"x", clock.now, through=through) == Recorded(known=False)
        assert not keep(store, inbox, b"x", clock.now, kind="mail", why="", through=through).known
    assert deliver(store, inbox, OK, b"x", clock.now, through=Through(inbox.address)).created == 1
    inboxes.revoke(store, inbox)
    assert deliver(store, inbox, OK, b"y", clock.now) == Recorded(known=False)
    assert len(list_job_ids(store, inbox.tenant)) == 1


def test_what_cannot_be_read_is_kept_once_a_day_with_how_often_it_came(
    store: Store, clock: Clock, inbox: Inbox
) -> None:
    midnight = -clock.now % ticks.PER_DAY // ticks.PER_SECOND
    first = kept(store, inbox, b"\0x", clock.now, form="duplicati", about='{"a": 1}').unread
    clock.pass_by(1)
    assert kept(store, inbox, b"\0x", clock.now, form="duplicati", why="no object").unread == first
    with store.reading() as transaction:
        one = unread.get(transaction, inbox.tenant, first)
    assert one is not None
    assert (one.content, one.times, one.last, one.received) == (b"\0x", 2, clock.now, clock.now - ticks.PER_SECOND)
    assert (one.form, one.about, one.why, one.kind) == ("duplicati", '{"a": 1}', "no object", "webhook")
    clock.pass_by(midnight)
    second = kept(store, inbox, b"\0x", clock.now, form="duplicati").unread
    assert second != first
    with store.reading() as transaction:
        assert unread.ids(transaction, inbox.tenant, inbox.inbox) == (first, second)
        assert [one.unread for one in unread.newest(transaction, inbox.tenant)] == [second, first]
        count = unread.counts(transaction, inbox.tenant)[inbox.inbox]
    assert (count.number, count.size, count.last) == (2, 14, clock.now)
    assert (state(store, inbox).pings, list_job_ids(store, inbox.tenant)) == (3, [])


def test_the_same_content_in_another_form_or_beside_something_else_is_not_the_same(
    store: Store, clock: Clock, inbox: Inbox
) -> None:
    sent = ({"form": "nas"}, {"form": "san"}, {"form": "nas", "beside": b"a"}, {"form": "nas", "beside": b"b"}) * 2
    assert len({kept(store, inbox, b"x", clock.now, **one).unread for one in sent}) == 4
    with store.reading() as transaction:
        assert len(unread.ids(transaction, inbox.tenant, inbox.inbox)) == 4


def test_the_reason_may_repeat_what_a_stranger_wrote(store: Store, clock: Clock, inbox: Inbox) -> None:
    one = kept(store, inbox, b"x", clock.now, why="unknown \0 \ud800 token=hunter2 " + "long, " * 1_000).unread
    with store.reading() as transaction:
        found = unread.get(transaction, inbox.tenant, one)
    assert found is not None
    assert found.why.startswith("unknown   ? token=*** long")
    assert len(found.why) == 1_000


def test_what_is_read_at_last_is_kept_no_longer(store: Store, clock: Clock, inbox: Inbox) -> None:
    came = clock.now
    one = kept(store, inbox, b"x", came).unread
    clock.pass_by(3600)
    assert deliver(store, inbox, OK, b"x", came, again=one).created == 1
    with store.reading() as transaction:
        assert unread.get(transaction, inbox.tenant, one) is None
        assert unread.counts(transaction, inbox.tenant) == {}
    assert (state(store, inbox).pings, state(store, inbox).last) == (1, came)
    # Another process read it, too.
    clock.pass_by(3600)
    assert deliver(store, inbox, OK, b"x", came, again=one) == Recorded()
    assert deliver(store, inbox, Reading(log="alert"), b"x", came, again=one) == Recorded()
    assert state(store, inbox).log == ""


@pytest.mark.parametrize(("limit", "most"), [("MAX_KEPT", 2), ("MAX_BYTES", 6)])
def test_no_more_is_kept_than_may_be_and_nothing_is_given_up_for_it(
    store: Store, clock: Clock, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(unread, limit, most)
    for content in (b"1", b"2", b"2"):
        kept(store, inbox, content, clock.now)
    with pytest.raises(UnreadFullError, match="must be read, or deleted, first"):
        kept(store, inbox, b"3", clock.now)
    assert deliver(store, inbox, OK, b"3", clock.now).created == 1
    with store.reading() as transaction:
        assert unread.counts(transaction, inbox.tenant)[inbox.inbox].number == 2


@pytest.mark.parametrize(("limit", "most"), [("MAX_KEPT_OF_TENANT", 2), ("MAX_BYTES_OF_TENANT", 6)])
def test_all_inboxes_of_a_tenant_have_a_limit_together(
    store: Store, clock: Clock, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(unread, limit, most)
    other, _ = inboxes.create(store, "other", Settings(), tenant=tenant_name(store, inbox.tenant), secret=None)
    kept(store, inbox, b"1", clock.now)
    kept(store, other, b"2", clock.now)
    for one in (inbox, other):
        with pytest.raises(UnreadFullError, match="as much of all inboxes is unread"):
            kept(store, one, b"3", clock.now)


def test_what_is_unread_goes_with_its_inbox(store: Store, clock: Clock, inbox: Inbox) -> None:
    one = kept(store, inbox, b"x", clock.now).unread
    inboxes.revoke(store, inbox)
    with store.reading() as transaction:
        assert unread.get(transaction, inbox.tenant, one) is None


def test_one_delivery_tells_no_more_jobs_than_it_may(store: Store, clock: Clock, inbox: Inbox) -> None:
    with pytest.raises(UnreadableError, match="tells 1,001 jobs"):
        deliver(store, inbox, Reading(jobs=OK.jobs * (MAX_JOBS + 1)), b"", clock.now)
    assert list_job_ids(store, inbox.tenant) == []
