"""An OpenID provider that is down, slow or answers nonsense; its settings; and several servers of one store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forging_provider import SECRET, WELL_KNOWN, ForgingProvider
from people import Browser, add_operator
from provided import RETURN, SETTINGS, START, at_provider, listed, logged, said, served, signed_in, through

from serving import Server, command, serve, typed, until

LATER = "ACME cannot be asked just now. Try it again in a moment."


@pytest.fixture
def own() -> Iterator[ForgingProvider]:
    """A provider for one test alone, of which no server has anything in its cache."""
    found = ForgingProvider()
    yield found
    found.close()


def test_provider_is_asked_again_until_its_documents_are_good(own: ForgingProvider, tmp_path: Path) -> None:
    good = own._documents()[WELL_KNOWN]
    bad: list[Any] = [
        {**good, "issuer": own.url + "/"},
        {**good, "issuer": "https://evil.example"},
        {**good, "jwks_uri": "http://evil.example/keys"},
        [],
        b"<html>Sign in</html>",
        b'{"issuer": "' + b"x" * 600_000,
        None,
    ]
    own.documents[WELL_KNOWN] = bad[0]
    with served(tmp_path, own) as server:
        for document in bad:
            own.documents[WELL_KNOWN] = document
            answer = Browser(server).get(START)
            assert (answer.status_code, said(answer)) == (503, LATER), document
            assert answer.headers["retry-after"]
        del own.documents[WELL_KNOWN]
        until(lambda: through(Browser(server)).status_code == 303)
        assert any("another issuer" in line["reason"] for line in logged(server))


def test_browser_is_sent_to_no_address_that_is_not_safe(own: ForgingProvider, tmp_path: Path) -> None:
    bad: list[object] = [
        None,
        7,
        "http://evil.example/authorize",
        "javascript:alert(1)",
        f"{own.url}/authorize\r\nSet-Cookie: a=b",
        f"{own.url}/auth orize",
        f"{own.url}/authoris\u00e9",
        f"{own.url}/\ud800",
        f"{own.url}/authorize#top",
    ]
    own.metadata = {"authorization_endpoint": bad[0]}
    with served(tmp_path, own) as server:
        for endpoint in bad:
            own.metadata = {"authorization_endpoint": endpoint}
            assert said(Browser(server).get(START)) == LATER, endpoint
        own.metadata = {}
        assert through(Browser(server)).status_code == 303, "a document that was mended counts at once"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>Sign in</html>", 200),
        (b"<html>Sorry</html>", 500),
        ({"error": "server_error"}, 500),
        ({"error": "invalid_client"}, 401),
        ({"access_token": "a"}, 200),
        ({"id_token": 7}, 200),
        ([], 200),
        (b'{"id_token": "' + b"x" * 600_000, 200),
        ("https://evil.example/token", 302),
    ],
    ids=["page", "500", "error", "client", "no token", "number", "list", "large", "redirect"],
)
def test_nonsense_for_a_code_signs_nobody_in(
    provided: Server, provider: ForgingProvider, answer: Any, status: int
) -> None:
    provider.documents["/token"], provider.status = answer, status
    browser = Browser(provided)
    told = through(browser)
    assert (told.status_code, said(told)) == (503, LATER)
    assert not browser.session
    provider.documents.clear()
    provider.status = 200
    assert through(browser).status_code == 303


def test_slow_provider_is_given_up_and_holds_up_nobody_else(provided: Server, provider: ForgingProvider) -> None:
    browser = Browser(provided)
    path = at_provider(browser.get(START), provided)
    provider.delay = 8
    told = browser.get(path)
    assert (told.status_code, said(told)) == (503, LATER)
    assert "ReadTimeout" in logged(provided)[-1]["reason"]


def test_provider_that_is_down_is_said_to_be_so_and_passwords_still_work(own: ForgingProvider, tmp_path: Path) -> None:
    with served(tmp_path, own) as server:
        add_operator(server, "anna", "--all-tenants")
        browser = Browser(server)
        path = at_provider(browser.get(START), server)
        leaving = signed_in(server)
        own.close()
        assert said(browser.get(path)) == LATER
        assert Browser(server).sign_in("anna").status_code == 303
        assert leaving.send("/sign-out", form="/sessions").status_code == 200
        assert leaving.get("/sessions").status_code == 303


def test_public_client_and_one_whose_secret_goes_in_the_form(own: ForgingProvider, tmp_path: Path) -> None:
    own.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    with served(tmp_path / "form", own) as server:
        assert signed_in(server)
        assert own.forms[-1]["client_secret"] == SECRET
    with served(tmp_path / "public", own, JOBREPORT_SIGN_IN_SECRET="") as server:
        assert said(through(Browser(server))) == LATER
        assert "client_secret" not in own.forms[-1]
        assert own.forms[-1]["client_id"] == "jobreport"


def test_issuer_in_the_answer_may_be_missing_where_none_is_announced(own: ForgingProvider, tmp_path: Path) -> None:
    own.metadata = {"authorization_response_iss_parameter_supported": None}
    own.answers = {"iss": None}
    with served(tmp_path, own) as server:
        assert signed_in(server)
        own.answers = {"iss": "https://evil.example"}
        assert through(Browser(server)).status_code == 400


def test_any_server_of_the_store_takes_the_browser_back_and_one_does_it_once(
    own: ForgingProvider, tmp_path: Path
) -> None:
    words = ("--trusted-proxy", "127.0.0.1", "--sign-in-provider", f"{own.url} {SETTINGS}")
    with served(tmp_path / "a", own) as one:
        more = {"JOBREPORT_SIGN_IN_SECRET": SECRET, "JOBREPORT_PUBLIC_URL": one.url}
        with serve(tmp_path / "b", *words, store=one.store, **more) as two:
            here, there = Browser(one), Browser(two)
            path = at_provider(here.get(START), one)
            there.http.cookies.update(here.cookies)
            assert there.get(path).status_code == 303
            assert "used already" in said(here.get(path))
            here.http.cookies.update(there.cookies)
            assert here.get("/sessions").status_code == 200


def test_other_settings_end_the_sessions_of_another_provider(own: ForgingProvider, tmp_path: Path) -> None:
    with served(tmp_path / "a", own) as server:
        cookies, store, url = signed_in(server).cookies, server.store, server.url
        assert listed(server)["petra"]["sessions"] == 1
    with serve(tmp_path / "b", store=store, JOBREPORT_PUBLIC_URL=url) as server:
        browser = Browser(server)
        browser.http.cookies.update(cookies)
        assert browser.get("/sessions").status_code == 303


def test_without_the_setting_nothing_of_it_is_there(monitored: Server) -> None:
    page = Browser(monitored).get("/sign-in")
    assert "Sign in with" not in page.text
    assert "provider" not in page.text
    for path in (START, RETURN, f"{RETURN}?code=a&state=b"):
        answer = Browser(monitored).get(path)
        assert answer.status_code == 404
        assert "jobreport-provider" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("http://login.example.com client-id=a tenant=acme", "needs an https URL"),
        ("https://login.example.com tenant=acme", "client-id=… is missing"),
        ("https://login.example.com client-id=a", "say by tenant=…, tenants-claim=… or all-tenants=…"),
        ("https://login.example.com client-id=a tenant=acme role:x=king", "a role is one of viewer, operator, admin"),
        ("https://login.example.com client-id=a tenant=ACME!", "a tenant's name has"),
        ("https://login.example.com client-id=a tenant=acme secret=x", "there is no setting 'secret'"),
        ("https://login.example.com client-id=a tenant=acme tenant:1=acme", "needs tenants-claim=…"),
        ("https://login.example.com client-id=a tenant=acme ca=/nowhere.pem", "ca=/nowhere.pem: No such file"),
        (f"https://login.example.com client-id=a tenant=acme name={'x' * 41}", "at most 40 printable characters"),
        ("'", "a provider is written as"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: str, why: str) -> None:
    done = typed("serve", "--sign-in-provider", settings)
    assert done.returncode == 2
    assert why in done.stderr


def test_tenant_that_there_is_not_is_told_at_the_start(own: ForgingProvider, tmp_path: Path) -> None:
    with serve(tmp_path, "--sign-in-provider", f"{own.url} client-id=a tenant=nowhere") as server:
        until(lambda: "the tenant 'nowhere', which the store does not have" in server.log)
        assert f"nobody whom {own.url} signs in sees" in server.log


def test_secret_is_read_from_a_file(own: ForgingProvider, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    with served(tmp_path, own, JOBREPORT_SIGN_IN_SECRET="", JOBREPORT_SIGN_IN_SECRET_FILE=str(file)) as server:
        assert signed_in(server)
        assert SECRET not in server.log


def test_secret_is_handed_to_no_command(tmp_path: Path) -> None:
    done = command("run", "--", "env", JOBREPORT_SIGN_IN_SECRET=SECRET, JOBREPORT_SPOOL=str(tmp_path))
    assert "PATH=" in done.stdout
    assert SECRET not in done.stdout
