"""On a phone the line on top takes two lines, what is touched is large enough, and numbers say what they are."""

import re
import time
from collections.abc import Iterator

import pytest
from browsing import page_of
from playwright.sync_api import Browser, Page, expect

from chromium import CHROMIUM_NEEDED
from jobreport.model import ticks
from jobreport.model.expectation import Expectation
from jobreport.store import open_store
from jobreport.watch import expectations
from jobs import job
from serving import Server

pytestmark = CHROMIUM_NEEDED

TOO_SMALL = """() => [...document.querySelectorAll(
  "button, summary, .top a, .chip a, a.chip, a.who, td.num a, .nights a, .pages a, .more a")].filter(
  (one) => one.checkVisibility()).map((one) => [one.textContent.trim(), one.getBoundingClientRect()]).filter(
  ([text, box]) => box.width > 0 && (box.width < 24 || box.height < 24)).map(([text]) => text)"""
"""What is smaller than targets should be (WCAG 2.2, 2.5.8). Links in a text, and of a row, have space around them."""


@pytest.fixture(scope="module")
def phone(browser: Browser, monitored: Server) -> Iterator[Page]:
    """The browser of an admin on a phone, who has a tenant with one series that is good, and one that is not."""
    now = ticks.UNIX_EPOCH + time.time_ns() // 100
    times = [now - day * ticks.PER_DAY - 36_000_000_000 for day in range(4)]
    good = [job(f"one-{day}", plan="one", resource="web-1", startTime=at) for day, at in enumerate(times)]
    failed = job("two", plan="two", state="Failed", comments="no space left", startTime=times[0])
    assert monitored.app("phone").write([*good, failed]).status_code == 200
    store = open_store(monitored.store)
    expectations.put(store, "phone", Expectation(name="one", plan="one", age=ticks.PER_DAY))
    store.close()
    with page_of(browser, monitored, "anna", viewport={"width": 390, "height": 844}) as found:
        yield found


PATHS = (
    *("/", "/jobs", "/series", "/series/1", "/incidents", "/night", "/customers", "/apps"),
    *("/expectations", "/expectations/new", "/expectations/one/remove"),
)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_touched_is_large_enough_and_the_top_takes_two_lines(phone: Page, monitored: Server, path: str) -> None:
    phone.goto(f"{monitored.url}{path}{'' if path == '/customers' else '?tenant=phone'}")
    assert phone.evaluate(TOO_SMALL) == []
    assert phone.locator(".top").evaluate("(top) => top.offsetHeight") < 80
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_numbers_say_what_they_are(phone: Page, monitored: Server) -> None:
    phone.goto(f"{monitored.url}/jobs?tenant=phone")
    told = "(cell) => getComputedStyle(cell, '::before').content"
    cells = phone.locator("#list tbody tr").first.locator("td[data-l]")
    assert cells.evaluate_all(f"(cells) => cells.map({told})") == ['"ended "', '"took "', '"objects "']
    expect(phone.locator(".whose")).to_have_attribute("href", re.compile("/customers#of-phone$"))
