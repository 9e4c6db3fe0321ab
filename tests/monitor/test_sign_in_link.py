"""The page of a link that signs in once: over HTTP, and in a browser without scripts."""

import html
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from people import FORM, Browser, add_operator
from playwright.sync_api import Browser as Chromium

from chromium import CHROMIUM_NEEDED
from serving import PATIENCE, Server, typed

NOBODY = "This link signs nobody in any more"


def link(server: Server, name: str) -> str:
    """Makes a link; returns its path."""
    made = typed("operator", "link", name, "--url", f"{server.url}/", "--store", server.store, "--json")
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["address"]).removeprefix(server.url)


def press(browser: Browser, path: str) -> int:
    """Presses the button of the page. The status of the answer."""
    key = path.partition("key=")[2]
    return browser.send("/sign-in/link", form=path, key=key).status_code


def test_button_signs_in_once_and_no_program_that_looks_uses_it_up(monitored: Server, tenant: str) -> None:
    add_operator(monitored, tenant)
    path = link(monitored, tenant)
    for _ in range(3):
        seen = Browser(monitored).get(path)
        assert seen.status_code == 200
        assert f"Sign in as <bdi>{tenant}</bdi>" in seen.text
        assert "jobreport-session" not in seen.headers.get("set-cookie", "")
    browser = Browser(monitored)
    assert press(browser, path) == 303
    assert f"<bdi>{tenant}</bdi>" in browser.get("/sessions").text
    late = Browser(monitored)
    shown = late.get(path)
    assert (shown.status_code, NOBODY in shown.text) == (404, True)
    token = late.token("/sign-in")
    again = late.send("/sign-in/link", token=token, key=path.partition("key=")[2])
    assert (again.status_code, NOBODY in again.text) == (404, True)
    assert late.get("/sessions").status_code == 303
    assert path.partition("key=")[2] not in monitored.log


def test_audit_log_says_that_it_was_a_link(monitored: Server, tenant: str) -> None:
    add_operator(monitored, tenant)
    assert press(Browser(monitored), link(monitored, tenant)) == 303
    told = typed("audit", "--tenant", "_service", "--store", monitored.store, "--json")
    every = json.loads(told.stdout)
    entries = [one for one in every if one["target"] == f"operator:{tenant}"]
    made, used = (next(one for one in entries if one["action"] == f"operator.{name}") for name in ("link", "signed-in"))
    assert made["actor"].startswith("user:")
    assert (used["actor"], used["detail"]["by"]) == (f"operator:{tenant}", "link")


def test_another_site_cannot_press_the_button(monitored: Server, tenant: str) -> None:
    add_operator(monitored, tenant)
    path = link(monitored, tenant)
    browser = Browser(monitored)
    fields = {"token": browser.token(path), "key": path.partition("key=")[2]}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.http.post("/sign-in/link", data=fields, headers=headers).status_code == 403
    assert browser.http.post("/sign-in/link", data={**fields, "token": "x"}, headers=FORM).status_code == 403
    assert Browser(monitored).http.post("/sign-in/link", data=fields, headers=FORM).status_code == 403
    assert press(browser, path) == 303


def test_link_replaces_the_session_that_the_browser_had(monitored: Server, tenant: str) -> None:
    add_operator(monitored, tenant)
    browser = Browser(monitored)
    assert browser.sign_in("vera").status_code == 303
    before = browser.cookies
    assert press(browser, link(monitored, tenant)) == 303
    assert f"<bdi>{tenant}</bdi>" in browser.get("/sessions").text
    old = Browser(monitored)
    old.http.cookies.update(before)
    assert old.get("/sessions").status_code == 303


@pytest.mark.parametrize("query", ["", "?key=", "?key=jrl_nothing", "?key=%00", "?key=a&key=b"])
def test_address_that_is_no_link_says_so(monitored: Server, query: str) -> None:
    shown = Browser(monitored).get(f"/sign-in/link{query}")
    assert shown.status_code == 404
    assert NOBODY in html.unescape(shown.text)
    assert not re.search("<form", shown.text)


@CHROMIUM_NEEDED
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_opens_the_link_in_a_browser(browser: Chromium, monitored: Server, tenant: str, scripts: bool) -> None:
    add_operator(monitored, tenant, "--tenants", "acme")
    path = link(monitored, tenant)
    context = browser.new_context(java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto(monitored.url + path)
    if scripts:
        assert Axe().run(page).violations_count == 0
    with page.expect_navigation():
        page.get_by_role("button", name=f"Sign in as {tenant}").click()
    page.wait_for_url(f"{monitored.url}/")
    page.goto(monitored.url + path)
    assert page.get_by_role("heading", level=1).inner_text() == NOBODY
    if scripts:
        assert Axe().run(page).violations_count == 0
    context.close()
