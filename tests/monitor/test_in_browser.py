"""The pages of the monitor in a real browser: legible for everybody, alive, quiet, and undisturbed by hostile texts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from people import add_operator, signed_in
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chromium import CHROMIUM_NEEDED
from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.store import open_store
from jobreport.watch import expectations
from jobs import job, unfinished
from serving import PATIENCE, App, Server, serve

pytestmark = CHROMIUM_NEEDED

HOUR = 3600 * ticks.PER_SECOND
HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe\u2066 {{ 7 * 7 }} \'"&amp;<script>x</script>'
OF_ACME = (
    *("/", "/jobs", "/jobs/two-0", "/series", "/series/1", "/incidents", "/series/1/mark", "/series/1/retire"),
    *("/night", "/apps", "/apps/new", "/inboxes", "/audit", "/expectations", "/expectations/new"),
    *("/expectations/by-app/change", "/expectations/by-app/remove"),
)
PAGES = (
    *(f"{path}?tenant=acme" for path in OF_ACME),
    *("/?tenant=globex", "/customers", "/sessions", "/password", "/confirm", "/sign-in", "/nowhere"),
    "/jobs?tenant=acme&endedSince=soon",
)
STATUS = {"/nowhere": 404, PAGES[-1]: 400}
SIZES = (1366, 320)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def now() -> int:
    return ticks.UNIX_EPOCH + time.time_ns() // 100


def nightly(plan: str, days: int, state: str = "Successful", **fields: Any) -> dict[str, Any]:
    return job(f"{plan[:9]}-{days}", startTime=now() - days * 24 * HOUR - HOUR, state=state, plan=plan, **fields)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a customer who has something of everything, and one who never sent anything."""
    with serve(tmp_path_factory.mktemp("shown"), "--log-format", "json", "--trusted-proxy", "127.0.0.1") as server:
        server.provider(make=["globex"])
        add_operator(server, "anna", "--all-tenants", "--role", "admin")
        yield server


@pytest.fixture(scope="module")
def acme(shown: Server) -> App:
    app = shown.app("acme")
    failed = {"comments": "write /srv/1: no space left on device"}
    jobs = [nightly(plan, day, resource="web-1:/home") for plan in ("one", "two", "three") for day in range(1, 6)]
    jobs += [nightly("two", 0, "Failed", **failed), nightly("three", 0, "Exception", comments="2 files changed")]
    names = {"resource": HOSTILE, "description": HOSTILE, "origin": HOSTILE}
    jobs += [nightly(HOSTILE, 0, "Failed", comments=HOSTILE, **names)]
    assert app.write(jobs).status_code == 200
    store = open_store(shown.store)
    expectations.put(store, "acme", Expectation(name="by-app", plan="three", age=14 * ticks.PER_DAY, by="nas-7"))
    store.close()
    return app


@pytest.fixture(scope="module")
def session(shown: Server) -> list[Any]:
    """The cookies of anna, who is signed in."""
    kept = signed_in(shown, "anna").cookies
    return [{"name": name, "value": value, "url": shown.url} for name, value in kept.items()]


@contextmanager
def opened(browser: Browser, cookies: list[Any], **how: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 900}, **how})
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies(cookies)
    yield context
    context.close()


@pytest.fixture
def page(browser: Browser, session: list[Any], acme: App, shown: Server) -> Iterator[Page]:
    """The overview of acme."""
    with opened(browser, session) as context:
        found = context.new_page()
        found.goto(f"{shown.url}/?tenant=acme")
        yield found


@pytest.fixture(scope="module")
def looked_at(browser: Browser, session: list[Any]) -> Iterator[tuple[Page, list[str]]]:
    """One page for all addresses, and what it says meanwhile: to start a page costs more than to look at one."""
    with opened(browser, session) as context:
        page, said = context.new_page(), list[str]()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        # Each time as if it was the first, for a page that has not changed is not sent again.
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        yield page, said


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_legible_for_everybody_and_quiet(
    looked_at: tuple[Page, list[str]], session: list[Any], shown: Server, path: str
) -> None:
    page, said = looked_at
    page.context.clear_cookies()
    if path != "/sign-in":
        page.context.add_cookies(session)
    for scheme, width in product(SCHEMES, SIZES):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        said.clear()
        answer = page.goto(shown.url + path)
        assert answer
        assert answer.status == STATUS.get(path, 200)
        assert urlsplit(page.url).path == urlsplit(path).path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not [one for one in said if f"status of {answer.status}" not in one]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (scheme, width)
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
        assert page.locator("h1").count() == 1


def test_hostile_texts_are_shown_as_they_are_written_and_disturb_nothing(page: Page) -> None:
    row = page.locator("#needs li", has_text="onerror").first
    assert '<img src=x onerror="document.title=1">' in row.inner_text()
    assert "{{ 7 * 7 }}" in row.inner_text()
    assert "U+202E" in row.inner_text()
    assert "\u202e" not in page.content()
    assert page.locator("main img, main script").count() == 0
    assert "need" in page.title()


