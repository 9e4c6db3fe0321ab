"""Signing in with a real browser, which says by itself where a form comes from; and how those pages look."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from people import PASSWORD, add_operator, signed_in
from playwright.sync_api import Browser, BrowserContext, Page

from chromium import CHROMIUM_NEEDED
from serving import PATIENCE, Server

pytestmark = CHROMIUM_NEEDED
NEW = "seven green bottles on a wall"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def opened(browser: Browser, **how: Any) -> BrowserContext:
    context = browser.new_context(**how)
    context.set_default_timeout(PATIENCE * 1000)
    return context


def sign_in(page: Page, url: str, name: str, password: str = PASSWORD) -> None:
    page.goto(url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    # The page that is there has long been loaded: to wait for that would not wait for the answer.
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_signs_in_changes_the_password_and_leaves(
    browser: Browser, monitored: Server, tenant: str, scripts: bool
) -> None:
    add_operator(monitored, tenant)
    context = opened(browser, java_script_enabled=scripts)
    page, url = context.new_page(), monitored.url
    sign_in(page, f"{url}/sessions?a=b", tenant, "this one is a wrong one")
    assert "do not belong together" in page.get_by_role("alert").inner_text()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/sessions?a=b")
    page.get_by_role("link", name="Change your password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change it").click()
    page.wait_for_url(f"{url}/sessions")
    page.goto(f"{url}/confirm?next=/sessions%3Fx=1")
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{url}/sessions?x=1")
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url(f"{url}/sign-in")
    page.goto(f"{url}/sessions")
    assert page.url == f"{url}/sign-in?next=%2Fsessions"
    context.close()


def test_form_of_another_site_does_nothing(browser: Browser, monitored: Server) -> None:
    context = opened(browser)
    page, url = context.new_page(), monitored.url
    sign_in(page, f"{url}/sessions", "gus")
    token = page.locator("input[name=token]").first.get_attribute("value")
    # `localhost` is another site than 127.0.0.1. Even the right token does not help.
    form = (
        f'<form method="post" action="{url}/sign-out"><input name="token" value="{token}"><button>Win</button></form>'
    )
    context.route("http://localhost:1/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("http://localhost:1/")
    with page.expect_response(f"{url}/sign-out") as sent:
        page.get_by_role("button").click()
    assert sent.value.status == 403
    page.goto(f"{url}/sessions")
    assert page.url == f"{url}/sessions"
    context.close()


@pytest.mark.parametrize("path", ["/password", "/confirm"])
def test_what_was_wrong_in_a_form_is_legible_for_everybody(browser: Browser, monitored: Server, path: str) -> None:
    """How the forms look before is tried with all other pages."""
    context = opened(browser, viewport={"width": 320, "height": 900})
    kept = signed_in(monitored, "vera").cookies
    context.add_cookies([{"name": name, "value": value, "url": monitored.url} for name, value in kept.items()])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(monitored.url + path)
    page.locator("input[type=password]").first.fill("this one is wrong, and long enough")
    for field in page.locator("input[type=password]").all()[1:]:
        field.fill(NEW)
    page.locator("main button.first").click()
    page.get_by_role("alert").wait_for()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert Axe().run(page).violations_count == 0, scheme
    assert [one for one in said if "status of 403" not in one] == []
    context.close()
