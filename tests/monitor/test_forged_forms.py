"""No form is taken that was not sent from a page of the monitor, shown to this very browser."""

import pytest
from people import FORM, Browser, signed_in

from jobreport.monitor.urls import PAGES
from serving import Server, serve

UNSAFE = sorted({path for method, path, _ in PAGES if method == "POST"})
ELSEWHERE = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "another host of the site": {"Sec-Fetch-Site": "same-site"},
    "no page": {"Sec-Fetch-Site": "none"},
    "foreign origin": {"Origin": "https://evil.example"},
    "origin that is hidden": {"Origin": "null"},
    "origin with more behind": {"Origin": "http://127.0.0.1.evil.example"},
    "origin of another port": {"Origin": "http://127.0.0.1:1"},
    "nothing is said": {},
    "cross-site, own origin": {"Sec-Fetch-Site": "cross-site", "Origin": "own"},
}


@pytest.fixture(scope="module")
def browser(monitored: Server) -> Browser:
    return signed_in(monitored, "vera")


@pytest.mark.parametrize("path", UNSAFE)
@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
def test_form_from_elsewhere_is_refused(browser: Browser, path: str, headers: dict[str, str]) -> None:
    given = {name: browser.server.url if value == "own" else value for name, value in headers.items()}
    answer = browser.send(path, form="/sessions", headers=given)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert browser.get("/sessions").status_code == 200


def test_older_browser_is_known_by_its_origin(browser: Browser) -> None:
    answer = browser.send("/sessions", headers={"Origin": browser.server.url}, session="none")
    assert answer.status_code == 303


@pytest.mark.parametrize("path", UNSAFE)
def test_form_needs_the_token_of_this_browser(browser: Browser, path: str) -> None:
    foreign = signed_in(browser.server, "gus").token()
    before = Browser(browser.server).token("/sign-in")
    own = browser.token()
    for token in ("", "x", "ü" * 96, foreign, before, own[:-1], own[:-1] + ("0" if own[-1] != "0" else "1")):
        assert browser.send(path, token=token).status_code == 403, token
    assert browser.http.post(path, data={"a": "b"}, headers=FORM).status_code == 403
    assert browser.get("/sessions").status_code == 200


def test_each_page_has_another_token_and_all_are_taken(browser: Browser) -> None:
    first, second = browser.token(), browser.token()
    assert first != second
    for token in (first, second, first):
        assert browser.send("/sessions", token=token, session="none").status_code == 303


def test_no_address_changes_anything_by_a_link(monitored: Server) -> None:
    browser = signed_in(monitored, "ada")
    for path in UNSAFE:
        assert browser.get(path).status_code in (200, 303, 404, 405)
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/sessions").status_code == 200


@pytest.mark.parametrize("path", UNSAFE)
def test_body_that_is_no_form_is_refused(browser: Browser, path: str) -> None:
    def sent(body: bytes, kind: str = "application/x-www-form-urlencoded", **more: str) -> int:
        headers = {**FORM, "Content-Type": kind, **more}
        return browser.http.post(path, content=body, headers=headers).status_code

    assert sent(b"{}", "application/json") == 415
    assert sent(b"token=x", "multipart/form-data; boundary=x") == 415
    assert sent(b"token=x", **{"Content-Encoding": "gzip"}) == 415
    assert sent(b"token=%FF") == 400
    assert sent(b"&".join(b"a=b" for _ in range(101))) == 400
    assert sent(b"a=" + b"x" * (16 * 1024)) == 413


def test_tls_gets_cookies_that_no_other_host_can_set(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    with serve(folder, "--public-url", "https://jobs.example.com/backup", "--trusted-proxy", "127.0.0.1") as server:
        page = server.http.get("/sign-in")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-jobreport-form=")
        assert set(cookie.lower().split("; ")[1:]) == {"httponly", "path=/", "samesite=lax", "secure"}
        assert 'action="/backup/sign-in"' in page.text
        answer = server.http.get("/sessions", headers={"Sec-Fetch-Mode": "navigate"})
        assert answer.headers["location"] == "/backup/sign-in?next=%2Fsessions"
        for origin, status in (("https://jobs.example.com", 403), ("http://jobs.example.com", 403)):
            sent = server.http.post("/sign-in", data={"token": "x"}, headers={"Origin": origin})
            assert sent.status_code == status
            # The own origin comes as far as the token.
            assert ("out of date" in sent.text) == (origin[:5] == "https")
