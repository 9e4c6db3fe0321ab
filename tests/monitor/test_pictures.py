"""The pictures in the documentation are of the pages as they are: what can be read on these is what is noted of them.

`make pictures` takes them anew, and notes what stands there. How it looks is for eyes: fonts differ between machines.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people import PASSWORD, signed_in
from playwright.sync_api import Browser, ViewportSize

from chromium import CHROMIUM_NEEDED
from clocks import Clock
from jobreport.identity import tenant_settings, tenants
from jobreport.identity.operators import accounts
from jobreport.identity.operators.accounts import Reach
from jobreport.identity.operators.passwords import Passwords
from jobreport.model import ticks
from jobreport.model.roles import Role
from jobreport.sample.history import history
from jobreport.store import open_store
from serving import PATIENCE, Server, program_with, serve

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
TAKE = bool(os.environ.get("JOBREPORT_TEST_PICTURES"))
NOW = ticks.from_iso("2026-11-23T06:58:12Z")
PICTURES = {
    "overview": ("/?tenant=sample-1", 1366, 860),
    "phone": ("/?tenant=sample-1", 390, 844),
    "night": ("/night?tenant=sample-1", 1366, 700),
    "customers": ("/customers", 1366, 420),
}
"""The name of each picture, the page that it shows, and the size of the window in pixels."""


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a Monday morning that stands still, with the sample data of six companies."""
    folder, clock = tmp_path_factory.mktemp("sampled"), Clock()
    clock.now = NOW
    url = f"sqlite:///{folder}/jobs.db"
    store = open_store(url, create=True, clock=clock)
    numbers = {number: tenants.ensure(store, f"sample-{number}").number for number in range(1, 7)}
    for number, jobs in history(12_000, len(numbers), 4, NOW):
        store.record(numbers[number], jobs)
    for number in numbers:
        tenant_settings.change(store, f"sample-{number}", zone="Europe/Berlin")
    reach = Reach((), all_tenants=True)
    accounts.add(store, name="anna", role=Role.Admin, reach=reach, password=PASSWORD, hashing=Passwords())
    store.close()
    program = program_with(folder, "jobreport.clock", f"clock.now_ticks = lambda: {NOW}")
    # Other modules take the name of the clock over when they are loaded: so it is set before.
    with serve(folder, "--trusted-proxy", "127.0.0.1", store=url, program=program, preloaded=False) as server:
        yield server


@pytest.fixture(scope="module")
def session(sampled: Server) -> list[Any]:
    """The cookies of anna, who is signed in."""
    kept = signed_in(sampled, "anna").cookies
    return [{"name": name, "value": value, "url": sampled.url} for name, value in kept.items()]


@CHROMIUM_NEEDED
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_the_page_as_it_is(browser: Browser, session: list[Any], sampled: Server, name: str) -> None:
    path, width, height = PICTURES[name]
    size = ViewportSize(width=width, height=height)
    context = browser.new_context(viewport=size, color_scheme="light")
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies(session)
    page = context.new_page()
    page.goto(sampled.url + path)
    read = "\n".join(filter(None, map(str.strip, [page.title(), *page.inner_text("main").splitlines()])))
    noted = FOLDER / f"{name}.txt"
    if TAKE:
        page.screenshot(path=FOLDER / f"{name}.png")
        noted.write_text(f"{read}\n", encoding="utf-8")
    context.close()
    assert noted.read_text(encoding="utf-8") == f"{read}\n", (
        "the page has changed: run `make pictures`, and look at them"
    )


def test_every_picture_is_shown_and_noted_and_no_other_is_kept() -> None:
    files = (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    shown = {name for file in files for name in re.findall(r"pictures/([\w-]+)\.png", file.read_text(encoding="utf-8"))}
    assert shown == set(PICTURES)
    assert {file.name for file in FOLDER.iterdir()} == {
        f"{name}.{kind}" for name in PICTURES for kind in ("png", "txt")
    }
