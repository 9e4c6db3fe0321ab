"""Sends requests to the HTTP API of a system in which backups run, and says in words what is wrong with its answers.

Requests go to one server only: they contain a secret, so redirects and links to the next page must stay on that server.
All requests only read, even those that are a POST, so each may be sent again.
"""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import tenacity

from jobreport import http_times, secret_files
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.paging import require_same_host
from jobreport.hosts import is_loopback

T = TypeVar("T")
MOST_ANSWER: Final = 64 * 1024 * 1024
"""The longest answer that is read as a whole, in bytes."""
CONNECT_SECONDS: Final = 10.0
PART_SECONDS: Final = 60.0
"""To connect, and for each part of an answer, in seconds."""
ANSWER_SECONDS: Final = 900.0
"""To wait for all parts of an answer: one that comes by the byte would hold its connector for ever."""
TRIES: Final = 5
LONGEST_WAIT: Final = 60.0
"""The longest pause before it is asked again, in seconds; a server that wants a longer one is not asked again."""
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_growing: Final = tenacity.wait_exponential(0.25, LONGEST_WAIT) + tenacity.wait_random(0.0, 0.25)


class AnsweredError(CannotReadError):
    """Raised if the server answers that it does not do what is asked: with this status, and this body."""

    def __init__(self, message: str, status: int, body: bytes = b"", wait: float = 0.0) -> None:
        self.status, self.body, self.wait = status, body, wait
        super().__init__(message)


class DeniedError(AnsweredError):
    """Raised if the right is missing."""


class UnauthorizedError(AnsweredError):
    """Raised if the credentials are not taken."""


class AbsentError(AnsweredError):
    """Raised if there is nothing at this address."""


class SilentError(CannotReadError):
    """Raised if no answer comes. `passing`: it may well come the next time."""

    def __init__(self, message: str, *, passing: bool) -> None:
        self.passing = passing
        super().__init__(message)


class Answered(msgspec.Struct, frozen=True):
    """An answer: its body as it came, and the server's own time (ticks; 0: it did not say)."""

    body: bytes
    clock: int


Headers = Mapping[str, str]
SignIn = Callable[["HttpServer"], Headers]
"""Returns the headers that requests need. It asks by `once`, which does not sign in."""


def check_address(key: str, address: str) -> None:
    """Raises ValueError if a key's address cannot be asked with a secret: it must be https, or on this machine."""
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"{key} must be an address such as https://backup.example.com, without a user")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"{key} must begin with https; http is for a server on this machine only")


def secret(key: str, file: str) -> str:
    """Returns what is secret in the file that a key names. Raises CannotReadError if it has not one line."""
    try:
        return secret_files.only(key, file)
    except secret_files.SecretFileError as error:
        raise CannotReadError(str(error)) from None


