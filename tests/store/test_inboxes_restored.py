"""A backup brings inboxes back, but no address that was ended after it was made."""

from contextlib import closing
from pathlib import Path

import pytest

from jobreport.identity import inboxes
from jobreport.identity.inboxes import Settings
from jobreport.identity.keys.encryption import SecretKey, new_secret
from jobreport.store import Store, open_store
from jobreport.store.admin.backup import backup, restore

SECRET = SecretKey(new_secret())
NAMES = ("kept", "rotated", "revoked")


def made(store: Store) -> dict[str, str]:
    """Three inboxes and a ping key; returns their addresses."""
    found = {name: inboxes.create(store, name, Settings(), tenant="default", secret=SECRET)[1] for name in NAMES}
    return found | {"key": inboxes.ping_key(store, SECRET, tenant="default")}


def valid(store: Store, addresses: dict[str, str]) -> set[str]:
    found = {name for name, address in addresses.items() if inboxes.find(store, address)}
    return found | {name for name, address in addresses.items() if inboxes.find_slug(store, address, "kept")}


@pytest.fixture
def place(file_url: str, tmp_path: Path) -> tuple[str, Path, dict[str, str], dict[str, str]]:
    """A store with addresses, a backup of it, the addresses of then, and those that replaced some of them later."""
    file = tmp_path / "copy.db"
    with closing(open_store(file_url)) as store:
        then = made(store)
        backup(store, file)
        rotated = inboxes.rotate(store, inboxes.named(store, "rotated", tenant="default"), SECRET)
        inboxes.revoke(store, inboxes.named(store, "revoked", tenant="default"))
        key = inboxes.ping_key(store, SECRET, tenant="default", rotate=True)
    return file_url, file, then, {"rotated": rotated, "key": key}


def test_addresses_are_those_of_the_store_that_is_replaced(
    place: tuple[str, Path, dict[str, str], dict[str, str]],
) -> None:
    url, file, then, later = place
    done = restore(file, url, replace=True)
    assert (done.addresses, done.ended, done.compared) == (3, 3, True)
    with closing(open_store(url)) as store:
        assert valid(store, then) == {"kept"}
        assert valid(store, later) == {"rotated", "key"}
        shown = inboxes.shown(store, inboxes.named(store, "rotated", tenant="default"), SECRET)
        assert shown == later["rotated"]


def test_where_the_store_is_lost_the_addresses_of_the_backup_are_valid_again_and_told(
    place: tuple[str, Path, dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    _, file, then, later = place
    url = f"sqlite:///{tmp_path}/elsewhere/jobs.db"
    done = restore(file, url)
    assert (done.addresses, done.ended, done.compared) == (4, 0, False)
    with closing(open_store(url)) as store:
        assert valid(store, then | {f"new {name}": address for name, address in later.items()}) == {*then}


def test_all_addresses_can_be_ended(place: tuple[str, Path, dict[str, str], dict[str, str]], tmp_path: Path) -> None:
    _, file, then, _ = place
    url = f"sqlite:///{tmp_path}/elsewhere/jobs.db"
    done = restore(file, url, end_addresses=True)
    assert (done.addresses, done.ended) == (0, 4)
    with closing(open_store(url)) as store:
        assert valid(store, then) == set()
        new = inboxes.rotate(store, inboxes.named(store, "kept", tenant="default"), SECRET)
        assert valid(store, {"kept": new}) == {"kept"}
