"""`POST /connect/token`: RFC 6749's client credentials, each of its errors, and nothing that tells too much."""

import base64
import json
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from jobreport.identity.apps.permissions import PERMISSIONS
from serving import READ, READ_WRITE, WRITE_OWN, App, Server, typed

FORM = "application/x-www-form-urlencoded"


def ask(server: Server, body: str | bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    return server.http.post("/connect/token", content=content, headers={"Content-Type": FORM, **named})


def form(app: App, **more: str) -> str:
    fields = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.secret, **more}
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items() if value != "-")


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def refused(answer: httpx.Response, status: int, error: str) -> None:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["request-id"]
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_token_answer_has_the_documented_fields(idle: App) -> None:
    answer = ask(idle.server, form(idle))
    assert answer.status_code == 200
    document = answer.json()
    assert list(document) == ["access_token", "token_type", "expires_in", "ext_expires_in", "scope"]
    assert document["token_type"] == "Bearer"
    assert document["expires_in"] == document["ext_expires_in"] == 3600
    assert document["scope"] == READ_WRITE
    assert answer.headers["cache-control"] == "no-store"
    header = json.loads(base64.urlsafe_b64decode(document["access_token"].split(".")[0] + "=="))
    assert header["alg"] == "RS256"
    assert header["kid"]


def test_each_token_is_new(idle: App) -> None:
    assert len({ask(idle.server, form(idle)).json()["access_token"] for _ in range(3)}) == 3


def test_client_may_sign_in_by_a_basic_header(idle: App) -> None:
    answer = ask(idle.server, "grant_type=client_credentials", Authorization=basic(idle.client_id, idle.secret))
    assert answer.status_code == 200
    lower = basic(idle.client_id, idle.secret).replace("Basic", "basic")
    assert ask(idle.server, "grant_type=client_credentials", Authorization=lower).status_code == 200


def test_header_and_form_at_once_are_refused(idle: App) -> None:
    header = basic(idle.client_id, idle.secret)
    refused(ask(idle.server, form(idle), Authorization=header), 400, "invalid_request")
    refused(ask(idle.server, form(idle, client_id="-"), Authorization=header), 400, "invalid_request")
    another = form(idle, client_id="another", client_secret="-")
    refused(ask(idle.server, another, Authorization=header), 400, "invalid_request")


def test_form_may_name_the_app_of_the_header(idle: App) -> None:
    """Naming is not signing in (RFC 6749 §2.3.1 has no other use for it), and many a library does both."""
    header = basic(idle.client_id, idle.secret)
    assert ask(idle.server, form(idle, client_secret="-"), Authorization=header).status_code == 200


def test_wrong_basic_header_is_401_with_the_scheme_to_use(idle: App) -> None:
    for client_id, secret in ((idle.client_id, "wrong"), ("nobody", idle.secret)):
        answer = ask(idle.server, "grant_type=client_credentials", Authorization=basic(client_id, secret))
        refused(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")


def test_parts_of_a_basic_header_are_decoded_as_a_forms(server: Server) -> None:
    app = server.app("idle")
    raw = "".join(f"%{byte:02x}" for byte in app.client_id.encode()) + ":" + app.secret.replace("_", "%5F")
    header = "Basic " + base64.b64encode(raw.encode()).decode()
    assert ask(server, "grant_type=client_credentials", Authorization=header).status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic eA", "Basic /////w==", "Basic " + "A" * 5000])
def test_basic_header_that_cannot_be_read_is_no_sign_in(server: Server, header: str) -> None:
    answer = ask(server, "grant_type=client_credentials", Authorization=header)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_client", "invalid_request")


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret"])
@pytest.mark.parametrize("value", ["-", ""])
def test_missing_field_is_an_invalid_request_that_names_it(idle: App, name: str, value: str) -> None:
    answer = ask(idle.server, form(idle, **{name: value}))
    refused(answer, 400, "invalid_request")
    assert name in answer.json()["error_description"]


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS", "x"])
def test_other_grants_are_unsupported(idle: App, grant: str) -> None:
    refused(ask(idle.server, form(idle, grant_type=grant)), 400, "unsupported_grant_type")


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "scope", "other"])
def test_field_that_is_there_twice_is_refused(idle: App, name: str) -> None:
    body = form(idle, scope=READ_WRITE, other="x")
    refused(ask(idle.server, f"{body}&{name}=x"), 400, "invalid_request")


def test_unknown_field_is_ignored(idle: App) -> None:
    assert ask(idle.server, form(idle, resource="x", audience="y")).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_body_that_is_no_form_is_refused(idle: App, kind: str) -> None:
    refused(ask(idle.server, form(idle), Content_Type=kind), 400, "invalid_request")


