"""Who may do what: each route by each kind of caller. A route that is missing from the table fails the test."""

from collections.abc import Callable

import httpx
import pytest

from jobreport.app import URLS
from jobs import job, unfinished
from serving import EXPORT, FIND, JOBS, READ, READ_WRITE, REPORT, SUMMARY, WRITE_OWN, App, Server, typed, until

OPEN = "open"
# Route -> the permissions that it takes, or OPEN; and a request of the body it wants.
ROUTES: dict[tuple[str, str], tuple[set[str] | str, object]] = {
    ("POST", REPORT): ({READ_WRITE, READ}, {}),
    ("GET", FIND): ({READ_WRITE, READ}, None),
    ("GET", EXPORT): ({READ_WRITE, READ}, None),
    ("GET", SUMMARY): ({READ_WRITE, READ}, None),
    ("POST", JOBS): ({READ_WRITE, WRITE_OWN}, []),
    ("GET", f"{JOBS}/{{jobId:any}}"): ({READ_WRITE, READ}, None),
    ("POST", "/connect/token"): (OPEN, None),
    ("GET", "/.well-known/openid-configuration"): (OPEN, None),
    ("GET", "/.well-known/jwks.json"): (OPEN, None),
    ("GET", "/openapi.json"): (OPEN, None),
    ("GET", "/docs"): (OPEN, None),
    ("GET", "/docs/start.js"): (OPEN, None),
    ("GET", "/healthz"): (OPEN, None),
    ("GET", "/readyz"): (OPEN, None),
}
PROTECTED = [route for route, (needs, _) in ROUTES.items() if needs != OPEN]
# Who asks for a tenant other than his own, by the header that names it -> what he is answered, whatever he asks.
BY_TENANT = {
    "a provider's app for its tenant": 200,
    "a provider's app for another tenant": 403,
    "a provider's app for no such tenant": 403,
    "a provider's app for its suspended tenant": 403,
    "a provider's app for its deleted tenant": 403,
    "a provider's app for none": 400,
    "a provider's app for two at once": 400,
    "an app for all tenants": 200,
    "an app for all tenants for no such tenant": 403,
    "an app for all tenants for none": 400,
    "an app that names its tenant": 200,
    "an app that names another tenant": 403,
}
KEPT_OUT = ("nobody", "garbage", "revoked", "of a suspended tenant", "of a deleted tenant")
CALLERS = (READ_WRITE, READ, WRITE_OWN, "another tenant's app", *KEPT_OUT, *BY_TENANT)
TENANT = "Jobreport-Tenant"
Headers = list[tuple[str, str]]


def run(server: Server, *words: str) -> None:
    done = typed(*words, "--store", server.store)
    assert done.returncode == 0, done.stderr


def revoke(app: App) -> None:
    run(app.server, "app", "revoke", app.client_id)


@pytest.fixture(scope="module")
def owner(server: Server) -> App:
    """The app of a tenant that has one job."""
    app = server.app("matrix")
    assert app.write(job("known")).status_code == 200
    return app


@pytest.fixture(scope="module")
def headers(server: Server, owner: App) -> dict[str, Headers]:
    """The headers of each caller."""
    gone = server.app("matrix")
    suspended, deleted = server.app("matrix-suspended"), server.app("matrix-deleted")
    provider = server.provider("matrix", "matrix-suspended", "matrix-deleted")
    all_tenants = server.provider()
    found: dict[str, Headers] = {
        READ_WRITE: bearer(owner),
        READ: bearer(server.app("matrix", READ)),
        WRITE_OWN: bearer(server.app("matrix", WRITE_OWN)),
        "another tenant's app": bearer(server.app("matrix-other")),
        "nobody": [],
        "garbage": [("Authorization", "Bearer garbage")],
        "revoked": bearer(gone),
        "of a suspended tenant": bearer(suspended),
        "of a deleted tenant": bearer(deleted),
        "a provider's app for its tenant": bearer(provider, "matrix"),
        "a provider's app for another tenant": bearer(provider, "matrix-other"),
        "a provider's app for no such tenant": bearer(provider, "matrix-none"),
        "a provider's app for its suspended tenant": bearer(provider, "matrix-suspended"),
        "a provider's app for its deleted tenant": bearer(provider, "matrix-deleted"),
        "a provider's app for none": bearer(provider),
        "a provider's app for two at once": bearer(provider, "matrix", "matrix"),
        "an app for all tenants": bearer(all_tenants, "matrix"),
        "an app for all tenants for no such tenant": bearer(all_tenants, "matrix-none"),
        "an app for all tenants for none": bearer(all_tenants),
        "an app that names its tenant": bearer(owner, "matrix"),
        "an app that names another tenant": bearer(owner, "matrix-other"),
    }
    revoke(gone)
    run(server, "tenant", "suspend", "matrix-suspended")
    run(server, "tenant", "delete", "matrix-deleted", "--yes")
    return found


