"""A real browser in which somebody is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from people import signed_in
from playwright.sync_api import Browser, Page

from serving import PATIENCE, Server


@contextmanager
def page_of(browser: Browser, server: Server, name: str, **how: Any) -> Iterator[Page]:
    """An empty page with the session of this operator; `how` is what Playwright takes for a new context."""
    kept = signed_in(server, name).cookies
    cookies: list[Any] = [{"name": cookie, "value": value, "url": server.url} for cookie, value in kept.items()]
    context = browser.new_context(**how)
    context.set_default_timeout(PATIENCE * 1000)
    context.add_cookies(cookies)
    yield context.new_page()
    context.close()
