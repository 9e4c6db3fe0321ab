"""Inboxes that pings make by their slugs, and the words by which people call inboxes."""

import pytest
from store_contents import tenant_name

from jobreport.identity import inboxes
from jobreport.identity.inboxes import InboxError, Settings
from jobreport.identity.keys.encryption import SecretKey, new_secret
from jobreport.store import Store
from jobreport.store.registry.inboxes import Inbox

SECRET = SecretKey(new_secret())


@pytest.fixture
def name(store: Store, tenant: int) -> str:
    return tenant_name(store, tenant)


def made(store: Store, tenant: str, name: str, slug: str = "") -> Inbox:
    return inboxes.create(store, name, Settings(slug=slug), tenant=tenant, secret=SECRET)[0]


def test_an_inbox_that_a_ping_makes_has_a_name_of_its_own(store: Store, name: str) -> None:
    one = made(store, name, "db", "elsewhere")
    new = inboxes.create_by_slug(store, one.tenant, "db")
    assert new is not None
    assert (new.name, new.slug, new.plan) == (f"db {new.inbox}", "db", "db")
    long = [inboxes.create_by_slug(store, one.tenant, "x" * 90 + end) for end in "ab"]
    names = {two.name for two in long if two}
    assert len(names) == 2
    assert all(len(two) <= inboxes.MAX_NAME for two in names)


def test_a_word_that_names_two_inboxes_is_refused_with_both(store: Store, name: str) -> None:
    one = made(store, name, "db", "elsewhere")
    new = inboxes.create_by_slug(store, one.tenant, "db")
    third = inboxes.create_by_slug(store, one.tenant, one.inbox)
    assert new is not None
    assert third is not None
    with pytest.raises(InboxError, match=rf"'db' names 2 inboxes: .*{one.inbox}.*{new.inbox}"):
        inboxes.named(store, "db", tenant=name)
    with pytest.raises(InboxError, match="names 2 inboxes"):
        inboxes.named(store, one.inbox, tenant=name)
    for word, meant in (("elsewhere", one), (new.name, new), (new.inbox, new), (third.inbox, third)):
        assert inboxes.named(store, word, tenant=name) == meant


def test_no_inbox_is_made_with_a_word_of_another(store: Store, name: str) -> None:
    one = made(store, name, "Nas", "files")
    for twin, slug in (("files", "x"), (one.inbox, "x"), ("x", "files"), ("x", one.inbox)):
        with pytest.raises(InboxError, match=r"already|--slug"):
            made(store, name, twin, slug)


def test_the_address_of_an_inbox_that_a_ping_made_can_be_seen_where_there_is_a_secret_key(
    store: Store, name: str
) -> None:
    tenant = made(store, name, "other").tenant
    seen, unseen = (
        inboxes.create_by_slug(store, tenant, slug, secret) for slug, secret in (("a", SECRET), ("b", None))
    )
    assert seen is not None
    assert unseen is not None
    found = inboxes.find(store, inboxes.shown(store, seen, SECRET))
    assert found is not None
    assert found.inbox == seen
    with pytest.raises(InboxError, match="made without a secret key"):
        inboxes.shown(store, unseen, SECRET)
