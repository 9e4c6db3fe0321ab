"""The browser of the tests: Debian's Chromium, if it is there.

Best without windows: one that has them, shown or not, takes four times as long for each page that it opens.
"""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
CHROMIUM_NEEDED = pytest.mark.skipif(
    CHROMIUM is None and not ALL_TOOLS, reason="no Chromium here; on Debian: apt install chromium-headless-shell"
)


@contextmanager
def launched() -> "Iterator[tuple[Browser, asyncio.AbstractEventLoop]]":
    """Starts the browser, and closes it at the end; with the event loop that Playwright has for it.

    The loop is this thread's running one, beside which no test could run its own, only within `shown`.
    """
    from playwright.sync_api import sync_playwright  # only who needs it waits for it

    assert CHROMIUM
    with sync_playwright() as playwright:
        # The sandbox wants rights that containers and root do not have.
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield found, loop
        asyncio._set_running_loop(loop)
        found.close()


@contextmanager
def shown(browser: "Browser", loop: asyncio.AbstractEventLoop) -> "Iterator[Browser]":
    """The browser for as long as the context lasts, without anything of whoever had it before."""
    asyncio._set_running_loop(loop)
    yield browser
    for context in browser.contexts:
        context.close()
    asyncio._set_running_loop(None)
