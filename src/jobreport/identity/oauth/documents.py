"""Asks an OpenID provider for JSON over HTTP: with limits of time and size, and without following redirects.

A redirect may lead to a server that nobody here trusts.
"""

import json
import time
from ssl import SSLContext
from typing import Any, Final

import httpx

from jobreport import __version__

TIMEOUT_SECONDS: Final = 5
MAX_DOCUMENT: Final = 512 * 1024


class IssuerError(Exception):
    """Raised if an issuer cannot be asked now, or its answer cannot be used. The message says why."""


def client(tls: SSLContext | None = None) -> httpx.Client:
    """Returns what asks. `tls`: how its certificate is verified, if not by the system's authorities."""
    headers = {"User-Agent": f"jobreport/{__version__}", "Accept": "application/json", "Accept-Encoding": "identity"}
    return httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers, verify=tls or True)


def get(http: httpx.Client, url: str) -> dict[str, Any]:
    """Returns the JSON object at `url`. Raises IssuerError if there is none."""
    status, document = ask(http, "GET", url)
    if status != httpx.codes.OK:
        raise IssuerError(f"{url} answered {status}")
    return document


def ask(http: httpx.Client, method: str, url: str, **how: Any) -> tuple[int, dict[str, Any]]:
    """Sends a request, and returns the status and the JSON object of the answer; of any other answer than 200 an empty
    one if there is no JSON in it. `how`: the form (`data`) and `auth`, as httpx takes them.

    Raises IssuerError if the answer is too large, too slow, or 200 and no JSON object.
    """
    body, give_up = bytearray(), time.monotonic() + 2 * TIMEOUT_SECONDS
    try:
        with http.stream(method, url, **how) as answer:
            status = answer.status_code
            if answer.headers.get("content-encoding", "identity") != "identity":
                # A few bytes would become hundreds of megabytes before their size could be looked at.
                raise IssuerError(f"{url} answers compressed, although nobody asked for that")
            for part in answer.iter_bytes():
                body += part
                if len(body) > MAX_DOCUMENT or time.monotonic() > give_up:
                    raise IssuerError(f"what {url} answers is too large or too slow")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise IssuerError(f"{url} does not answer ({type(error).__name__})") from None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        if status != httpx.codes.OK:
            return status, {}
        raise IssuerError(f"{url} answered something that is no JSON") from None
    if not isinstance(document, dict):
        raise IssuerError(f"{url} answered something that is no JSON object")
    return status, document
