"""The addresses of the monitor: method, path and page. `app` adds them to those of the API."""

from typing import Final

from jobreport.monitor.page import Page
from jobreport.monitor.pages import overview, sign_in, static

PAGES: Final[tuple[tuple[str, str, Page], ...]] = (
    # One line a page.
    ("GET", "/", overview.SHOW),
    ("GET", "/sign-in", sign_in.SHOW),
    ("GET", "/static/{name}", static.SHOW),
)