def bearer(app: App, *tenants: str) -> Headers:
    return [*app.bearer.items(), *((TENANT, name) for name in tenants)]


def ask(server: Server, route: tuple[str, str], headers: Headers) -> httpx.Response:
    method, path = route
    body = ROUTES[route][1]
    query = {"format": "csv"} if path == EXPORT else None
    return server.http.request(method, path.replace("{jobId:any}", "known"), params=query, json=body, headers=headers)


def expected(route: tuple[str, str], caller: str) -> int:
    needs = ROUTES[route][0]
    if caller in KEPT_OUT:
        return 401
    if caller in BY_TENANT:
        return BY_TENANT[caller]
    if caller == "another tenant's app":
        return 404 if "{jobId:any}" in route[1] else 200
    return 200 if caller in needs else 403


def test_every_route_is_in_the_table() -> None:
    assert {(method, path) for method, path, _ in URLS} == set(ROUTES)
    for method, path, operation in URLS:
        needs = ROUTES[method, path][0]
        assert set(operation.needs) == (set() if needs == OPEN else needs)


@pytest.mark.parametrize("route", PROTECTED, ids=" ".join)
@pytest.mark.parametrize("caller", CALLERS)
def test_each_route_lets_in_who_may_and_nobody_else(
    server: Server, headers: dict[str, Headers], route: tuple[str, str], caller: str
) -> None:
    answer = ask(server, route, headers[caller])
    assert answer.status_code == expected(route, caller), answer.text
    by_token = answer.status_code == 401 or (answer.status_code == 403 and caller not in BY_TENANT)
    assert ("www-authenticate" in answer.headers) == by_token


@pytest.mark.parametrize("route", PROTECTED, ids=" ".join)
def test_a_tenant_that_is_not_his_answers_as_one_that_is_not_there(
    server: Server, headers: dict[str, Headers], route: tuple[str, str]
) -> None:
    answers = [
        ask(server, route, headers[f"a provider's app for {whom}"]).json()
        for whom in ("another tenant", "no such tenant", "its deleted tenant")
    ]
    for answer in answers:
        for part in (answer, answer.get("errorModel", {})):
            part |= dict.fromkeys(part.keys() & {"requestId", "timestamp", "date"}, "")
    assert answers[1:] == [answers[0]] * 2
    assert "matrix" not in answers[0]["detail"]


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in PROTECTED], ids=" ".join)
def test_open_route_needs_no_token_and_minds_no_bad_one(server: Server, route: tuple[str, str]) -> None:
    for header in ([], [("Authorization", "Bearer garbage"), (TENANT, "matrix")]):
        answer = ask(server, route, header)
        assert answer.status_code == (400 if route[1] == "/connect/token" else 200), answer.text


