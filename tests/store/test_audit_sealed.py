"""The audit log's seals in each kind of store: beside who appends and begins chains, none is ever taken for broken."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import delete, update

from jobreport.audit.sealing import Keys, missing, seal, verify
from jobreport.model.audit import SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store, open_store
from jobreport.store.registry.audit_log import append
from jobreport.store.schema.audit import audit, audit_head


@pytest.fixture(scope="module")
def keys() -> Keys:
    key = RSAKey.generate_key(2048, private=True, auto_kid=True)
    return Keys(key, {str(key.kid): key})


def add(store: Store, tenant: int, target: str = "x") -> None:
    entry = AuditEntry(tenant=tenant, at=1, actor=Actor("user:alice"), action=Action.AppCreated, target=target)
    with store.writing() as connection:
        append(connection, entry)


def whole(store: Store, keys: Keys) -> bool:
    return not missing(store) and not any(chain.faults for chain in verify(store, keys))


def test_what_is_appended_is_sealed_and_what_is_changed_is_found(
    store: Store, new_tenant: Callable[[], int], keys: Keys
) -> None:
    one, other = new_tenant(), new_tenant()
    for tenant in (one, SERVICE, other, one):
        add(store, tenant)
    assert seal(store, keys) == ()
    assert {chain.tenant: (chain.entries, chain.sealed) for chain in verify(store, keys)} == {
        one: (2, 2),
        other: (1, 1),
        SERVICE: (3, 3),
    }
    assert whole(store, keys)
    with store.writing() as connection:
        connection.execute(update(audit).where(audit.c.tenant == one, audit.c.number == 1).values(actor="user:bob"))
    assert [chain.tenant for chain in verify(store, keys) if chain.faults] == [one]
    with store.writing() as connection:
        for table in (audit, audit_head):
            connection.execute(delete(table).where(table.c.tenant == other))
    assert missing(store) == (other,)


def test_heads_are_sealed_anew_by_a_new_key_and_not_where_the_old_seal_does_not_hold(
    store: Store, new_tenant: Callable[[], int], keys: Keys
) -> None:
    good, bad = new_tenant(), new_tenant()
    for tenant in (good, bad):
        add(store, tenant)
    seal(store, keys)
    with store.writing() as connection:
        connection.execute(update(audit).where(audit.c.tenant == bad).values(actor="user:bob"))
    key = RSAKey.generate_key(2048, private=True, auto_kid=True)
    newer = Keys(key, {**keys.every, str(key.kid): key})
    assert [chain.tenant for chain in seal(store, newer)] == [bad]
    only_new = Keys(key, {str(key.kid): key})
    assert [chain.tenant for chain in verify(store, only_new) if not chain.faults] == sorted([good, SERVICE])[::-1]


@pytest.fixture
def another(store_url: str, store: Store) -> Iterator[Store]:
    """The same store as another process has it open."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def test_who_seals_beside_who_appends_and_begins_chains_finds_nothing_broken(
    store: Store, another: Store, keys: Keys
) -> None:
    ended = threading.Event()

    def append_to(worker: int) -> None:
        for turn in range(12):
            add(store, worker * 100 + turn // 2 + 1, f"{worker}.{turn}")

    def keep_sealing(by: Store) -> int:
        passes = 0
        while not ended.is_set():
            assert seal(by, keys) == ()
            passes += 1
        return passes

    with ThreadPoolExecutor(6) as pool:
        sealing = [pool.submit(keep_sealing, by) for by in (store, another)]
        try:
            list(pool.map(append_to, range(3)))
        finally:
            ended.set()
        assert all(one.result() for one in sealing)
    assert seal(store, keys) == ()
    assert seal(store, keys) == ()
    assert whole(store, keys)
    found = {chain.tenant: (chain.entries, chain.sealed) for chain in verify(store, keys)}
    assert found.pop(SERVICE) == (18, 18)
    assert set(found.values()) == {(2, 2)}
    assert len(found) == 18
