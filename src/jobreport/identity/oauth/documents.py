"""Asks an OpenID provider for JSON over HTTP: with limits of time and size, and without following redirects.

A redirect may lead to a server that nobody here trusts.
"""

import asyncio
import json
from ssl import SSLContext
from typing import Any, Final

import httpx

from jobreport import __version__

TIMEOUT_SECONDS: Final = 5
"""For each step of a request. The whole takes twice as long at the most."""
MAX_DOCUMENT: Final = 512 * 1024


class IssuerError(Exception):
    """Raised if an issuer cannot be asked now, or its answer cannot be used. The message says why."""


def get(url: str, tls: SSLContext | None) -> dict[str, Any]:
    """Returns the JSON object at `url`. Raises IssuerError if there is none."""
    status, document = ask("GET", url, tls)
    if status != httpx.codes.OK:
        raise IssuerError(f"{url} answered {status}")
    return document


def ask(method: str, url: str, tls: SSLContext | None, **how: Any) -> tuple[int, dict[str, Any]]:
    """Sends a request, and returns the status and the JSON object of the answer; of any other answer than 200 an empty
    one if there is no JSON in it. `tls`: how the certificate is verified, if not by the system's authorities. `how`:
    the form (`data`) and `auth`, as httpx takes them. Not for a thread with an event loop.

    Raises IssuerError if the answer is too large, too slow, or 200 and no JSON object.
    """
    try:
        # In an event loop, since httpx has no limit for the whole time otherwise: headers could come without end.
        status, body = asyncio.run(_answer(method, url, tls, how))
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


async def _answer(method: str, url: str, tls: SSLContext | None, how: dict[str, Any]) -> tuple[int, bytes]:
    headers = {"User-Agent": f"jobreport/{__version__}", "Accept": "application/json", "Accept-Encoding": "identity"}
    body = bytearray()
    async with (
        asyncio.timeout(2 * TIMEOUT_SECONDS),
        httpx.AsyncClient(timeout=TIMEOUT_SECONDS, headers=headers, verify=tls or True) as http,
        http.stream(method, url, **how) as answer,
    ):
        if answer.headers.get("content-encoding", "identity") != "identity":
            # A few bytes would become hundreds of megabytes before their size could be looked at.
            raise IssuerError(f"{url} answers compressed, although nobody asked for that")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MAX_DOCUMENT:
                raise IssuerError(f"what {url} answers is too large")
    return answer.status_code, bytes(body)
