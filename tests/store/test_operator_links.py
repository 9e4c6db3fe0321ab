"""Links that sign an operator in once, on either store."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from clocks import Clock
from jobreport.identity.operators import accounts, leftovers, links
from jobreport.identity.operators.accounts import OperatorError, Reach
from jobreport.identity.operators.passwords import Passwords
from jobreport.model.audit import SERVICE, Actor
from jobreport.model.roles import Role
from jobreport.store import Store, open_store
from jobreport.store.admin.backup import backup, restore
from jobreport.store.registry import audit_log
from jobreport.store.registry.operators import Operator

PASSWORD, OTHER = "correct horse battery staple", "seven green bottles on a wall"
HASHING = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def added(store: Store, name: str) -> Operator:
    reach = Reach(all_tenants=True)
    return accounts.add(store, name=name, role=Role.Viewer, reach=reach, password=PASSWORD, hashing=HASHING)


@pytest.fixture
def anna(store: Store) -> Operator:
    return added(store, "anna")


def link(store: Store, minutes: int = 15) -> str:
    return links.create(store, "anna", minutes=minutes)[1]


def rows(store: Store) -> list[object]:
    with store.reading() as transaction:
        return list(transaction.exec_driver_sql("SELECT token FROM operator_link").all())


def test_link_signs_in_once_and_looking_at_it_does_not_use_it_up(store: Store, anna: Operator) -> None:
    token = link(store)
    assert [links.owner(store, token) for _ in range(3)] == [anna] * 3
    assert links.use(store, token) == anna
    assert links.use(store, token) is None
    assert links.owner(store, token) is None


def test_link_is_good_for_its_minutes(store: Store, clock: Clock, anna: Operator) -> None:
    token = link(store, minutes=2)
    clock.pass_by(119)
    assert links.owner(store, token) == anna
    clock.pass_by(1)
    assert links.owner(store, token) is None
    assert links.use(store, token) is None
    leftovers.delete(store)
    assert rows(store) == []


def test_newer_link_ends_the_earlier_one_of_the_same_operator(store: Store, anna: Operator) -> None:
    ben = added(store, "ben")
    of_ben = links.create(store, "ben", minutes=1)[1]
    old, new = link(store), link(store)
    assert [links.owner(store, token) for token in (old, new, of_ben)] == [None, anna, ben]


@pytest.mark.parametrize("what", ["disabled", "removed", "password"])
def test_link_ends_with_what_it_stands_for(store: Store, anna: Operator, what: str) -> None:
    token = link(store)
    if what == "disabled":
        accounts.disable(store, "anna")
        with pytest.raises(OperatorError, match="is disabled"):
            link(store)
        accounts.enable(store, "anna")
    elif what == "removed":
        accounts.remove(store, "anna")
    else:
        accounts.set_password(store, "anna", OTHER, HASHING)
    assert links.use(store, token) is None
    assert rows(store) == []


@pytest.mark.parametrize("token", ["", "jrl_", "a\0b", "\udcff", "x" * 10_000])
def test_text_that_is_no_link_signs_nobody_in(store: Store, anna: Operator, token: str) -> None:
    link(store)
    assert links.owner(store, token) is None
    assert links.use(store, token) is None


def test_one_of_many_who_use_it_at_once_is_signed_in(store: Store, anna: Operator) -> None:
    token, found = link(store), []
    begin = threading.Barrier(8)

    def use() -> None:
        begin.wait()
        found.append(links.use(store, token))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in found if one] == [anna]
    assert len(found) == 8


def test_who_made_it_is_in_the_audit_log_and_the_token_nowhere(store: Store, anna: Operator) -> None:
    token = links.create(store, "ANNA", minutes=15, by=Actor("user:root", "host"))[1]
    with store.reading() as transaction:
        *_, note = audit_log.links(transaction, SERVICE)
    assert (note.actor, note.action, note.target) == ("user:root", "operator.link", "operator:anna")
    assert "expires" in note.detail
    assert token not in repr(note)
    assert token not in repr(rows(store))
    with pytest.raises(OperatorError, match="no operator 'ana': did you mean 'anna'"):
        links.create(store, "ana", minutes=1)


def test_restored_store_has_no_link(file_url: str, tmp_path: Path) -> None:
    with closing(open_store(file_url)) as store:
        added(store, "anna")
        token = link(store)
        backup(store, tmp_path / "copy.db")
    place = f"sqlite:///{tmp_path}/place/jobs.db"
    restore(tmp_path / "copy.db", place)
    with closing(open_store(place)) as store:
        assert accounts.find(store, "anna")
        assert links.owner(store, token) is None
