"""Makes the HTTP clients by which the tests themselves ask a server of theirs, and waits for what must happen there.

A client that trusts the usual authorities reads the certificates of all of them first. That costs more processor time
than most tests, and no test asks a server outside this machine.
"""

import gc
import ssl
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import httpx

PATIENCE = 120
"""Seconds that a test waits for what must happen; only a failure ever takes them, on a machine however busy."""
T = TypeVar("T")
TRUSTS_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def connect(url: str, **options: Any) -> httpx.Client:
    """A client of the server at `url`, without proxies and without trust in anybody; `options` as of `httpx.Client`."""
    return httpx.Client(base_url=url, trust_env=False, **{"timeout": PATIENCE, "verify": TRUSTS_NOBODY} | options)


def until(ask: Callable[[], T], what: str = "it") -> T:
    """The first true answer of `ask`; fails where none comes in time."""
    began = time.monotonic()
    tidied = 1.0
    while not (answer := ask()):
        waited = time.monotonic() - began
        assert waited < PATIENCE, f"waited {PATIENCE} s for {what}"
        if waited > tidied:
            # A connection that a failed try has left may be held by garbage, and its server waits for its end.
            gc.collect()
            tidied = waited + 5
        time.sleep(0.02)
    return answer