@pytest.mark.parametrize("body", [b"", b"&&&", b"=", b"\xff\xfe", b"client_id=%ff", b"a=1&" * 40, b"grant_type"])
def test_form_that_cannot_be_read_is_refused(server: Server, body: bytes) -> None:
    refused(ask(server, body), 400, "invalid_request")


def test_form_that_is_too_large_is_413(server: Server) -> None:
    refused(ask(server, b"a=" + b"x" * 20_000), 413, "invalid_request")


def test_form_may_name_its_character_set(idle: App) -> None:
    assert ask(idle.server, form(idle), Content_Type=f"{FORM}; charset=UTF-8").status_code == 200


def test_unknown_client_and_wrong_secret_answer_alike(idle: App) -> None:
    answers = [
        ask(idle.server, form(idle, client_secret="wrong")),
        ask(idle.server, form(idle, client_id="00000000-0000-4000-8000-000000000000")),
        ask(idle.server, form(idle, client_id="' or 1=1 --")),
        ask(idle.server, form(idle, client_id="\0")),
        ask(idle.server, form(idle, client_secret=idle.secret + " ")),
        ask(idle.server, form(idle, client_secret=idle.secret.lower())),
        ask(idle.server, form(idle, client_secret=idle.server.app("idle").secret)),
    ]
    for answer in answers:
        refused(answer, 401, "invalid_client")
    assert len({answer.content for answer in answers}) == 1


def test_scope_is_compared_without_regard_to_case_and_answered_as_it_was_asked(idle: App) -> None:
    for scope in (READ_WRITE, READ_WRITE.lower(), READ_WRITE.upper(), f"  {READ_WRITE}  {READ_WRITE.lower()} "):
        document = ask(idle.server, form(idle, scope=scope)).json()
        assert document["scope"] == " ".join(scope.split())
        # In the token itself it is spelled in one way.
        assert claims(document["access_token"])["scope"] == READ_WRITE


def test_scope_of_several_permissions_is_answered_in_the_order_in_which_it_was_asked(server: Server) -> None:
    app = server.app("idle", WRITE_OWN, READ)
    for scope in (f"{WRITE_OWN.lower()} {READ}", f"{READ} {WRITE_OWN.upper()}"):
        document = ask(server, form(app, scope=scope)).json()
        assert document["scope"] == scope
        assert claims(document["access_token"])["scope"] == f"{READ} {WRITE_OWN}"


def test_scope_that_is_left_out_or_empty_is_all_that_was_granted(server: Server) -> None:
    app = server.app("idle", WRITE_OWN, READ)
    for scope in ("-", "", " "):
        assert set(ask(server, form(app, scope=scope)).json()["scope"].split()) == {WRITE_OWN, READ}


def test_scope_may_be_a_part_of_what_was_granted(server: Server) -> None:
    app = server.app("idle", WRITE_OWN, READ)
    assert ask(server, form(app, scope=READ)).json()["scope"] == READ


@pytest.mark.parametrize("scope", [READ, f"{READ_WRITE} {READ}", "nonsense", ".default", "https://x/.default", "é"])
def test_scope_that_was_not_granted_is_refused_whole(idle: App, scope: str) -> None:
    refused(ask(idle.server, form(idle, scope=scope)), 400, "invalid_scope")


def test_scopes_of_the_discovery_document_are_those_that_can_be_granted(server: Server) -> None:
    known = server.http.get("/.well-known/openid-configuration").json()["scopes_supported"]
    assert set(known) == set(PERMISSIONS) == {READ_WRITE, READ, WRITE_OWN}


def test_rotated_secret_replaces_the_old_one_at_once(server: Server) -> None:
    app = server.app("idle")
    done = typed("app", "rotate", app.client_id, "--json", "--store", server.store)
    new = App(server, json.loads(done.stdout))
    assert new.client_id == app.client_id
    refused(ask(server, form(app)), 401, "invalid_client")
    assert ask(server, form(new)).status_code == 200


def test_rotated_secret_and_the_old_one_both_work_while_they_overlap(server: Server) -> None:
    app = server.app("idle")
    done = typed("app", "rotate", app.client_id, "--overlap", "1h", "--json", "--store", server.store)
    for one in (app, App(server, json.loads(done.stdout))):
        assert ask(server, form(one)).status_code == 200


def test_token_of_a_rotated_secret_goes_on_working(server: Server) -> None:
    app = server.app("idle")
    assert app.report().status_code == 200
    typed("app", "rotate", app.client_id, "--store", server.store)
    assert app.report().status_code == 200
