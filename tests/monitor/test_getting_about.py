"""People get about: each link leads somewhere, keys reach all, the way back loses nothing, and paper has the rest."""

import html
import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import page_of
from people import Browser as Client
from people import signed_in
from playwright.sync_api import Browser, Page, expect

from chromium import CHROMIUM_NEEDED
from jobreport.model import ticks
from jobs import job
from serving import Server

LINK = re.compile(r'(?:href|action)="(/[^"]*)"')
FOCUS = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  const place = [...document.querySelectorAll("*")].indexOf(here);
  return [here === document.body ? -1 : place, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0];
}"""
REACHED = """() => [...document.querySelectorAll("a[href], button, input, summary")].filter(
  (one) => one.type !== "hidden" && one.checkVisibility()).length"""


@pytest.fixture
def acme(monitored: Server, tenant: str) -> str:
    """The name of a tenant with a series that is good, and one that is not."""
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    jobs = [
        job(f"{plan}-{day}", plan=plan, resource="web-1", startTime=now - day * ticks.PER_DAY - 36_000_000_000)
        for plan in ("one", "two")
        for day in range(1, 4)
    ]
    failed = job("two-0", plan="two", resource="web-1", state="Failed", comments="no space left", startTime=now)
    assert monitored.app(tenant).write([*jobs, failed]).status_code == 200
    return tenant


@pytest.fixture
def page(browser: Browser, monitored: Server, acme: str) -> Iterator[Page]:
    """The overview of the tenant."""
    with page_of(browser, monitored, "anna") as found:
        found.goto(f"{monitored.url}/?tenant={acme}")
        yield found


def parts(address: str) -> set[tuple[str, str]]:
    """What is tried of an address: its page, whatever numbers and IDs it names, with each of its parameters."""
    path, query = urlsplit(address)[2:4]
    page = "/".join("0" if any(map(str.isdigit, step)) else step for step in path.split("/"))
    return {(page, name) for name, _ in [("", ""), *parse_qsl(query)]}


def test_every_link_of_every_page_leads_somewhere(monitored: Server, acme: str) -> None:
    anna: Client = signed_in(monitored, "anna")
    waiting, seen, led = [f"/?tenant={acme}"], set[tuple[str, str]](), dict[str, int]()
    while waiting:
        address = waiting.pop()
        answer = anna.get(address)
        led[address] = answer.status_code
        if answer.status_code == 303:
            waiting.append(answer.headers["location"].partition("#")[0])
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for found in map(html.unescape, LINK.findall(answer.text)):
            path = found.partition("#")[0]
            is_mine = dict(parse_qsl(urlsplit(path).query)).get("tenant", acme) == acme
            if is_mine and not parts(path) <= seen and not path.startswith(("/static/", "/sign-out")):
                seen |= parts(path)
                waiting.append(path)
    pages = {
        "/jobs",
        "/jobs/0",
        "/series",
        "/series/0",
        "/night",
        "/apps",
        "/inboxes",
        "/audit",
        "/customers",
        "/sessions",
        "/export",
    }
    assert pages <= {page for page, _ in seen}
    assert {one: status for one, status in led.items() if status not in (200, 303)} == {}


@CHROMIUM_NEEDED
def test_all_of_a_page_is_reached_by_the_tabulator_and_one_sees_where_one_is(page: Page) -> None:
    reached = dict[int, bool]()
    while True:
        page.keyboard.press("Tab")
        place, is_seen = page.evaluate(FOCUS)
        if place < 0 or place in reached:
            break
        reached[place] = is_seen
    assert len(reached) == page.evaluate(REACHED)
    assert all(reached.values())


@CHROMIUM_NEEDED
def test_the_keys_are_told_and_what_the_bars_mean(page: Page) -> None:
    keys = page.locator("#keys")
    expect(keys).not_to_be_visible()
    page.keyboard.press("?")
    expect(keys).to_contain_text("j next row")
    page.keyboard.press("?")
    expect(keys).not_to_be_visible()
    page.locator("#legend summary").click()
    expect(page.locator("#legend li")).to_have_text(
        ["good", "with exceptions", "stopped", "failed", "did not start", "no data", "nothing ran"]
    )


@CHROMIUM_NEEDED
def test_the_way_back_restores_the_filters(page: Page, monitored: Server, acme: str) -> None:
    page.goto(f"{monitored.url}/jobs?tenant={acme}")
    page.locator("#filters summary").click()
    page.fill("#f-plan", "two")
    page.locator("#filters button").click()
    expect(page.locator("h1")).to_have_text("4 jobs: plan two")
    page.locator(".chips a", has_text="not good").click()
    expect(page.locator("h1")).to_have_text("1 job: not good, plan two")
    page.locator("#list a[data-row]").click()
    expect(page.locator("h1")).to_contain_text("Failed")
    page.go_back()
    expect(page.locator("h1")).to_have_text("1 job: not good, plan two")
    page.go_back()
    expect(page.locator("h1")).to_have_text("4 jobs: plan two")
    expect(page.locator("#f-plan")).to_have_value("two")
    expect(page.locator("#list a[data-row]")).to_have_count(4)


@CHROMIUM_NEEDED
def test_on_paper_there_is_what_was_asked_and_no_navigation(page: Page, monitored: Server, acme: str) -> None:
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#needs")).to_be_visible()
    for part in (".top", ".nights", "button"):
        assert not any(one.is_visible() for one in page.locator(part).all())
    expect(page.locator(".paper")).to_contain_text(acme)
    expect(page.locator("#period h2")).to_be_visible()
    assert page.pdf().startswith(b"%PDF-")
    # As wide as a sheet of paper is: the customers are a table on it, without what can only be clicked.
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto(f"{monitored.url}/customers?searchText={acme}")
    expect(page.locator("table.customers thead")).to_be_visible()
    assert page.locator(".customers tr").first.evaluate("(row) => getComputedStyle(row).display") == "table-row"
    for part in ("#search", ".chip", "td.who a"):
        assert not any(one.is_visible() for one in page.locator(part).all())
