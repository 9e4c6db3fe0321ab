"""Sends HTTP requests for all kinds of channels, and decides which answers mean that a message was not taken."""

import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx

from jobreport import http_times
from jobreport.hosts import is_loopback
from jobreport.watch.channels import letter
from jobreport.watch.channels.base import UndeliveredError

STEP_SECONDS: Final = 20
"""How long a receiver may take to be connected, to read, and for each part of its answer."""
MOST_ANSWER: Final = 4096
"""So many bytes of an answer are read."""
LONGEST_WAIT: Final = 3600.0
"""The longest time, in seconds, for which a receiver may keep us from trying again."""

_OF_THE_MESSAGE: Final = frozenset({400, 413, 415, 422})
"""What is answered about this message; all others are about the receiver."""
_GONE: Final = 410
_SHOWN: Final = 100
"""So many characters of a reason that a receiver gives are shown."""


def check(key: str, address: str) -> None:
    """Raises ValueError if an address cannot be posted to: it must be https, or on this machine."""
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError(f"{key} must be an address such as https://example.com/hook, without a user")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"{key} must begin with https; http is for a receiver on this machine only")


class Receiver:
    """One receiver of requests, whose `ca` is a file with the authority of its certificate; empty: the usual ones."""

    def __init__(self, ca: str = "") -> None:
        self._ca = ca
        self._client: httpx.Client | None = None

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Posts a body. Raises UndeliveredError.

        Only the host of the address is in the message: the rest of it may be a secret.
        """
        self._send("POST", address, body, {"Content-Type": "application/json", **headers})

    def get(self, address: str) -> None:
        """Asks for an address. Raises UndeliveredError as `post` does."""
        self._send("GET", address, b"", {})

    def _send(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        host = urlsplit(address).hostname or ""
        sent = {"User-Agent": "jobreport", **headers}
        try:
            opened = self._opened().stream(method, address, content=body, headers=sent)
            # What it says is not needed: its status is there.
            with opened as response, suppress(httpx.HTTPError):
                _read(response)
        except httpx.TimeoutException:
            raise UndeliveredError(f"{host} does not answer in {STEP_SECONDS} s") from None
        except (httpx.HTTPError, OSError) as error:
            raise UndeliveredError(f"{host} cannot be reached: {_reason(error)}") from None
        if not response.is_success:
            raise _refused(host, response)

    def _opened(self) -> httpx.Client:
        if self._client is None:
            tls = ssl.create_default_context(cafile=self._ca or None)
            # A redirect is not followed: it would carry the message to an address that nobody named.
            self._client = httpx.Client(verify=tls, timeout=STEP_SECONDS, follow_redirects=False)
        return self._client


def _read(response: httpx.Response) -> None:
    """Reads an answer to its end, if that is near: then the connection can be used again."""
    read = 0
    for piece in response.iter_raw(MOST_ANSWER):
        if (read := read + len(piece)) >= MOST_ANSWER:
            break


def _refused(host: str, response: httpx.Response) -> UndeliveredError:
    status = response.status_code
    why = f"{host} answers {status} {letter.one_line(response.reason_phrase)[:_SHOWN]}".rstrip()
    if response.is_redirect:
        return UndeliveredError(f"{why}: the address has moved, and the new one must be named")
    return UndeliveredError(why, alone=status in _OF_THE_MESSAGE, for_good=status == _GONE, after=_wait(response))


def _wait(response: httpx.Response) -> float:
    return min(http_times.retry_after(response.headers.get("retry-after")) or 0.0, LONGEST_WAIT)


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "it broke off the connection"
