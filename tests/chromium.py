"""The browser of the tests: Debian's Chromium, if it is there."""

import os
import shutil

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ALL_TOOLS = bool(os.environ.get("JOBREPORT_TEST_ALL_TOOLS"))
CHROMIUM_NEEDED = pytest.mark.skipif(
    CHROMIUM is None and not ALL_TOOLS, reason="no Chromium here; on Debian: apt install chromium"
)
