"""Admins register apps and end them in the monitor; a secret is shown once, to who gave the password again."""

import hashlib
import html
import json
import re

import httpx
import pytest
from people import PASSWORD, Browser, signed_in

from jobreport.model import ticks
from jobreport.store import open_store
from jobreport.store.registry import sessions
from serving import Server, typed, until

SECRET = re.compile(r'id="secret">(jrs_[\w-]{43})<')
CLIENT = re.compile(r"<dt>Client ID</dt><dd><code>([0-9a-f-]{36})<")
READS = "PlatformBackup.Read.All"


@pytest.fixture(scope="module")
def anna(monitored: Server) -> Browser:
    """A browser of an admin, who gave the password just now."""
    return signed_in(monitored, "anna")


def an_hour_ago(server: Server, browser: Browser) -> None:
    """Makes it an hour ago that the password was given in this browser."""
    session = hashlib.sha256(browser.session.encode()).digest()
    store = open_store(server.store)
    with store.writing() as transaction:
        sessions.set_confirmed(transaction, session, store.clock() - 3600 * ticks.PER_SECOND)
    store.close()
    until(lambda: browser.get("/apps/new?tenant=acme").status_code == 303, "the password is asked for")


def created(browser: Browser, name: str, tenant: str = "acme", **fields: str) -> httpx.Response:
    values = {"name": name, READS: "1", "years": "1", **fields}
    return browser.send(f"/apps/new?tenant={tenant}", form=f"/apps/new?tenant={tenant}", **values)


def shown(browser: Browser, sent: httpx.Response) -> httpx.Response:
    """The page to which a form leads that made a secret."""
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].partition("?")[0].endswith("/secret")
    return browser.get(sent.headers["location"])


def made(browser: Browser, name: str) -> tuple[str, str]:
    """Registers an app; returns its client ID and its secret."""
    page = shown(browser, created(browser, name))
    client_id, secret = CLIENT.search(page.text), SECRET.search(page.text)
    assert client_id
    assert secret
    assert page.headers["cache-control"] == "no-store"
    return client_id[1], secret[1]


def token(server: Server, client_id: str, secret: str) -> httpx.Response:
    return server.ask_token(grant_type="client_credentials", client_id=client_id, client_secret=secret, scope=READS)


def test_an_app_that_is_registered_here_signs_in(anna: Browser, monitored: Server) -> None:
    client_id, secret = made(anna, "a <b>script</b>")
    assert token(monitored, client_id, secret).status_code == 200
    listed = anna.get("/apps?tenant=acme")
    assert "a &lt;b&gt;script&lt;/b&gt;" in listed.text
    assert client_id in listed.text
    assert secret not in listed.text + anna.get(f"/apps/{client_id}?tenant=acme").text
    assert client_id not in anna.get("/apps?tenant=globex").text
    assert secret not in monitored.log


def test_a_secret_is_shown_once_in_the_browser_of_who_made_it_and_no_second_app_is_made(
    anna: Browser, monitored: Server
) -> None:
    form = anna.get("/apps/new?tenant=acme").text
    assert re.findall(r'name="([\w.]+)" value="1" checked', form) == ["PlatformBackup.Jobs.Report"]
    sent = created(anna, "only one")
    address = sent.headers["location"]
    name = f"jobreport-secret-{anna.server.port}"
    kept = anna.cookies[name]
    other = signed_in(monitored, "anna")
    other.http.cookies.set(name, kept)
    assert other.get(address).status_code == 410
    page = anna.get(address)
    secret = SECRET.search(page.text)
    assert secret
    assert secret[1] not in kept
    assert f"JOBREPORT_CLIENT_SECRET={secret[1]}" in page.text
    assert name not in anna.cookies
    again = anna.get(address)
    assert (again.status_code, secret[1] in again.text, "was shown already" in again.text) == (410, False, True)
    assert anna.get("/apps?tenant=acme").text.count("only one") == 1


def test_another_secret_is_shown_and_the_earlier_one_ends_when_it_was_said(anna: Browser, monitored: Server) -> None:
    client_id, first = made(anna, "rotated")
    address = f"/apps/{client_id}/rotate?tenant=acme"
    second = SECRET.search(shown(anna, anna.send(address, overlap="3600")).text)
    assert second
    assert [token(monitored, client_id, one).status_code for one in (first, second[1])] == [200, 200]
    refused = anna.send(address, overlap="3600")
    assert refused.status_code == 409
    assert "2 live secrets already" in refused.text
    third = SECRET.search(shown(anna, anna.send(address, overlap="0")).text)
    assert third
    assert [token(monitored, client_id, one).status_code for one in (first, second[1], third[1])] == [401, 401, 200]


