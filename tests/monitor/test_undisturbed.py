"""Pages that keep themselves up to date lose no input, and ask for nothing while nobody sees them."""

from collections.abc import Iterator

import pytest
from browsing import page_of
from people import add_operator
from playwright.sync_api import Browser, Page, expect

from chromium import CHROMIUM_NEEDED
from jobs import job, unfinished
from serving import PATIENCE, App, Server, serve

pytestmark = CHROMIUM_NEEDED

# A browser without a window shows all its pages, so the page is told that it is hidden, as a browser with tabs tells.
HIDDEN = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose only operator is anna."""
    with serve(tmp_path_factory.mktemp("alone"), "--trusted-proxy", "127.0.0.1") as server:
        add_operator(server, "anna", "--all-tenants", "--role", "admin")
        yield server


@pytest.fixture
def acme(alone: Server) -> App:
    """The app of a tenant with a job that runs, so that its pages ask every five seconds."""
    app = alone.app("acme")
    assert app.write([unfinished("runs", "InProgress", plan="runs")]).status_code == 200
    return app


@pytest.fixture
def page(browser: Browser, alone: Server, acme: App) -> Iterator[Page]:
    with page_of(browser, alone, "anna") as found:
        yield found


def test_what_is_typed_and_not_sent_stays(page: Page, alone: Server, acme: App) -> None:
    page.goto(f"{alone.url}/jobs?tenant=acme&plan=new")
    page.locator("#filters summary").click()
    page.fill("#f-searchText", "half a wor")
    page.select_option("#f-serviceType", label="VMware")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    # The list comes in the place of a text that there is none, so the whole page is replaced.
    page.evaluate("document.getElementById('list').id = 'another'")
    assert acme.write([job("new", plan="new")]).status_code == 200
    page.evaluate(HIDDEN, False)
    expect(page.locator("#list")).to_contain_text("new", timeout=PATIENCE * 1000)
    expect(page.locator("#f-searchText")).to_have_value("half a wor")
    assert page.locator("#f-serviceType option:checked").inner_text() == "VMware"
    assert page.locator("#filters").get_attribute("open") is not None
    expect(page.locator("#f-plan")).to_have_value("new")


def test_a_page_that_nobody_sees_asks_for_nothing_and_asks_at_once_when_it_is_seen(
    page: Page, alone: Server, acme: App
) -> None:
    page.clock.install()
    page.goto(f"{alone.url}/?tenant=acme")
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.clock.run_for(6_000)
    page.evaluate(HIDDEN, True)
    asked.clear()
    page.clock.run_for(600_000)
    assert asked == []
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.evaluate(HIDDEN, False)
