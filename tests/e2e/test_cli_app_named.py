"""An app is meant by its client ID, by the first characters of it, or by its name; what is unclear is said at once."""

import json

import pytest

from serving import App, typed


@pytest.fixture
def store(app: App) -> str:
    return app.server.store


def create(store: str, name: str) -> str:
    done = typed("app", "create", "--name", name, "--store", store, "--json")
    found: str = json.loads(done.stdout)["clientId"]
    return found


def test_app_is_found_by_name_by_id_and_by_the_short_form_of_help(store: str, tenant: str) -> None:
    client_id = create(store, f"report of {tenant}")
    for word in (
        client_id,
        client_id[:13],
        f"{client_id[:13]}…",
        f"{client_id[:13].upper()}...",
        f"report of {tenant}",
    ):
        done = typed("app", "show", word, "--json", "--store", store)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["clientId"] == client_id
    added = typed("app", "secret", "add", f"report of {tenant}", "--json", "--store", store)
    assert json.loads(added.stdout)["clientId"] == client_id
    revoked = typed("app", "revoke", f"report of {tenant}", "--json", "--store", store)
    assert json.loads(revoked.stdout)["clientId"] == client_id


def test_name_of_two_apps_is_answered_by_their_ids_but_a_revoked_one_is_not_meant(store: str, tenant: str) -> None:
    first, second = create(store, f"twin {tenant}"), create(store, f"twin {tenant}")
    done = typed("app", "rotate", f"twin {tenant}", "--store", store)
    assert done.returncode == 1
    assert f"2 apps may be meant by 'twin {tenant}'; write the client ID: " in done.stderr
    assert first in done.stderr
    assert second in done.stderr
    assert typed("app", "revoke", first, "--store", store).returncode == 0
    assert json.loads(typed("app", "show", f"twin {tenant}", "--json", "--store", store).stdout)["clientId"] == second


@pytest.mark.parametrize("words", [["show"], ["revoke"], ["rotate"], ["secret", "add"], ["tenants", "--all-tenants"]])
def test_unknown_app_is_answered_by_the_one_that_was_meant(store: str, tenant: str, words: list[str]) -> None:
    create(store, f"nightly of {tenant}")
    done = typed("app", *words, f"nightli of {tenant}", "--store", store)
    assert done.returncode == 1
    assert f"did you mean 'nightly of {tenant}'?" in done.stderr
    assert "jobreport app list shows those that there are" in done.stderr
    assert "there is no app 'zzz'" in typed("app", *words, "zzz", "--store", store).stderr


def test_list_of_an_unknown_tenant_says_that_it_is_unknown(store: str) -> None:
    done = typed("app", "list", "--tenant", "nobody", "--store", store)
    assert done.returncode == 1
    assert "the store has no tenant 'nobody'" in done.stderr


def test_tenant_that_a_command_makes_by_the_way_is_told(store: str, tenant: str) -> None:
    words = ["app", "create", "--name", "x", "--tenant", f"{tenant}-new", "--store", store]
    assert f"there was no tenant '{tenant}-new': it was made with this app" in typed(*words).stderr
    assert "there was no tenant" not in typed(*words).stderr