def test_other_tenant_sees_and_changes_nothing(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    app.write(job("mine", comments="secret words"))
    assert other.report().json() == {"totalCount": 0, "jobs": []}
    assert other.show("mine").status_code == 404
    assert other.write(unfinished("mine", "InProgress")).json()["created"] == 1
    assert app.show("mine").json()["comments"] == "secret words"
    assert app.show("mine").json()["versions"] == []


def test_unknown_job_and_a_job_of_another_tenant_answer_alike(app: App, tenant: str) -> None:
    other = app.server.app(f"{tenant}-other")
    app.write(job("mine"))
    fields = [{**other.show(name).json(), "requestId": "", "timestamp": ""} for name in ("mine", "nothing")]
    assert fields[0] == fields[1]


def test_a_job_id_of_another_tenant_tells_no_writer_that_there_is_such_a_job(app: App, tenant: str) -> None:
    app.write(job("mine", comments="as it was"))
    other = app.server.app(f"{tenant}-other")
    runner = app.server.app(f"{tenant}-other", WRITE_OWN)
    for writer, names in ((runner, ("mine", "nothing")), (other, ("mine", "nothing"))):
        answers = [writer.write(job(name)) for name in names]
        said = [(answer.status_code, {**answer.json(), "jobIds": ""}) for answer in answers]
        assert said[0] == said[1]
    # What the first of them wrote is the other tenant's own by now, and no one else's.
    assert other.show("mine").json()["reportedBy"] == runner.client_id
    assert app.show("mine").json()["comments"] == "as it was"
    assert app.show("mine").json()["reportedBy"] == app.client_id


def test_reporting_app_writes_its_own_jobs_and_reads_none(app: App, tenant: str) -> None:
    runner = app.server.app(tenant, WRITE_OWN)
    assert runner.write(unfinished("own", "InProgress")).json()["created"] == 1
    assert runner.write(job("own")).json()["updated"] == 1
    assert runner.report().status_code == 403
    assert runner.show("own").status_code == 403
    assert app.show("own").json()["reportedBy"] == runner.client_id


@pytest.mark.parametrize("batch", [False, True])
def test_reporting_app_may_not_write_another_apps_job_and_nothing_is_stored(app: App, tenant: str, batch: bool) -> None:
    runner, other = app.server.app(tenant, WRITE_OWN), app.server.app(tenant, WRITE_OWN)
    app.write(job("theirs", comments="as it was"))
    other.write(job("others", comments="as it was"))
    for name in ("theirs", "others"):
        document = job(name, comments="overwritten")
        answer = runner.write([job("new"), document] if batch else document)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["field"] == ("[1].jobId" if batch else "jobId")
        assert app.show(name).json()["comments"] == "as it was"
    assert sorted(app.found()) == ["others", "theirs"]


def test_identical_report_of_another_apps_job_is_refused_too(app: App, tenant: str) -> None:
    app.write(job("theirs", observedAt="2024-09-01T00:00:00Z"))
    runner = app.server.app(tenant, WRITE_OWN)
    assert runner.write(job("theirs", observedAt="2024-09-01T00:00:00Z")).status_code == 403
    assert runner.write(unfinished("theirs", "InProgress")).status_code == 403


def test_app_that_may_read_and_write_updates_any_job_of_the_tenant(app: App, tenant: str) -> None:
    runner = app.server.app(tenant, WRITE_OWN)
    runner.write(unfinished("runners", "InProgress"))
    assert app.write(job("runners")).json()["updated"] == 1
    assert app.show("runners").json()["reportedBy"] == runner.client_id


def test_token_for_fewer_permissions_than_granted_may_do_no_more(app: App, tenant: str) -> None:
    both = app.server.app(tenant, READ_WRITE, READ)
    asked = both.server.ask_token(client_id=both.client_id, client_secret=both.secret, scope=READ)
    header = {"Authorization": f"Bearer {asked.json()['access_token']}"}
    assert both.server.http.post(REPORT, json={}, headers=header).status_code == 200
    assert both.server.http.post(JOBS, json=[], headers=header).status_code == 403


def eventually(app: App, ask_: Callable[[], httpx.Response], status: int) -> None:
    until(lambda: ask_().status_code == status, f"{status} for {app.client_id}")


def test_revoked_app_stops_within_seconds_though_its_token_was_in_use(app: App) -> None:
    assert app.report().status_code == 200
    revoke(app)
    eventually(app, app.report, 401)
    assert app.write([]).status_code == 401
    answer = app.server.ask_token(client_id=app.client_id, client_secret=app.secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_error_of_a_missing_header_names_it(server: Server, app: App, tenant: str) -> None:
    provider = server.provider(tenant)
    answer = provider.report()
    assert (answer.status_code, TENANT in answer.json()["detail"]) == (400, True)
    (fault,) = answer.json()["errors"]
    assert fault == {"field": TENANT, "message": "is required: this app may ask for several tenants"}
    assert provider.report(**{TENANT: tenant}).status_code == 200


def test_a_providers_app_reads_and_writes_for_each_of_its_tenants_alone(server: Server, app: App, tenant: str) -> None:
    other = server.app(f"{tenant}-other")
    provider = server.provider(tenant, f"{tenant}-other")
    for name in (tenant, f"{tenant}-other"):
        assert provider.write(job(f"of {name}"), **{TENANT: name}).json()["created"] == 1
        (found,) = provider.report(**{TENANT: name}).json()["jobs"]
        assert found["jobId"] == f"of {name}"
    assert (app.found(), other.found()) == ([f"of {tenant}"], [f"of {tenant}-other"])
    assert app.show(f"of {tenant}-other").status_code == 404


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