class HttpServer:
    """A server at an address that `check_address` takes. `who` it is, is said of it in messages: `the Veeam server`.

    `ca_file` is a PEM file with the authorities that its certificate may come from; empty: the usual ones. `headers`
    are sent with each request. `sign_in` gives those that are secret: at the first request, and anew when they are not
    taken any more. Raises CannotReadError if `ca_file` cannot be read.
    """

    def __init__(
        self,
        address: str,
        who: str,
        *,
        ca_file: str = "",
        headers: Headers | None = None,
        sign_in: SignIn | None = None,
    ) -> None:
        self._address, self._who, self._sign_in = address.rstrip("/") + "/", who, sign_in
        self._signed: Headers | None = None
        plain = self._address.startswith("http:")
        self._client = httpx.Client(
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else trusted(ca_file),
            timeout=httpx.Timeout(PART_SECONDS, connect=CONNECT_SECONDS),
            headers=_encoded(
                {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "jobreport"}
                | dict(headers or {})
            ),
            follow_redirects=False,
            trust_env=not plain,  # no proxy is told what may only go to this machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def get(self, path: str, what: str, /, **parameters: Any) -> Answered:
        """Returns the answer to GET. `path` is beside the address, or whole, as a next page's.

        `what` is asked for is said in messages: `sessions`, `the tasks of node pve1`. A parameter that is None is left
        out; one that is a list comes repeatedly. Raises CannotReadError.
        """
        return self._ask("GET", path, what, self._whole, params=_told(parameters))

    def post(self, path: str, what: str, document: Any) -> Answered:
        """Returns the answer to a document in JSON, as `get` does."""
        body = msgspec.json.encode(document)
        return self._ask("POST", path, what, self._whole, content=body, headers={"Content-Type": "application/json"})

    def pieces(self, path: str, what: str, document: Any) -> Iterator[bytes]:
        """Gives the answer to a document in JSON in pieces as they come: it may be of any length.

        Raises CannotReadError, also if it breaks off.
        """
        body = msgspec.json.encode(document)
        with ExitStack() as held:

            def begin(*request: Any) -> httpx.Response:
                return held.enter_context(self._begun(*request))

            response = self._ask("POST", path, what, begin, content=body, headers={"Content-Type": "application/json"})
            yield from self._pieces(response, what)

    def once(self, method: str, path: str, what: str, **sent: Any) -> Answered:
        """Returns the answer to a request without signing in; `sent` as httpx has it. Raises CannotReadError."""
        return self._tried(method, path, what, self._whole, sent)

    def _tried(self, method: str, path: str, what: str, send: Callable[..., T], sent: Mapping[str, Any]) -> T:
        whole = path if "://" in path.partition("?")[0] else self._address + path.removeprefix("/")
        url = require_same_host(whole, self._address, self._who)
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=_pause,
            reraise=True,
        )
        return tries(send, method, url, what, sent)

    def _ask(self, method: str, path: str, what: str, send: Callable[..., T], **sent: Any) -> T:
        given = sent.pop("headers", {})
        for again in (True, False):
            fresh = self._signed is None
            if self._signed is None:
                self._signed = self._sign_in(self) if self._sign_in else {}
            try:
                headers = _encoded({**given, **self._signed})
                return self._tried(method, path, what, send, {"headers": headers, **sent})
            except UnauthorizedError:
                self._signed = None
                if fresh or not again or not self._sign_in:
                    raise
        raise AssertionError("the second time returns or raises")

    def _whole(self, method: str, url: str, what: str, sent: Mapping[str, Any]) -> Answered:
        with self._begun(method, url, what, sent) as response:
            return Answered(self._read(response, what), http_times.date(response.headers.get("date")))

    @contextmanager
    def _begun(self, method: str, url: str, what: str, sent: Mapping[str, Any]) -> Iterator[httpx.Response]:
        with self._in_words(what), self._client.stream(method, url, **sent) as response:
            if not response.is_success:
                raise self._refused(response, self._read(response, what), what)
            yield response

    def _read(self, response: httpx.Response, what: str) -> bytes:
        body = bytearray()
        for piece in self._pieces(response, what):
            body += piece
            if len(body) > MOST_ANSWER:
                raise CannotReadError(f"{what}: {self._who} answers with more than {MOST_ANSWER >> 20} MiB")
        return bytes(body)

    def _pieces(self, response: httpx.Response, what: str) -> Iterator[bytes]:
        waited, asked = 0.0, time.monotonic()
        for piece in response.iter_bytes():
            if (waited := waited + time.monotonic() - asked) > ANSWER_SECONDS:
                raise CannotReadError(f"{what}: the answer of {self._who} has not ended after {ANSWER_SECONDS:g} s")
            yield piece
            asked = time.monotonic()  # what is done with it meanwhile is not the server's time

    def _refused(self, response: httpx.Response, body: bytes, what: str) -> AnsweredError:
        status = response.status_code
        if status == _FORBIDDEN:
            return DeniedError(f"access denied for {what}", status, body)
        if status == _UNAUTHORIZED:
            return UnauthorizedError(f"{self._who} does not take the credentials", status, body)
        if status == _NOT_FOUND:
            return AbsentError(f"{self._who} does not have what is asked for: {what}", status, body)
        why = f"{what}: {self._who} answers {status}"
        if response.is_redirect:
            return AnsweredError(f"{why}, which leads elsewhere, and only the address that was named is asked", status)
        return AnsweredError(why, status, body, http_times.retry_after(response.headers.get("retry-after")) or 0.0)

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        # `from None`: the request in the original exception has the secret.
        try:
            yield
        except httpx.TimeoutException:
            raise SilentError(f"{what}: {self._who} takes too long", passing=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why, passing = _reason(error)
            raise SilentError(f"{self._who} cannot be reached: {why}", passing=passing) from None


def trusted(ca_file: str) -> ssl.SSLContext:
    """Returns what trusts the authorities in this file; empty: the usual ones. Raises CannotReadError if it cannot be
    read.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        reason = "it has no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise CannotReadError(f"ca_file: cannot read {ca_file}: {reason}") from None


def _encoded(headers: Headers) -> dict[bytes, bytes]:
    """Returns headers as they are sent: what a secret's file has beyond ASCII goes as UTF-8, and fails nothing here."""
    return {name.encode(): text.encode() for name, text in headers.items()}


def _told(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, AnsweredError):
        return error.status in _AGAIN and error.wait <= LONGEST_WAIT
    return isinstance(error, SilentError) and error.passing


def _pause(state: tenacity.RetryCallState) -> float:
    """Returns the seconds to wait: at least as long as the server asked for, and a little more by chance."""
    error = state.outcome.exception() if state.outcome else None
    return (error.wait if isinstance(error, AnsweredError) else 0.0) + _growing(state)


def _reason(error: Exception) -> tuple[str, bool]:
    """Returns why nothing came, and whether that may pass."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message}); ca_file names who signed it", False
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS as it should", False
        if isinstance(cause, ConnectionRefusedError):
            return "no server listens there", False
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror, True
        cause = cause.__cause__ or cause.__context__
    return "it broke off the connection", not isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol)
