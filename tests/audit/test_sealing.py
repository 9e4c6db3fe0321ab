"""The audit log's chains: whatever is changed, taken out, put in or cut off by hand is found, and nobody seals it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from jobreport.audit.sealing import Keys, keys_of, missing, seal, verify
from jobreport.identity.keys import provision
from jobreport.model.audit import SERVICE, Action, Actor, AuditEntry, Link
from jobreport.store import Store, open_store
from jobreport.store.registry.audit_log import append
from jobreport.store.schema.audit import audit, audit_head

ONE = 1
TEXTS = ("actor", "action", "target", "address", "request_id", "detail")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with two chains of some entries, all sealed."""
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('seal')}/jobs.db")) as opened:
        provision.ensure(opened, None)
        for number in range(12):
            add(opened, ONE, f"app:{number}")
        yield opened


@pytest.fixture(scope="module")
def keys(store: Store) -> Keys:
    found = keys_of(store)
    assert found is not None
    assert seal(store, found) == ()
    return found


def add(store: Store, tenant: int, target: str, at: int = 5) -> None:
    entry = AuditEntry(
        tenant=tenant, at=at, actor=Actor("user:alice", "web-1"), action=Action.AppCreated, target=target
    )
    with store.writing() as connection:
        append(connection, entry)


def faults(store: Store, keys: Keys) -> list[str]:
    found = [f"{one.tenant} {fault.number}: {fault.what}" for one in verify(store, keys) for fault in one.faults]
    return [*found, *(f"{tenant} is missing" for tenant in missing(store))]


def found_after(store: Store, keys: Keys, *changes: Any) -> list[str]:
    """What is found once these statements have been run; they are taken back."""
    with store.reading() as connection:
        rows = {table: connection.execute(select(table)).all() for table in (audit, audit_head)}
    with store.writing() as connection:
        for change in changes:
            connection.execute(change)
    try:
        found = faults(store, keys)
        # And who would seal it finds it out as well, or has nothing to seal.
        seal(store, keys)
        assert bool(faults(store, keys)) == bool(found), "a change was sealed"
        return found
    finally:
        with store.writing() as connection:
            for table, kept in rows.items():
                connection.execute(delete(table))
                connection.execute(insert(table), [dict(row._mapping) for row in kept])
        assert faults(store, keys) == []


def row(number: int) -> Any:
    return (audit.c.tenant == ONE) & (audit.c.number == number)


def test_what_nobody_touched_is_whole_and_sealed_to_its_end(store: Store, keys: Keys) -> None:
    assert faults(store, keys) == []
    assert {one.tenant: (one.entries, one.sealed) for one in verify(store, keys)} == {ONE: (12, 12), SERVICE: (2, 2)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 12), column=st.sampled_from(("at", *TEXTS, "previous", "hash")), data=st.data())
def test_any_change_of_any_entry_is_found(
    store: Store, keys: Keys, number: int, column: str, data: st.DataObject
) -> None:
    kinds = {"at": st.integers(0, 2**62), "previous": st.binary(min_size=32, max_size=32)}
    value = data.draw(kinds.get(column, kinds["previous"] if column == "hash" else st.text("ab\n{}é", max_size=5)))
    with store.reading() as connection:
        before = connection.execute(select(audit.c[column]).where(row(number))).scalar_one()
    found = found_after(store, keys, update(audit).where(row(number)).values({column: value}))
    assert bool(found) == (value != before)


