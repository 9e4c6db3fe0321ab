"""Who may do what: each route by each kind of caller. A route that is missing from the table fails the test."""

import hashlib

import httpx
import pytest
from operating import TENANT, revoke, run

from jobreport.app import URLS
from jobs import job
from serving import (
    EXPORT,
    FIND,
    JOBS,
    METRICS,
    READ,
    READ_WRITE,
    REPORT,
    SEARCH,
    SERIES,
    SUMMARY,
    TENANTS,
    WRITE_OWN,
    App,
    Server,
)
from verdicts import put

OPEN = "open"
EXPECTATIONS = "/api/expectations"
# Route -> the permissions that it takes, or OPEN; and a request of the body it wants.
ROUTES: dict[tuple[str, str], tuple[set[str] | str, object]] = {
    ("POST", REPORT): ({READ_WRITE, READ}, {}),
    ("GET", FIND): ({READ_WRITE, READ}, None),
    ("GET", SEARCH): ({READ_WRITE, READ}, None),
    ("GET", EXPORT): ({READ_WRITE, READ}, None),
    ("GET", SUMMARY): ({READ_WRITE, READ}, None),
    ("GET", SERIES): ({READ_WRITE, READ}, None),
    ("GET", f"{SERIES}/{{series}}"): ({READ_WRITE, READ}, None),
    ("GET", TENANTS): ({READ_WRITE, READ}, None),
    ("GET", "/api/connectors"): ({READ_WRITE, READ}, None),
    ("GET", "/api/incidents"): ({READ_WRITE, READ}, None),
    ("PUT", "/api/incidents/{incident}"): ({READ_WRITE}, {}),
    ("GET", EXPECTATIONS): ({READ_WRITE, READ}, None),
    ("GET", f"{EXPECTATIONS}/{{name}}"): ({READ_WRITE, READ}, None),
    ("PUT", f"{EXPECTATIONS}/{{name}}"): ({READ_WRITE, WRITE_OWN}, {"age": "26h"}),
    ("DELETE", f"{EXPECTATIONS}/{{name}}"): ({READ_WRITE, WRITE_OWN}, None),
    ("POST", JOBS): ({READ_WRITE, WRITE_OWN}, []),
    ("GET", JOBS): ({READ_WRITE, READ}, None),
    ("GET", f"{JOBS}/{{jobId:any}}"): ({READ_WRITE, READ}, None),
    ("POST", "/connect/token"): (OPEN, None),
    ("GET", "/.well-known/openid-configuration"): (OPEN, None),
    ("GET", "/.well-known/oauth-authorization-server"): (OPEN, None),
    ("GET", "/.well-known/jwks.json"): (OPEN, None),
    ("GET", "/openapi.json"): (OPEN, None),
    ("GET", "/docs"): (OPEN, None),
    ("GET", "/docs/start.js"): (OPEN, None),
    ("GET", METRICS): ({READ_WRITE, READ}, None),
    ("GET", "/healthz"): (OPEN, None),
    ("GET", "/readyz"): (OPEN, None),
}
INBOXES = [
    (method, path)
    for path in (
        *("/ping/{address}", "/ping/{address}/", "/ping/{address}/{part}", "/ping/{address}/{part}/{signal}"),
        *("/api/push/{address}", "/p/{key}/{monitor}", "/p/{key}/{monitor}/{state}"),
    )
    for method in ("GET", "POST", "PUT")
]
INBOXES += [
    (method, path) for path in ("/hook/{address}/{form}", "/hook/{address}/{form}/{last}") for method in ("POST", "PUT")
]
ROUTES |= dict.fromkeys(INBOXES, (OPEN, None))
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
Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def owner(server: Server) -> App:
    """The app of a tenant that has one job, in a series of its own, and an incident of that."""
    app = server.app("matrix")
    assert app.write(job("known", plan="nightly")).status_code == 200
    put(server.store, "matrix", "known")
    known = {"plan": "known", "age": "26h"}
    assert app.server.http.put(f"{EXPECTATIONS}/known", json=known, headers=app.bearer).status_code == 200
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
    query = {EXPORT: {"format": "csv"}, JOBS: {"jobId": "known"} if method == "GET" else None}.get(path)
    path = path.replace("{jobId:any}", "known").replace("{series}", "1").replace("{incident}", "known")
    if "{name}" in path:
        # Each caller sets one of its own, and removes one that nobody has.
        name = hashlib.sha256(repr(headers).encode()).hexdigest()[:9]
        path = path.replace("{name}", {"PUT": name, "DELETE": "none"}.get(method, "known"))
        body = body and {**body, "plan": name}
    return server.http.request(method, path, params=query, json=body, headers=headers)


def expected(route: tuple[str, str], caller: str) -> int:
    status = _expected(route, caller)
    if route[0] == "DELETE" and status == 200:
        return 404  # there is none of this name
    return status


def _expected(route: tuple[str, str], caller: str) -> int:
    needs = ROUTES[route][0]
    if caller in KEPT_OUT:
        return 401
    if route[1] in (TENANTS, METRICS) and caller.endswith("for none"):
        return 200  # a row for each tenant that the app may ask for
    if caller in BY_TENANT:
        return BY_TENANT[caller]
    if caller == "another tenant's app":
        of_one = "{" in route[1] and route != ("PUT", "/api/expectations/{name}")
        return 404 if of_one or route == ("GET", JOBS) else 200
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
    # Of an inbox, the address is what lets in, and nobody has this one.
    expects = 400 if route[1] == "/connect/token" else 404 if route in INBOXES else 200
    for header in ([], [("Authorization", "Bearer garbage"), (TENANT, "matrix")]):
        answer = ask(server, route, header)
        assert answer.status_code == expects, answer.text
