"""Apps that are revoked, and tenants that are suspended or deleted: kept out within seconds, with good tokens too."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from operating import TENANT, revoke, run

from jobs import job
from serving import App, Server, program_with, serve, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that looks at apps and tenants again after half a second, where others do after three."""
    folder = tmp_path_factory.mktemp("server")
    setting = "principals.RECHECK = principals.ticks.PER_SECOND // 2"
    with serve(folder, program=program_with(folder, "jobreport.identity.principals", setting)) as running:
        yield running


def eventually(app: App, ask_: Callable[[], httpx.Response], status: int) -> None:
    until(lambda: ask_().status_code == status, f"{status} for {app.client_id}")


def test_revoked_app_stops_within_seconds_though_its_token_was_in_use(app: App) -> None:
    assert app.report().status_code == 200
    revoke(app)
    eventually(app, app.report, 401)
    assert app.write([]).status_code == 401
    answer = app.server.ask_token(client_id=app.client_id, client_secret=app.secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_suspended_tenant_is_kept_out_within_seconds_though_its_token_was_in_use(app: App, tenant: str) -> None:
    app.write(job("before"))
    run(app.server, "tenant", "suspend", tenant)
    eventually(app, app.report, 401)
    assert "the tenant of this app is suspended" in app.report().json()["detail"]
    assert app.write(job("while")).status_code == 401
    answer = app.server.ask_token(client_id=app.client_id, client_secret=app.secret)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert answer.json()["error_description"] == "the tenant of this app is suspended"
    wrong = app.server.ask_token(client_id=app.client_id, client_secret="jrs_wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert "suspended" not in wrong.text
    run(app.server, "tenant", "resume", tenant)
    eventually(app, app.report, 200)
    assert app.found() == ["before"]


def test_a_deleted_tenant_is_out_of_reach_within_seconds_and_comes_back_whole(app: App, tenant: str) -> None:
    app.write(job("before"))
    run(app.server, "tenant", "delete", tenant, "--yes")
    eventually(app, app.report, 401)
    answer = app.server.ask_token(client_id=app.client_id, client_secret=app.secret)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    run(app.server, "tenant", "resume", tenant)
    eventually(app, app.report, 200)
    assert app.found() == ["before"]


def test_a_suspended_tenant_stops_its_providers_too(server: Server, app: App, tenant: str) -> None:
    provider = server.provider(tenant, f"{tenant}-other", make=(f"{tenant}-other",))
    assert provider.report(**{TENANT: tenant}).status_code == 200
    run(server, "tenant", "suspend", tenant)
    eventually(provider, lambda: provider.report(**{TENANT: tenant}), 403)
    assert provider.report(**{TENANT: tenant}).json()["detail"] == f"The tenant {tenant} is suspended."
    (fault,) = provider.report(**{TENANT: tenant}).json()["errors"]
    assert fault == {"field": TENANT, "message": "must be a tenant that is not suspended"}
    assert provider.report(**{TENANT: f"{tenant}-other"}).status_code == 200