def test_a_revoked_app_signs_in_no_more(anna: Browser, monitored: Server) -> None:
    client_id, secret = made(anna, "revoked")
    asked = anna.get(f"/apps/{client_id}/revoke?tenant=acme")
    assert "cannot be undone" in asked.text
    assert token(monitored, client_id, secret).status_code == 200
    answer = anna.send(f"/apps/{client_id}/revoke?tenant=acme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/apps?tenant=acme")
    assert token(monitored, client_id, secret).status_code == 401


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "An app's name has 1 to 128 printable characters."),
        ({"name": "x" * 129}, "An app's name has 1 to 128 printable characters."),
        ({READS: ""}, "An app needs at least one permission."),
        ({"years": "9"}, "A client secret lives 1, 2 or 3 years."),
        ({"years": "²"}, "A client secret lives 1, 2 or 3 years."),
    ],
)
def test_what_an_app_cannot_be_is_told_and_the_form_keeps_the_rest(
    anna: Browser, fields: dict[str, str], said: str
) -> None:
    page = created(anna, **{"name": "kept", **fields})
    assert page.status_code == 400
    assert said in html.unescape(page.text)
    if "name" not in fields:
        assert 'value="kept"' in page.text


def test_no_secret_is_made_without_the_password(monitored: Server, anna: Browser) -> None:
    client_id, _ = made(anna, "needs the password")
    fresh = signed_in(monitored, "anna")
    an_hour_ago(monitored, fresh)
    for path in ("/apps/new?tenant=acme", f"/apps/{client_id}/rotate?tenant=acme"):
        assert fresh.get(path).headers["location"].startswith("/confirm?next=")
        sent = fresh.send(path, form="/sessions", name="x", years="1", **{READS: "1"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/confirm")
    assert "needs the password" in fresh.get("/apps?tenant=acme").text
    answer = fresh.send("/confirm", password=PASSWORD, next="/apps/new?tenant=acme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/apps/new?tenant=acme")
    assert fresh.get("/apps/new?tenant=acme").status_code == 200


def test_who_does_not_see_all_tenants_of_an_app_does_not_change_it(monitored: Server, anna: Browser) -> None:
    options = ["--store", monitored.store, "--json"]
    app = json.loads(typed("app", "create", "--name", "of many", "--tenant", "acme", "--all-tenants", *options).stdout)
    file = monitored.folder / "arno.password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    added = typed(
        "operator", "add", "arno", "--tenants", "acme", "--role", "admin", "--password-file", str(file), *options
    )
    assert added.returncode == 0, added.stderr
    arno = signed_in(monitored, "arno")
    assert "of many" in arno.get("/apps").text
    for path in ("", "/rotate", "/revoke"):
        assert arno.get(f"/apps/{app['clientId']}{path}").status_code == 403
    assert arno.send(f"/apps/{app['clientId']}/revoke", form="/sessions").status_code == 403
    assert anna.get(f"/apps/{app['clientId']}?tenant=acme").status_code == 200
    assert anna.get(f"/apps/{app['clientId']}?tenant=globex").status_code == 404


@pytest.mark.parametrize("name", ["olga", "vera", "gus"])
def test_only_an_admin_sees_apps_and_the_audit_log(monitored: Server, name: str) -> None:
    browser = signed_in(monitored, name)
    tenant = "globex" if name == "gus" else "acme"
    for path in ("/apps", "/apps/new", "/inboxes", "/audit"):
        assert browser.get(f"{path}?tenant={tenant}").status_code == 403
    sent = created_from_elsewhere(browser, tenant)
    assert sent.status_code == 403
    assert 'href="/apps' not in browser.get(f"/jobs?tenant={tenant}").text


def created_from_elsewhere(browser: Browser, tenant: str) -> httpx.Response:
    return browser.send(f"/apps/new?tenant={tenant}", form="/sessions", name="x", years="1", **{READS: "1"})


def test_the_audit_log_says_who_made_an_app(anna: Browser) -> None:
    client_id, _ = made(anna, "logged")
    page = anna.get("/audit?tenant=acme")
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())
    assert f"operator:anna {anna.address} app.created app:{client_id} name: logged; permissions: {READS}" in words
    first = re.search(r'<tr><td class="num">(\d+)</td>', page.text)
    assert first
    older = anna.get(f"/audit?tenant=acme&before={first[1]}")
    assert client_id not in older.text
    assert f'<td class="num">{int(first[1]) - 1}</td>' in older.text
    assert anna.get("/audit?tenant=acme&before=x").status_code == 400
