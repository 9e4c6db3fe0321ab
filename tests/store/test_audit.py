"""The audit log: what is done is appended with it or not at all, each entry holds the one before, nobody cuts in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Row, select

from clocks import Clock
from jobreport.model.audit import SERVICE, START, Action, Actor, AuditEntry
from jobreport.store import Store
from jobreport.store.registry.audit_log import append, newest
from jobreport.store.schema.audit import audit, audit_head

ALICE = Actor("user:alice", "web-1")


def entry(tenant: int, target: str = "jr_one", **more: object) -> AuditEntry:
    return AuditEntry(tenant=tenant, at=1, actor=ALICE, action=Action.AppCreated, target=target, **more)


def add(store: Store, *entries: AuditEntry) -> None:
    with store.writing() as connection:
        append(connection, *entries)


def chain(store: Store, tenant: int) -> list[Row[tuple[object, ...]]]:
    with store.reading() as connection:
        return list(connection.execute(select(audit).where(audit.c.tenant == tenant).order_by(audit.c.number)))


def test_entries_are_kept_in_the_order_of_their_appending_each_with_the_hash_of_the_one_before(
    store: Store, tenant: int, clock: Clock
) -> None:
    add(store, entry(tenant, "first"), entry(tenant, "second"))
    add(store, entry(tenant, "third", detail={"name": "nightly", "permissions": ["jobs.read"]}))
    kept = chain(store, tenant)
    assert [(row.number, row.target) for row in kept] == [(1, "first"), (2, "second"), (3, "third")]
    assert [row.previous for row in kept] == [START, kept[0].hash, kept[1].hash]
    assert (kept[2].actor, kept[2].address, kept[2].action) == ("user:alice", "web-1", "app.created")
    assert kept[2].detail == '{"name":"nightly","permissions":["jobs.read"]}'
    with store.reading() as connection:
        head = connection.execute(select(audit_head).where(audit_head.c.tenant == tenant)).one()
    assert (head.number, head.hash, head.sealed) == (3, kept[2].hash, 0)


def test_a_chain_that_begins_is_noted_in_the_services_own(store: Store, new_tenant: Callable[[], int]) -> None:
    one, other = new_tenant(), new_tenant()
    add(store, entry(one), entry(SERVICE, "key"), entry(other))
    add(store, entry(one))
    noted = [(row.action, row.detail) for row in chain(store, SERVICE)]
    begun = [("audit.begun", f'{{"tenant":{tenant}}}') for tenant in (other, one)]
    assert noted == [*begun, ("app.created", "{}")]


def test_what_is_rolled_back_leaves_no_entry(store: Store, tenant: int) -> None:
    def fail() -> None:
        with store.writing() as connection:
            append(connection, entry(tenant))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert chain(store, tenant) == []


def test_a_text_that_no_database_can_hold_is_made_one_that_it_can(store: Store, tenant: int) -> None:
    add(store, entry(tenant, "a\0b\ud800", detail={"name": "\0"}))
    (row,) = chain(store, tenant)
    assert row.target == "a\ufffdb?"


def test_many_append_at_once_and_nobody_loses_his_place(store: Store, new_tenant: Callable[[], int]) -> None:
    tenants = [new_tenant(), new_tenant(), SERVICE]

    def work(worker: int) -> None:
        for turn in range(10):
            add(store, *(entry(tenant, f"{worker}.{turn}") for tenant in tenants))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    for tenant in tenants:
        kept = [row for row in chain(store, tenant) if row.action != "audit.begun"]
        assert len(kept) == 40
        whole = chain(store, tenant)
        assert [row.number for row in whole] == list(range(1, len(whole) + 1))
        assert [row.previous for row in whole] == [START, *(row.hash for row in whole[:-1])]


def test_newest_entries_come_first_and_older_ones_after_them(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant, other = new_tenant(), new_tenant()
    add(store, *(entry(tenant, str(number)) for number in range(1, 6)), entry(other, "another's"))
    with store.reading() as connection:
        assert [one.target for one in newest(connection, tenant, 2)] == ["5", "4"]
        assert [one.target for one in newest(connection, tenant, 2, before=4)] == ["3", "2"]
        assert newest(connection, tenant, 2, before=1) == []
        assert [link.number for link in newest(connection, tenant, 9)] == [5, 4, 3, 2, 1]
        assert all(link.hash == link.computed() for link in newest(connection, tenant, 9))
