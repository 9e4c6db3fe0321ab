"""Signing in by an OpenID provider of another maker's (oidc-provider-mock), with a real browser that goes there."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from provided import listed

from chromium import CHROMIUM_NEEDED
from serving import PATIENCE, Server, serve, typed, until

pytestmark = CHROMIUM_NEEDED
SETTINGS = "client-id=jobreport roles-claim=groups role:ops=operator role:leads=admin tenant=acme name=ACME"
SAID = "Sign in with ACME"


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider, in a process of its own: its libraries warn, and warnings are errors here. Its address."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    log = tmp_path_factory.mktemp("mock") / "log"
    with log.open("wb") as out:
        words = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
        process = subprocess.Popen(words, stdout=out, stderr=out)

    def is_there() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{url}/jwks", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    until(is_there, "the provider")
    for person, groups in {"petra": ["ops"], "lea": ["leads"], "carl": ["cleaning"]}.items():
        claims = {"preferred_username": person, "groups": groups}
        assert httpx.put(f"{url}/users/{person}", json=claims, trust_env=False).status_code == 204
    yield url
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def server(mock: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("by mock")
    options = ("--log-format", "json", "--sign-in-provider", f"{mock} {SETTINGS}")
    with serve(folder, *options, JOBREPORT_SIGN_IN_SECRET="any") as found:
        assert typed("tenant", "create", "acme", "--store", found.store).returncode == 0
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context()
    found.set_default_timeout(PATIENCE * 1000)
    yield found
    found.close()


def give(page: Page, mock: str, person: str) -> None:
    """Says at the provider who this is, and waits until the browser has left it."""
    page.wait_for_url(f"{mock}/**")
    page.locator("input[name=sub]").last.fill(person)
    page.locator("input[name=sub]").last.press("Enter")
    page.wait_for_url(lambda url: not url.startswith(mock))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_signs_in_and_out_by_the_provider(browser: Browser, server: Server, mock: str, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{server.url}/sessions?a=b")
    page.get_by_role("link", name=SAID).click()
    give(page, mock, "petra")
    page.wait_for_url(f"{server.url}/sessions?a=b")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in here")
    found = listed(server)["petra"]
    assert (found["role"], found["tenants"], found["subject"]) == ("operator", ["acme"], "petra")
    # The policy of the page lets its form lead to this monitor alone: the way on to the provider is another one.
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.wait_for_url(f"{mock}/oauth2/end_session?**")
    page.locator("button, input[type=submit]").first.click()
    page.wait_for_url(f"{server.url}/sign-in?state=*")
    expect(page.get_by_role("status")).to_have_text("You are signed out, here and at ACME.")
    page.goto(f"{server.url}/sessions")
    assert page.url == f"{server.url}/sign-in?next=%2Fsessions"
    assert [line for line in said if "Content Security Policy" in line or "Content-Security-Policy" in line] == []
    context.close()


def test_who_has_no_role_reads_what_is_missing(context: BrowserContext, server: Server, mock: str) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.get_by_role("link", name=SAID).click()
    give(page, mock, "carl")
    expect(page.get_by_role("alert")).to_contain_text(
        "It must have one of these values: ops (operator), leads (admin)."
    )
    assert Axe().run(page).violations_count == 0
    page.goto(f"{server.url}/sessions")
    assert "/sign-in" in page.url


def test_code_that_somebody_else_began_signs_nobody_in(context: BrowserContext, server: Server) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as attacker:
        at_provider = attacker.get(f"{server.url}/sign-in/provider").headers["location"]
        address = attacker.post(at_provider, data={"sub": "petra"}).headers["location"]
    assert address.startswith(f"{server.url}/sign-in/return?")
    assert "code=" in address
    victim = context.new_page()
    victim.goto(address)
    expect(victim.get_by_role("alert")).to_contain_text("was not begun in this browser")
    victim.goto(f"{server.url}/sessions")
    assert "/sign-in" in victim.url


def test_pages_are_legible_for_everybody(context: BrowserContext, server: Server, mock: str) -> None:
    page = context.new_page()

    def look() -> None:
        for width in (1366, 320):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width

    page.goto(f"{server.url}/sign-in")
    look()
    page.get_by_role("link", name=SAID).click()
    give(page, mock, "lea")
    page.goto(f"{server.url}/confirm?next=/sessions%3Fx=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in again")
    look()
    page.get_by_role("link", name="Sign in with ACME again").click()
    give(page, mock, "petra")
    expect(page.get_by_role("alert")).to_contain_text("You signed in at ACME as somebody else. Sign in there as lea.")
    look()
    page.get_by_role("link", name="Sign in with ACME again").click()
    give(page, mock, "lea")
    page.wait_for_url(f"{server.url}/sessions?x=1")
    look()