@pytest.mark.parametrize("number", range(1, 13))
def test_any_entry_that_is_taken_out_is_found(store: Store, keys: Keys, number: int) -> None:
    assert found_after(store, keys, delete(audit).where(row(number)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=st.sets(st.integers(1, 12), min_size=2, max_size=2))
def test_two_entries_that_change_places_are_found(store: Store, keys: Keys, pair: set[int]) -> None:
    one, other = pair
    swap = [update(audit).where(row(a)).values(number=b) for a, b in ((one, 99), (other, one), (99, other))]
    assert found_after(store, keys, *swap)


@pytest.mark.parametrize("left", range(12))
def test_a_tail_that_is_cut_off_is_found_even_where_the_head_is_set_back(store: Store, keys: Keys, left: int) -> None:
    with store.reading() as connection:
        last = connection.execute(select(audit.c.hash).where(row(left))).scalar() or bytes(32)
    cut = delete(audit).where(audit.c.tenant == ONE, audit.c.number > left)
    mine = audit_head.c.tenant == ONE
    assert found_after(store, keys, cut)
    assert found_after(store, keys, cut, update(audit_head).where(mine).values(number=left, hash=last))
    assert found_after(store, keys, cut, update(audit_head).where(mine).values(number=left, hash=last, sealed=left))
    without = {"number": left, "hash": last, "sealed": 0, "seal": None, "key_id": None}
    assert found_after(store, keys, cut, update(audit_head).where(mine).values(without))
    assert found_after(store, keys, cut, delete(audit_head).where(mine))


def rewritten(store: Store, number: int) -> list[Any]:
    """Changes an entry and all after it, so that the chain holds together again."""
    with store.reading() as connection:
        kept = connection.execute(select(audit).where(audit.c.tenant == ONE).order_by(audit.c.number)).all()
    changes, previous = [], b""
    for one in kept:
        if one.number < number:
            previous = one.hash
            continue
        new = Link(**dict(one._mapping) | {"previous": previous or one.previous, "target": "forged"})
        previous = new.computed()
        changes.append(
            update(audit).where(row(one.number)).values(target="forged", previous=new.previous, hash=previous)
        )
    return [*changes, update(audit_head).where(audit_head.c.tenant == ONE).values(hash=previous)]


@pytest.mark.parametrize("number", [1, 6, 12])
def test_a_chain_that_is_forged_whole_is_found_by_its_seal(store: Store, keys: Keys, number: int) -> None:
    forged = rewritten(store, number)
    assert found_after(store, keys, *forged)
    stripped = update(audit_head).where(audit_head.c.tenant == ONE).values(sealed=0, seal=None, key_id=None)
    assert found_after(store, keys, *forged, stripped)


def test_a_whole_chain_that_is_taken_away_is_found(store: Store, keys: Keys) -> None:
    gone = [delete(table).where(table.c.tenant == ONE) for table in (audit, audit_head)]
    assert found_after(store, keys, *gone) == [f"{ONE} is missing"]


def test_a_log_that_is_taken_away_whole_is_found(store: Store, keys: Keys) -> None:
    assert found_after(store, keys, delete(audit), delete(audit_head)) == [f"{SERVICE} is missing"]


def test_the_seal_of_another_chain_or_of_another_key_does_not_hold(store: Store, keys: Keys) -> None:
    with store.reading() as connection:
        theirs = connection.execute(select(audit_head.c.seal).where(audit_head.c.tenant == SERVICE)).scalar_one()
    mine = update(audit_head).where(audit_head.c.tenant == ONE)
    assert found_after(store, keys, mine.values(seal=theirs)) == [f"{ONE} 0: its seal was made for another chain"]
    header, payload, signature = theirs.split(".")
    assert found_after(store, keys, mine.values(seal=f"{header}.{payload}.{signature[:-4]}AAAA"))
    assert found_after(store, keys, mine.values(seal="no seal"))


def test_what_comes_later_is_sealed_later_and_a_new_chain_too(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/jobs.db")) as store:
        provision.ensure(store, None)
        keys = keys_of(store)
        assert keys is not None
        for tenant in (3, 1, SERVICE, 2, 1):
            add(store, tenant, "x")
            assert seal(store, keys) == ()
            assert faults(store, keys) == []
            assert all(one.entries == one.sealed for one in verify(store, keys))


def test_entries_that_follow_a_broken_chain_are_kept_and_it_stays_broken(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        provision.ensure(store, None)
        keys = keys_of(store)
        assert keys is not None
        for number in range(4):
            add(store, ONE, f"{number}")
        seal(store, keys)
        with closing(sqlite3.connect(path, isolation_level=None)) as by_hand:
            by_hand.execute("DELETE FROM audit WHERE tenant = 1 AND number > 2")
        add(store, ONE, "later")
        (broken,) = seal(store, keys)
        assert broken.tenant == ONE
        assert any("gap" in fault for fault in faults(store, keys))
        with store.reading() as connection:
            targets = connection.execute(select(audit.c.target).where(audit.c.tenant == ONE)).scalars().all()
        assert targets[-1] == "later"
