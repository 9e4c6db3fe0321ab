"""The browser of the tests: Debian's Chromium, if it is there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
CHROMIUM_NEEDED = pytest.mark.skipif(
    CHROMIUM is None and not ALL_TOOLS, reason="no Chromium here; on Debian: apt install chromium"
)


@contextmanager
def launched() -> "Iterator[Browser]":
    """Starts the browser, and closes it at the end."""
    from playwright.sync_api import sync_playwright  # only who needs it waits for it

    assert CHROMIUM
    with sync_playwright() as playwright:
        # The sandbox wants rights that containers and root do not have.
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()
