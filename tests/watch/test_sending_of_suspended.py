"""Of a tenant that is suspended nothing is told until it is resumed; of one that is deleted, nothing any more."""

import pytest
from test_sending import BUSY, DAY, Made, add, house, run

from clocks import Clock
from jobreport.identity import tenants
from jobreport.model.audit import Action
from jobreport.model.message import Step
from jobreport.services.alive import WAIT_SECONDS
from jobreport.store import Store
from jobreport.store.registry import audit_log
from jobreport.store.watch import deliveries
from jobreport.store.watch.deliveries import Backlog, Key
from receivers import message


def backlog(store: Store) -> Backlog | None:
    with store.reading() as transaction:
        return deliveries.backlog(transaction).get("mail")


def test_what_waits_for_a_suspended_tenant_is_held_and_has_its_day_when_it_is_resumed(
    store: Store, clock: Clock
) -> None:
    channel = Made()
    sender = house(store, mail=channel)
    add(store, message("i1.opened", at=clock.now))
    channel.fault = lambda _message, _receiver: BUSY
    run(sender)
    tenants.suspend(store, "default")
    clock.pass_by(3 * DAY)
    run(sender)
    sender.fail_unknown()
    assert channel.tried == 1
    # Nobody waits for it: the switch elsewhere goes on being called.
    assert backlog(store) == Backlog(waiting=0, oldest=0, failed=0, held=1)
    tenants.resume(store, "default")
    run(sender)
    assert (channel.tried, backlog(store)) == (2, Backlog(waiting=1, oldest=clock.now - 3 * DAY * 10**7, failed=0))
    channel.fault = lambda _message, _receiver: None
    clock.pass_by(WAIT_SECONDS)
    run(sender)
    assert channel.told == [("i1.opened", "anna")]


def test_a_message_that_was_found_due_is_not_taken_once_its_tenant_is_suspended(store: Store, clock: Clock) -> None:
    add(store, message("i1.opened", at=clock.now))
    tenants.suspend(store, "default")
    with store.writing() as transaction:
        key = Key(1, "i1.opened", "mail")
        assert deliveries.take(transaction, key, "one", clock.now, clock.now + 1) is None


@pytest.mark.parametrize("given_up", [False, True])
def test_what_waits_for_a_deleted_tenant_is_dropped_and_the_audit_log_says_so(
    store: Store, clock: Clock, given_up: bool
) -> None:
    channel = Made()
    sender = house(store, mail=channel)
    add(store, message("i1.opened", at=clock.now))
    run(sender)
    add(store, message("i1.closed", step=Step.CLOSED, at=clock.now), message("i2.opened", at=clock.now))
    channel.fault = lambda _message, _receiver: BUSY
    run(sender)
    clock.pass_by(2 * DAY if given_up else 0)
    run(sender)
    tenants.delete(store, "default", grace_seconds=60)
    with store.reading() as transaction:
        (link,) = audit_log.newest(transaction, 1, 1)
    assert (link.action, '"messages":2' in link.detail, backlog(store)) == (Action.TenantDeleted.value, True, None)
    tenants.resume(store, "default")
    channel.fault = lambda _message, _receiver: None
    run(sender)
    assert channel.told == [("i1.opened", "anna")]
