"""Inboxes on every kind of store: what of them is kept, who finds them, and pings that come together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from store_contents import list_job_ids, tenant_name

from clocks import Clock
from jobreport.identity import inboxes, tenants
from jobreport.identity.inboxes import InboxError, Settings
from jobreport.identity.keys.encryption import SecretKey, new_secret
from jobreport.identity.oauth.sign_ins import SignIns
from jobreport.identity.tenants import TenantError
from jobreport.inbox.pings.body import Body
from jobreport.inbox.pings.ping import Ping
from jobreport.inbox.pings.runs import arrival_of, job_id_of, settle
from jobreport.model.audit import SERVICE, Action
from jobreport.model.catalog import JobState
from jobreport.model.ping import Signal
from jobreport.store import Ping as StoredPing
from jobreport.store import Store, Through
from jobreport.store.registry import audit_log
from jobreport.store.registry import inboxes as rows
from jobreport.store.registry.inboxes import Inbox, InboxState

SECRET = SecretKey(new_secret())


@pytest.fixture
def name(store: Store, tenant: int) -> str:
    return tenant_name(store, tenant)


def made(store: Store, tenant: str, name: str = "nas", secret: SecretKey | None = SECRET) -> tuple[Inbox, str]:
    return inboxes.create(store, name, Settings(plan="nightly"), tenant=tenant, secret=secret)


def ping(
    store: Store,
    to: Inbox,
    signal: Signal,
    number: int = 0,
    run: str = "",
    *,
    at: int = 0,
    claimed: str | None = None,
) -> bool:
    came = at or store.clock()
    arrival = arrival_of(
        Ping(signal=signal, run=run), Body(), method="GET", at=came, fresh=lambda: f"{to.inbox}-{number}"
    )
    return store.ping(
        to.tenant,
        StoredPing(
            inbox=to.inbox,
            through=Through(to.address),
            run=job_id_of(to, run),
            claimed=claimed,
            settle=partial(settle, to, arrival),
        ),
    )


def state(store: Store, of: Inbox) -> InboxState:
    with store.reading() as transaction:
        return rows.states(transaction, of.tenant)[of.inbox]


def test_an_address_finds_its_inbox_until_another_takes_its_place(store: Store, name: str) -> None:
    one, address = made(store, name)
    other, _ = made(store, name, "another")
    found = inboxes.find(store, address)
    assert found is not None
    assert (found.inbox, found.tenant_name) == (one, name)
    assert inboxes.shown(store, one, SECRET) == address
    second = inboxes.rotate(store, one, SECRET)
    assert inboxes.find(store, address) is None
    assert inboxes.find(store, second) is not None
    inboxes.revoke(store, one)
    assert inboxes.find(store, second) is None
    with store.reading() as transaction:
        assert rows.list_inboxes(transaction, one.tenant) == (other,)
        assert [entry.action for entry in audit_log.newest(transaction, one.tenant, 4)] == [
            Action.InboxRevoked,
            Action.InboxRotated,
            Action.InboxShown,
            Action.InboxCreated,
        ]


def test_a_copy_of_the_store_gives_no_address_away(store: Store, name: str) -> None:
    one, address = made(store, name)
    key = inboxes.ping_key(store, SECRET, tenant=name)
    with store.reading() as transaction:
        kept = rows.list_inboxes(transaction, one.tenant)[0]
        kept_key = rows.key_of(transaction, one.tenant)
        told = str(audit_log.newest(transaction, one.tenant, 99))
    assert kept_key is not None
    for secret, everything in ((address, f"{kept}{told}"), (key, f"{kept_key}{told}")):
        assert secret not in everything
        assert secret.encode().hex() not in everything
    for wrong in (None, SecretKey(new_secret())):
        with pytest.raises(InboxError, match="secret key"):
            inboxes.shown(store, one, wrong)
    plain, _ = made(store, name, "made without a secret key", None)
    with pytest.raises(InboxError, match="without a secret key"):
        inboxes.shown(store, plain, SECRET)


def test_a_ping_key_finds_every_inbox_of_its_tenant_and_no_other(
    store: Store, name: str, new_tenant: Callable[[], int]
) -> None:
    mine, _ = made(store, name)
    made(store, tenant_name(store, new_tenant()), "theirs")
    key = inboxes.ping_key(store, SECRET, tenant=name)
    assert inboxes.ping_key(store, SECRET, tenant=name) == key
    found, unknown = inboxes.find_slug(store, key, "nas"), inboxes.find_slug(store, key, "theirs")
    assert found is not None
    assert unknown is not None
    assert (found.inbox, unknown.inbox, unknown.tenant) == (mine, None, mine.tenant)
    assert inboxes.find_slug(store, key[:-1], "nas") is None
    new = inboxes.create_by_slug(store, mine.tenant, "theirs")
    assert new is not None
    assert (new.name, new.plan, inboxes.create_by_slug(store, mine.tenant, "theirs")) == ("theirs", "theirs", new)
    assert inboxes.ping_key(store, SECRET, tenant=name, rotate=True) != key
    assert inboxes.find_slug(store, key, "nas") is None
    inboxes.end_ping_key(store, tenant=name)
    with pytest.raises(InboxError, match="no ping key"):
        inboxes.end_ping_key(store, tenant=name)


def test_pings_make_no_more_inboxes_than_there_may_be(store: Store, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = made(store, name)
    monkeypatch.setattr(inboxes, "MAX_INBOXES", 2)
    assert inboxes.create_by_slug(store, one.tenant, "second") is not None
    assert inboxes.create_by_slug(store, one.tenant, "third") is None


def test_no_inbox_of_a_tenant_that_may_not_report_is_found(store: Store, name: str) -> None:
    one, address = made(store, name)
    key = inboxes.ping_key(store, SECRET, tenant=name)
    tenants.suspend(store, name)
    assert inboxes.find(store, address) is None
    assert inboxes.find_slug(store, key, "nas") is None
    for work in (partial(made, store, name, "new"), partial(inboxes.ping_key, store, SECRET, tenant=name)):
        with pytest.raises((TenantError, InboxError)):
            work()
    tenants.resume(store, name)
    assert inboxes.find(store, address) is not None
    assert inboxes.named(store, one.inbox, tenant=name) == one


@pytest.mark.parametrize(
    ("given", "settings", "words"),
    [
        (" ", Settings(), "printable"),
        ("x" * 65, Settings(), "printable"),
        ("a\nb", Settings(), "printable"),
        ("!", Settings(), "slug"),
        ("nas", Settings(slug="Upper"), "slug"),
        ("nas", Settings(plan="p" * 257), "plan"),
        ("nas", Settings(longest=1), "72h"),
    ],
)
def test_an_inbox_that_cannot_be_is_refused_with_the_reason(
    store: Store, name: str, given: str, settings: Settings, words: str
) -> None:
    with pytest.raises(InboxError, match=words):
        inboxes.create(store, given, settings, tenant=name, secret=SECRET)


def test_names_and_slugs_are_of_one_inbox_each(store: Store, name: str) -> None:
    made(store, name, "Nas")
    for twin in ("Nas", "nas"):
        with pytest.raises(InboxError, match=r"already|slug"):
            made(store, name, twin)
    with pytest.raises(InboxError, match="no inbox"):
        inboxes.named(store, "elsewhere", tenant=name)


def test_pings_that_come_together_find_each_others_runs(store: Store, clock: Clock, name: str) -> None:
    one, _ = made(store, name)
    assert state(store, one).sees == "nothing"
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda number: ping(store, one, Signal.START, number), range(16)))
        assert all(pool.map(lambda number: ping(store, one, Signal.START, run=f"r{number % 4}"), range(16)))
    found = [store.history(one.tenant, job_id) for job_id in list_job_ids(store, one.tenant)]
    states = [(one.current.job.state, one.current.presumed) for one in found if one]
    assert (states.count((JobState.InProgress, False)), states.count((JobState.Failed, True))) == (5, 15)
    clock.pass_by(1)
    ping(store, one, Signal.SUCCESS)
    after = state(store, one)
    assert (after.pings, after.sees, after.last) == (33, "runs", clock.now)
    newest = store.history(one.tenant, after.run)
    assert newest is not None
    assert newest.current.job.state is JobState.Successful
    assert newest.current.app == f"inbox:{one.inbox}"


def test_an_end_that_took_long_to_receive_ends_the_run_that_was_open_when_it_came(
    store: Store, clock: Clock, name: str
) -> None:
    """And not the one that began meanwhile; nor does it become the newest."""
    one, _ = made(store, name)
    ping(store, one, Signal.START, 1)
    clock.pass_by(60)
    came, claimed = clock.now, state(store, one).run
    clock.pass_by(60)
    ping(store, one, Signal.START, 2)
    ping(store, one, Signal.SUCCESS, 3, at=came, claimed=claimed)
    first, second = (store.history(one.tenant, f"{one.inbox}-{number}") for number in (1, 2))
    assert first is not None
    assert second is not None
    assert (first.current.job.state, first.current.job.finish) == (JobState.Successful, came)
    assert (second.current.job.state, state(store, one).run) == (JobState.InProgress, f"{one.inbox}-2")
    # One that came before any start is a run of its own.
    ping(store, one, Signal.FAIL, 4, at=came, claimed="")
    assert state(store, one).run == f"{one.inbox}-2"
    assert sorted(list_job_ids(store, one.tenant)) == [f"{one.inbox}-{number}" for number in (1, 2, 4)]


def test_two_ends_of_a_named_run_in_one_transaction_are_a_correction(store: Store, name: str) -> None:
    one, _ = made(store, name)
    ping(store, one, Signal.SUCCESS, run="r")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda signal: ping(store, one, signal, run="r"), [Signal.FAIL, Signal.SUCCESS] * 4))
    found = store.history(one.tenant, job_id_of(one, "r"))
    assert found is not None
    assert found.versions
    assert state(store, one).sees == "results"


def test_a_ping_of_an_inbox_that_was_revoked_meanwhile_is_nobodys(store: Store, name: str) -> None:
    one, _ = made(store, name)
    inboxes.revoke(store, one)
    assert not ping(store, one, Signal.SUCCESS)
    assert list_job_ids(store, one.tenant) == []


def test_a_start_that_never_ends_is_presumed_to_have_failed(store: Store, clock: Clock, name: str) -> None:
    one, _ = inboxes.create(store, "nas", Settings(longest=60), tenant=name, secret=SECRET)
    ping(store, one, Signal.START)
    presumed = []
    for _ in range(8):
        presumed.append(store.fail_stalled_jobs())
        clock.pass_by(10)
    assert presumed == [0] * 7 + [1]
    found = store.history(one.tenant, state(store, one).run)
    assert found is not None
    assert found.current.presumed
    assert found.current.job.comments.startswith("presumed: no sign of life")
    ping(store, one, Signal.SUCCESS)
    again = store.history(one.tenant, state(store, one).run)
    assert again is not None
    assert (again.current.job.state, again.current.presumed) == (JobState.Successful, False)


def test_pings_are_counted_by_the_hour_and_not_one_by_one(store: Store, clock: Clock, name: str) -> None:
    one, _ = made(store, name)
    counts = SignIns()
    for _ in range(3):
        counts.granted(f"inbox:{one.inbox}", "10.0.0.1", clock.now)
    counts.refused(f"inbox:{one.inbox}", "10.0.0.1", clock.now)
    counts.refused("inbox:", "10.0.0.9", clock.now)
    counts.granted("inbox:nosuch", "10.0.0.9", clock.now)
    counts.flush(store)
    clock.pass_by(2 * 3600)
    assert counts.close_hours(store) == 4
    with store.reading() as transaction:
        mine = audit_log.newest(transaction, one.tenant, 2)
        service = audit_log.newest(transaction, SERVICE, 2)
    assert {(entry.action, entry.target) for entry in mine} == {
        (Action.Pinged, f"inbox:{one.inbox}"),
        (Action.PingsRefused, f"inbox:{one.inbox}"),
    }
    assert '"times":3' in mine[1].detail
    assert (Action.PingsRefused, "unknown addresses") in {(entry.action, entry.target) for entry in service}
