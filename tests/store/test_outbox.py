"""Messages to be delivered, on every kind of store: each goes to a channel once, by one sender, and in order."""

import pytest
from msgspec.structs import replace

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.message import Delivery, Message, Severity, Step
from jobreport.store import Store
from jobreport.store.watch import delivered, deliveries, undelivered
from jobreport.store.watch.deliveries import Backlog, Key, Taken
from strategies import NOW

MINUTE = 60 * ticks.PER_SECOND


def message(tenant: int, number: str = "i1.opened", **changes: object) -> Message:
    first = Message(
        id=number,
        incident=number.partition(".")[0],
        step=Step.OPENED,
        tenant=tenant,
        tenant_name="acme",
        subject="FileShare nightly did not start; expected 02:00 Europe/Berlin, 1 h grace.",
        lines=("web-1:/home: expected 02:00.", "web-2:/home: expected 02:00."),
        more=3,
        severity=Severity.CRITICAL,
        at=NOW,
    )
    return replace(first, **changes)


def add(store: Store, *messages: Message, channel: str = "mail") -> None:
    with store.writing() as transaction:
        deliveries.add(transaction, [Delivery(one, channel) for one in messages])


def due(store: Store, channel: str = "mail") -> list[str]:
    with store.reading() as transaction:
        return [key.message for key in deliveries.due(transaction, channel, store.clock(), 100)]


def take(store: Store, tenant: int, number: str = "i1.opened", holder: str = "one") -> Taken | None:
    now = store.clock()
    with store.writing() as transaction:
        return deliveries.take(transaction, Key(tenant, number, "mail"), holder, now, now + MINUTE)


def test_a_message_comes_back_as_it_was_added_and_once_for_each_channel(store: Store, tenant: int) -> None:
    add(store, message(tenant))
    add(store, message(tenant, subject="another text"))
    add(store, message(tenant), channel="pager")
    assert (due(store), due(store, "pager"), due(store, "none")) == (["i1.opened"], ["i1.opened"], [])
    assert take(store, tenant) == Taken(message=message(tenant), tries=1, tried=NOW)


def test_what_was_delivered_is_neither_due_nor_added_again(store: Store, tenant: int, clock: Clock) -> None:
    add(store, message(tenant))
    take(store, tenant)
    with store.writing() as transaction:
        deliveries.delivered(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now)
    add(store, message(tenant))
    assert (due(store), take(store, tenant)) == ([], None)
    with store.writing() as transaction:
        assert delivered.delete_old(transaction, clock.now) == 0
        assert delivered.delete_old(transaction, clock.now + 1) == 1


def test_who_sends_a_message_has_it_alone_until_it_is_taken_for_dead(store: Store, tenant: int, clock: Clock) -> None:
    add(store, message(tenant))
    assert take(store, tenant) is not None
    assert (due(store), take(store, tenant, holder="two")) == ([], None)
    clock.pass_by(60)
    assert due(store) == ["i1.opened"]
    assert take(store, tenant, holder="two") == Taken(message=message(tenant), tries=2, tried=NOW)
    with store.writing() as transaction:
        deliveries.delivered(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now)
        assert deliveries.backlog(transaction)["mail"].waiting == 1, "who lost it has noted it"


def test_the_messages_of_one_incident_reach_a_channel_in_their_order(store: Store, tenant: int, clock: Clock) -> None:
    opened, closed = message(tenant), message(tenant, "i1.closed", step=Step.CLOSED, at=NOW + 1)
    other = message(tenant, "i2.opened", at=NOW + 2)
    tests = [message(tenant, f"t{n}", incident="", at=NOW + 3) for n in (1, 2)]
    add(store, closed, opened, other, *tests)
    clock.pass_by(1)
    assert due(store) == ["i1.opened", "i2.opened", "t1", "t2"]
    take(store, tenant)
    with store.writing() as transaction:
        deliveries.postpone(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now + MINUTE, "refused")
    assert due(store) == ["i2.opened", "t1", "t2"]
    clock.pass_by(60)
    take(store, tenant)
    with store.writing() as transaction:
        deliveries.give_up(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now, "refused")
    assert due(store) == ["i1.closed", "i2.opened", "t1", "t2"]


def test_what_was_given_up_is_counted_and_shown_until_it_is_tried_again_or_dropped(
    store: Store, tenant: int, clock: Clock
) -> None:
    add(store, message(tenant), message(tenant, "i2.opened"))
    with store.reading() as transaction:
        assert deliveries.backlog(transaction) == {"mail": Backlog(waiting=2, oldest=NOW, failed=0)}
    take(store, tenant)
    with store.writing() as transaction:
        deliveries.give_up(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now, "no such mailbox")
    with store.reading() as transaction:
        assert deliveries.backlog(transaction) == {"mail": Backlog(waiting=1, oldest=NOW, failed=1)}
        assert deliveries.failed(transaction) == {tenant: 1}
        (one,) = deliveries.undelivered(transaction, failed=True, most=10)
        assert deliveries.undelivered(transaction, failed=False, most=10) == []
    assert (one.key.message, one.error, one.tries, one.failed) == ("i1.opened", "no such mailbox", 1, True)
    with store.writing() as transaction:
        assert undelivered.try_again(transaction, "pager", clock.now) == 0
        assert undelivered.try_again(transaction, None, clock.now) == 1
    assert take(store, tenant) == Taken(message=message(tenant), tries=1, tried=NOW)
    with store.writing() as transaction:
        deliveries.give_up(transaction, Key(tenant, "i1.opened", "mail"), "one", clock.now, "no such mailbox")
        assert undelivered.drop_failed(transaction, "mail") == 1
        assert deliveries.backlog(transaction) == {"mail": Backlog(waiting=1, oldest=NOW, failed=0)}


@pytest.mark.parametrize("kept", ["jobs and message", "neither"])
def test_a_message_is_in_the_transaction_of_whoever_adds_it(store: Store, tenant: int, kept: str) -> None:
    with pytest.raises(ZeroDivisionError) if kept == "neither" else store.reading(), store.writing() as transaction:
        deliveries.add(transaction, [Delivery(message(tenant), "mail")])
        if kept == "neither":
            raise ZeroDivisionError
    assert due(store) == ([] if kept == "neither" else ["i1.opened"])


def test_the_messages_of_a_tenant_end_with_it(store: Store, tenant: int) -> None:
    add(store, message(tenant))
    with store.writing() as transaction:
        undelivered.end_all(transaction, tenant)
    assert due(store) == []
