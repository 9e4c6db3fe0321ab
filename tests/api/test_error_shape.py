"""One error shape for every error of every route, and a `request-id` on every response."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from jobs import job, unfinished
from serving import JOBS, REPORT, App, Server, until

BODYLESS = {"GET", "HEAD"}


def requests(app: App) -> dict[str, tuple[int, httpx.Response]]:
    """One request for each way to fail, with its status."""
    ask, bearer = app.server.http.request, app.bearer
    return {
        "400": (400, app.report({"jobType": 3})),
        "401 without a token": (401, ask("POST", REPORT, json={})),
        "401 bad token": (401, ask("POST", REPORT, json={}, headers={"Authorization": "Bearer nonsense"})),
        "403": (403, app.server.app("idle", "PlatformBackup.Jobs.Report").report({})),
        "404 route": (404, ask("GET", "/nowhere")),
        "404 job": (404, app.show("no such job")),
        "404 asset": (404, ask("GET", "/docs/assets/nothing.js")),
        "404 trailing slash": (404, ask("POST", f"{REPORT}/", json={}, headers=bearer)),
        "405": (405, ask("GET", REPORT, headers=bearer)),
        "405 other method": (405, ask("DELETE", REPORT)),
        "405 asset": (405, ask("POST", "/docs/assets/swagger-ui.css")),
        "413": (413, app.report(b" " * 70_000)),
        "415": (415, app.report(b"{}", Content_Type="text/plain")),
    }


def test_every_error_has_the_one_shape(idle: App) -> None:
    for what, (status, answer) in requests(idle).items():
        assert answer.status_code == status, what
        assert answer.headers["content-type"] == "application/problem+json", what
        document = answer.json()
        assert list(document) == ["type", "title", "status", "detail", "requestId", "timestamp", "errors"], what
        assert document["status"] == status
        assert document["requestId"] == answer.headers["request-id"], what
        assert document["detail"], what
        stamp = datetime.fromisoformat(document["timestamp"])
        assert document["timestamp"].endswith("Z")
        assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=5)
        assert all(set(fault) == {"field", "message"} for fault in document["errors"]), what


def test_conflict_has_the_shape_too(app: App) -> None:
    app.write(job("done"))
    answer = app.write(unfinished("done", "InProgress"))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["field"] == "state"
    assert answer.json()["requestId"] == answer.headers["request-id"]


def test_every_response_has_a_request_id_of_its_own(idle: App) -> None:
    good = [idle.server.http.get(path) for path in ("/healthz", "/readyz", "/docs", "/openapi.json")]
    good += [idle.report(), idle.server.ask_token(client_id="x", client_secret="y"), idle.server.http.options(JOBS)]
    answers = [answer for _, answer in requests(idle).values()] + good
    ids = [answer.headers["request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    for name in ids:
        assert str(uuid.UUID(name)) == name


def test_request_id_that_a_client_sends_is_not_taken(idle: App) -> None:
    answer = idle.report({}, Request_Id="mine", X_Request_Id="mine")
    assert answer.headers.get_list("request-id") != ["mine"]
    assert len(answer.headers.get_list("request-id")) == 1


@pytest.mark.parametrize(
    ("path", "allowed"),
    [(REPORT, {"POST"}), (JOBS, {"GET", "HEAD", "POST"}), (f"{JOBS}/x", {"GET", "HEAD"}), ("/connect/token", {"POST"})],
)
def test_wrong_method_is_405_with_those_allowed(server: Server, path: str, allowed: set[str]) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - allowed:
        answer = server.http.request(method, path)
        assert answer.status_code == 405, method
        assert set(answer.headers["allow"].split(", ")) == allowed


def test_refused_token_is_challenged_as_bearer(idle: App) -> None:
    ask = idle.server.http.post
    assert ask(REPORT, json={}).headers["www-authenticate"] == "Bearer"
    bad = ask(REPORT, json={}, headers={"Authorization": "Bearer x.y.z"}).headers["www-authenticate"]
    assert bad.startswith('Bearer error="invalid_token"')
    few = idle.server.app("idle", "PlatformBackup.Jobs.Report").report({})
    assert few.headers["www-authenticate"].startswith('Bearer error="insufficient_scope"')
    assert "PlatformBackup.Read.All" in few.headers["www-authenticate"]


def test_of_more_than_a_hundred_faults_the_first_are_listed(idle: App) -> None:
    document = idle.report({f"nonsense{n}": n for n in range(150)}).json()
    assert len(document["errors"]) == 100
    assert "Only the first 100 faults are listed." in document["detail"]


def test_each_request_is_one_line_of_the_log(idle: App) -> None:
    answer = idle.report()
    name = answer.headers["request-id"]
    (line,) = until(lambda: [row for row in idle.server.log.splitlines() if name in row], "the log line")
    for part in ('"tenant":"idle"', f'"client":"{idle.client_id}"', '"status":200', f'"path":"{REPORT}"'):
        assert part in line
    assert re.search(r'"ms":[0-9.]+', line)


def test_errors_may_not_be_kept_by_a_cache(idle: App) -> None:
    for what, (_, answer) in requests(idle).items():
        assert answer.headers["cache-control"] == "no-store", what
