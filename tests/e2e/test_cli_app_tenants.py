"""`jobreport app tenants`: whom a provider's app may ask for, widened and narrowed under a token that is out."""

import json
import time
from typing import Any

import pytest

from jobs import job
from serving import App, Server, typed, until

HEADER = "Jobreport-Tenant"


def change_tenants(store: str, client_id: str, *words: str) -> dict[str, Any]:
    done = typed("app", "tenants", client_id, *words, "--json", "--store", store)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refuse_change(store: str, client_id: str, *words: str, code: int = 1) -> str:
    done = typed("app", "tenants", client_id, *words, "--store", store)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    return done.stderr


def read_changes(store: str) -> list[dict[str, Any]]:
    """What the audit log says of changes of a reach."""
    entries = json.loads(typed("audit", "--json", "--store", store).stdout)
    return [one for one in entries if one["action"] == "app.tenants"]


def create_provider(store: str, *words: str) -> str:
    done = typed("app", "create", "--name", "provider", *words, "--json", "--store", store)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["clientId"])


@pytest.fixture
def store(new_store: str) -> str:
    """A store with the tenants acme, globex and initech."""
    for name in ("acme", "globex", "initech"):
        assert typed("tenant", "create", name, "--store", new_store).returncode == 0
    return new_store


def test_reach_is_widened_and_narrowed_within_five_seconds_under_a_token_that_is_out(
    server: Server, tenant: str
) -> None:
    first, second, third = (f"{tenant}-{number}" for number in range(3))
    for name in (first, second, third):
        assert server.app(name).write(job(f"of-{name}")).status_code == 200
    provider = server.provider(first)

    def allowed() -> set[str]:
        """The tenants whose jobs the provider's one token reads; each answer is that tenant's alone."""
        return {name for name in (first, second, third) if reads(provider, name)}

    asked = time.monotonic()
    assert allowed() == {first}
    busy = 4 * (time.monotonic() - asked)
    for words, reached in (
        (["--tenants", f"{second},{first}"], {first, second}),
        (["--tenants", third], {third}),
        (["--all-tenants"], {first, second, third}),
        (["--tenants", first], {first}),
    ):
        begun = time.monotonic()
        change_tenants(server.store, provider.client_id, *words)
        until(lambda reached=reached: allowed() == reached, f"the reach {reached}")
        assert time.monotonic() - begun < 5 + busy
    assert provider.report().status_code == 400, "it is a provider's app still, and names whom it asks for"


def reads(provider: App, tenant: str) -> bool:
    answer = provider.report(**{HEADER: tenant})
    assert answer.status_code in (200, 403), answer.text
    if answer.status_code == 200:
        assert [one["jobId"] for one in answer.json()["jobs"]] == [f"of-{tenant}"]
    return answer.status_code == 200


def test_what_was_and_what_is_are_said_and_are_in_the_log_of_the_apps_own_tenant(store: str) -> None:
    provider = create_provider(store, "--tenants", "acme")
    assert change_tenants(store, provider, "--tenants", "globex, acme") == {
        "clientId": provider,
        "name": "provider",
        "tenant": "_service",
        "tenants": ["acme", "globex"],
        "allTenants": False,
        "before": {"tenants": ["acme"], "allTenants": False},
    }
    change_tenants(store, provider, "--all-tenants")
    said = typed("app", "tenants", provider, "--tenants", "initech", "--store", store).stdout
    assert "_service → initech" in said
    assert "every tenant" in said
    assert [one["detail"] for one in read_changes(store)] == [
        {"tenants": ["acme", "globex"], "tenantsBefore": ["acme"]},
        {"allTenants": True, "tenantsBefore": ["acme", "globex"]},
        {"tenants": ["initech"], "allTenantsBefore": True},
    ]
    assert {(one["tenant"], one["target"]) for one in read_changes(store)} == {("_service", f"app:{provider}")}
    (listed,) = json.loads(typed("app", "list", "--json", "--store", store).stdout)
    assert (listed["tenants"], listed["allTenants"]) == (["initech"], False)


@pytest.mark.parametrize("words", [["--tenants", "globex,acme,acme"], ["--all-tenants"]])
def test_what_is_so_already_is_no_change_and_no_entry(store: str, words: list[str]) -> None:
    provider = create_provider(store, *words)
    done = typed("app", "tenants", provider, *words, "--store", store)
    assert done.returncode == 0
    assert "nothing was changed" in done.stdout
    assert read_changes(store) == []


def test_app_of_one_tenant_stays_with_it(store: str) -> None:
    one = create_provider(store, "--tenant", "acme")
    for words in (["--tenants", "globex"], ["--tenants", "acme"], ["--all-tenants"]):
        assert "of one tenant, acme, and stays so; only a provider's app" in refuse_change(store, one, *words)
    (listed,) = json.loads(typed("app", "list", "--json", "--store", store).stdout)
    assert (listed["tenants"], listed["allTenants"]) == ([], False)
    assert read_changes(store) == []


def test_what_cannot_be_is_said_by_name_and_changes_nothing(store: str) -> None:
    provider, gone = create_provider(store, "--tenants", "acme,initech"), create_provider(store, "--all-tenants")
    typed("app", "revoke", gone, "--store", store)
    typed("tenant", "suspend", "globex", "--store", store)
    assert "there is no app 'nobody'" in refuse_change(store, "nobody", "--tenants", "acme")
    assert "was revoked" in refuse_change(store, gone, "--tenants", "acme")
    assert "there is no tenant nobody" in refuse_change(store, provider, "--tenants", "acme,nobody")
    assert "the tenant globex is suspended" in refuse_change(store, provider, "--tenants", "globex")
    for words in ([], ["--tenants", "acme", "--all-tenants"], ["--tenants", " , "]):
        assert "--tenants" in refuse_change(store, provider, *words, code=2)
    assert read_changes(store) == []
    # One that is its own already may be kept, however it stands, while another is taken away.
    typed("tenant", "suspend", "acme", "--store", store)
    assert change_tenants(store, provider, "--tenants", "acme")["tenants"] == ["acme"]
