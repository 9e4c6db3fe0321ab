"""Makes the HTTP clients by which the tests themselves ask a server of theirs.

A client that trusts the usual authorities reads the certificates of all of them first. That costs more processor time
than most tests, and no test asks a server outside this machine.
"""

import ssl
from typing import Any, Final

import httpx

PATIENCE = 120
"""Seconds that a test waits for what must happen; only a failure ever takes them, on a machine however busy."""
TRUSTS_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def connect(url: str, **options: Any) -> httpx.Client:
    """A client of the server at `url`, without proxies and without trust in anybody; `options` as of `httpx.Client`."""
    return httpx.Client(base_url=url, trust_env=False, **{"timeout": PATIENCE, "verify": TRUSTS_NOBODY} | options)