def test_it_says_the_same_without_scripts(browser: Browser, session: list[Any], shown: Server, acme: App) -> None:
    with opened(browser, session, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{shown.url}/?tenant=acme")
        tiles = page.locator("#tiles li a")
        numbers = {}
        for place in range(tiles.count()):
            word, number = tiles.nth(place).inner_text().split("\n")[:2]
            numbers[word.strip()] = int(number), str(tiles.nth(place).get_attribute("href"))
        for word, (number, address) in numbers.items():
            found = acme.find(*[(name, text) for name, text in _pairs(address) if name != "tenant"])
            assert found.json()["totalCount"] == number, word
        page.goto(shown.url + numbers["Failed"][1])
        assert f"{numbers['Failed'][0]} " in page.locator("h1").inner_text()


def _pairs(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def test_a_report_is_seen_by_itself_and_nothing_is_lost_meanwhile(page: Page, acme: App) -> None:
    assert acme.write([unfinished("runs", "InProgress", startTime=now(), plan="runs")]).status_code == 200
    page.reload()
    expect(page.locator("#as-of")).to_have_attribute("data-running", "1")
    page.locator("#nights-table summary").click()
    link = page.locator("#tiles li a").nth(2)
    link.focus()
    page.evaluate("scrollTo(0, 120)")
    before = page.title()
    assert acme.write([nightly("new", 0, "Failed")]).status_code == 200
    expect(page).not_to_have_title(before, timeout=PATIENCE * 1000)
    expect(page.locator("#needs")).to_contain_text("new")
    assert page.locator("#nights-table").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.getAttribute('href')") == link.get_attribute("href")
    assert page.evaluate("scrollY") == 120
    assert acme.write([job("runs", startTime=now() - HOUR, plan="runs")]).status_code == 200


def test_parts_that_come_and_go_are_seen_by_themselves(browser: Browser, session: list[Any], shown: Server) -> None:
    shown.provider(make=["fresh"])
    fresh = shown.app("fresh")
    with opened(browser, session) as context:
        page = context.new_page()
        page.goto(f"{shown.url}/?tenant=fresh")
        icon = page.locator("link[rel=icon]").get_attribute("href")
        first = unfinished("first", "InProgress", startTime=now() - HOUR, plan="first")
        assert fresh.write([first]).status_code == 200
        expect(page.locator("#unjudged")).to_contain_text("first", timeout=PATIENCE * 1000)
        expect(page.locator("#steps")).to_have_count(0)
        assert page.locator("link[rel=icon]").get_attribute("href") != icon
        page.locator("#nights-table summary").click()
        ended = job("first", startTime=now() - HOUR, plan="first")
        more = unfinished("other", "InProgress", startTime=now() - HOUR, plan="first")
        assert fresh.write([ended, more]).status_code == 200
        expect(page.locator("h1")).to_contain_text("well", timeout=PATIENCE * 1000)
        expect(page.locator("#unjudged")).to_have_count(0)
        assert page.locator("#nights-table").get_attribute("open") is not None
        page.goto(f"{shown.url}/jobs/other?tenant=fresh")
        page.locator("#kept summary").click()
        said = job("other", startTime=now() - HOUR, plan="first", state="Failed", comments="no space left")
        assert fresh.write([said]).status_code == 200
        expect(page.locator("#comments")).to_contain_text("no space left", timeout=PATIENCE * 1000)
        assert page.locator("#kept").get_attribute("open") is not None


def test_what_is_selected_is_left_alone(page: Page, acme: App) -> None:
    assert acme.write([unfinished("runs-2", "InProgress", startTime=now(), plan="runs-2")]).status_code == 200
    page.reload()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#needs li'))")
    marked = page.evaluate("getSelection().toString()")
    before = page.title()
    assert acme.write([nightly("newer", 0, "Failed")]).status_code == 200
    expect(page).not_to_have_title(before, timeout=PATIENCE * 1000)
    assert page.evaluate("getSelection().toString()") == marked
    page.evaluate("getSelection().removeAllRanges()")
    expect(page.locator("#needs")).to_contain_text("newer", timeout=PATIENCE * 1000)
    assert acme.write([job("runs-2", startTime=now() - HOUR, plan="runs-2")]).status_code == 200


def test_it_says_so_when_the_server_cannot_be_reached_and_when_it_can_again(page: Page, acme: App) -> None:
    assert acme.write([unfinished("runs-3", "InProgress", startTime=now(), plan="runs-3")]).status_code == 200
    page.reload()
    place = page.locator("#as-of")
    page.route("**/*", lambda route: route.abort())
    expect(place).to_contain_text("cannot be reached", timeout=PATIENCE * 1000)
    expect(place).to_contain_text("as of")
    page.unroute_all()
    expect(place).not_to_contain_text("cannot be reached", timeout=PATIENCE * 1000)
    assert acme.write([job("runs-3", startTime=now() - HOUR, plan="runs-3")]).status_code == 200


def test_the_keyboard_leads_into_a_customer_and_back_to_the_same_row(page: Page, shown: Server) -> None:
    page.goto(f"{shown.url}/customers?searchText=e")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    name = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?tenant={name}")
    page.keyboard.press("Escape")
    # With the question that was asked there.
    page.wait_for_url("**/customers?searchText=e#*")
    expect(page.locator(f"#of-{name}")).to_be_focused()


def test_comments_are_copied_or_selected_where_nothing_can_be_copied(page: Page, shown: Server) -> None:
    page.goto(f"{shown.url}/jobs/two-0?tenant=acme")
    comments = "write /srv/1: no space left on device"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("#comments button")
    button.click()
    expect(button).to_have_text("copied")
    assert page.evaluate("navigator.clipboard.readText()") == comments
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    button.click()
    expect(button).to_have_text("selected: copy it")
    assert page.evaluate("getSelection().toString()") == comments


def test_a_page_that_has_not_changed_is_not_sent_again(shown: Server, acme: App) -> None:
    assert acme.found() != []
    browser = signed_in(shown, "anna")
    first = browser.get("/customers")
    assert first.headers["cache-control"] == "private, no-cache"
    again = browser.get("/customers", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["as-of"]
    assert acme.write([nightly("another", 0, "Failed")]).status_code == 200
    assert browser.get("/customers", **{"If-None-Match": first.headers["etag"]}).status_code == 200
