"""A server's URL and an app's credentials in; jobs written and reports read, as typed values, out."""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import msgspec

from jobreport import __version__
from jobreport.model.catalog import JobState
from jobreport.model.errors import FieldError
from jobreport.model.generation2 import JobItem, JobsPage
from jobreport.model.job import Job
from jobreport.model.recorded import Recorded
from jobreport.model.summary import Summary
from jobreport.model.wire import job_to_wire

__all__ = [
    "ConnectionFailedError",
    "JobItem",
    "JobReportClient",
    "JobReportError",
    "JobsPage",
    "Recorded",
    "ReportPage",
    "ReportedJob",
    "RequestRefusedError",
    "ServerUnavailableError",
    "SignInRefusedError",
    "Summary",
    "UnexpectedAnswerError",
]

T = TypeVar("T")

_RENEW_EARLY: Final = 60.0  # seconds before a token's end, so that none expires on its way
_MAX_DETAIL: Final = 500
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json, application/problem+json"}


class JobReportError(Exception):
    """Any call that did not succeed. No message repeats a secret or a token.

    JobReportError
    ├── ConnectionFailedError    no answer came; the same call may work later
    ├── ServerUnavailableError   429 or 5xx; the same call may work later, after `retry_after` seconds
    ├── SignInRefusedError       the credentials or their permissions do not do (token endpoint, 401, 403)
    ├── RequestRefusedError      any other 4xx: this very request will never be taken
    └── UnexpectedAnswerError    what answered does not speak this API (wrong URL, a proxy's page, a redirect)
    """

    temporary = False
    """Whether the same call may work later, with nothing changed."""


class ConnectionFailedError(JobReportError):
    """No answer: refused, timed out, cut off, an unknown host, a certificate that does not hold."""

    temporary = True


class ServerUnavailableError(JobReportError):
    """429 or 5xx. `retry_after` is in seconds, None where the server named none."""

    temporary = True

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(message)


class SignInRefusedError(JobReportError):
    """The token endpoint refused the credentials (any 4xx), or the API the token (401) or its permissions (403)."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)


class RequestRefusedError(JobReportError):
    """A 4xx other than 401, 403 and 429; `errors` names every field at fault, as the server does."""

    def __init__(self, status: int, detail: str, errors: Iterable[FieldError] = ()) -> None:
        self.status, self.detail, self.errors = status, detail, tuple(errors)
        fields = "; ".join(f"{error.field}: {error.message}" for error in self.errors[:5])
        super().__init__(f"the server refused the request ({status}): {detail}" + (f" ({fields})" if fields else ""))


class UnexpectedAnswerError(JobReportError):
    """An answer that is none of this API: a redirect, or a success that bears another document."""


class ReportedJob(msgspec.Struct, frozen=True, rename="camel"):
    """One job of a report, with the contract's ten fields: times and duration in ticks (UTC), 0 where unset."""

    job_id: str
    state: JobState
    failed_count: int
    successful_count: int
    skipped_count: int
    total_count: int
    start_time: int
    finish_time: int
    duration: int
    comments: str


class ReportPage(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a report; `total_count` counts every job that matches, whatever the page."""

    total_count: int
    jobs: list[ReportedJob]


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 3600.0


class _Problem(msgspec.Struct, frozen=True):
    detail: str = ""
    title: str = ""
    error: str = ""
    error_description: str = ""
    errors: list[FieldError] = []


class JobReportClient:
    """A connection to one server as one app registration. Safe to share between threads; close it, or use `with`.

    `url` is the server's address, `token_url` its token endpoint (by default `{url}/connect/token`), `timeout` the
    seconds that each step of a call may take, `scope` the permissions to ask for (by default all that were granted).
    `tenant` is whom a provider's app asks and reports for; an app of one tenant need not name it.
    No call is repeated, but for one that is answered 401: once, with a new token. Redirects are not followed.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        token_url: str | None = None,
        timeout: float = 10.0,
        scope: str | None = None,
        tenant: str | None = None,
    ) -> None:
        self.url = _without_user(url).rstrip("/")
        self.client_id = client_id
        self._secret = client_secret
        self._token_url = _without_user(token_url) if token_url else f"{self.url}/connect/token"
        self._scope = scope
        self.tenant = tenant
        self._token = ""
        self._renew_at = 0.0
        self._signing_in = threading.Lock()
        named = {"Jobreport-Tenant": tenant} if tenant else {}
        self._http = httpx.Client(timeout=timeout, headers={"User-Agent": f"jobreport/{__version__}", **named})

    def __repr__(self) -> str:
        return f"JobReportClient({self.url!r}, client_id={self.client_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection."""
        self._http.close()

    def record(self, jobs: Iterable[Job]) -> Recorded:
        """Writes `jobs` (at most 10,000), all of them or none (`POST /api/jobs`); repeating it changes nothing."""
        body = msgspec.json.encode([job_to_wire(job) for job in jobs])
        return self._call("/api/jobs", body, Recorded)

    def report(self, body: Mapping[str, object]) -> ReportPage:
        """The report that `body` asks for (`POST /api/public/jobreport`), the contract's request as a mapping."""
        return self._call("/api/public/jobreport", msgspec.json.encode(body), ReportPage)

    def iter_jobs(self, body: Mapping[str, object], page_size: int = 1000) -> Iterator[ReportedJob]:
        """Every job that matches `body`, newest first, fetched page by page; a `pagination` of its own is ignored.

        A job that starts meanwhile moves the later pages by one, so that one on a page's edge may come twice: it is
        left out the second time.
        """
        asked = {name: value for name, value in body.items() if name.casefold() != "pagination"}
        before: set[str] = set()
        number = 0
        while True:
            page = self.report({**asked, "pagination": {"pageNumber": number, "pageSize": page_size}})
            yield from (job for job in page.jobs if job.job_id not in before)
            number += 1
            if not page.jobs or number * page_size >= page.total_count:
                return
            before = {job.job_id for job in page.jobs}

    def find(self, parameters: Iterable[tuple[str, str]] = ()) -> JobsPage:
        """A page of jobs by the query language (`GET /backup/vm/jobs`); the reference has its parameters."""
        return self._call("/backup/vm/jobs", None, JobsPage, params=[*parameters])

    def summary(self, parameters: Iterable[tuple[str, str]] = ()) -> Summary:
        """Groups of jobs by the query language, added up (`GET /api/summary`); the reference has its parameters."""
        return self._call("/api/summary", None, Summary, params=[*parameters])

    def _call(self, path: str, body: bytes | None, answer: type[T], **request: Any) -> T:
        """POSTs `body`, or GETs where there is none; a token that was refused is renewed once."""
        method = "GET" if body is None else "POST"
        request |= {"content": body} if body is not None else {}
        token = self._bearer()
        response = self._send(method, self.url + path, headers=_headers(token), **request)
        if response.status_code == 401:
            token = self._bearer(refused=token)
            response = self._send(method, self.url + path, headers=_headers(token), **request)
        if response.status_code in (401, 403):
            raise SignInRefusedError(
                f"{self.url} refused the app registration {self.client_id} ({response.status_code}): "
                f"{_problem(response)[0]}",
                response.status_code,
            )
        return _read(response, answer)

    def _bearer(self, refused: str = "") -> str:
        """A token that still lives and is not the one that was `refused`."""
        with self._signing_in:
            if self._token and self._token != refused and time.monotonic() < self._renew_at:
                return self._token
            form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self._secret}
            if self._scope is not None:
                form["scope"] = self._scope
            response = self._send("POST", self._token_url, data=form, headers={"Accept": "application/json"})
            if 400 <= response.status_code < 500 and response.status_code != 429:
                # The endpoint's own words are RFC 6749's; they never hold what was sent.
                raise SignInRefusedError(
                    f"{self._token_url} refused to sign in the app registration {self.client_id} "
                    f"({response.status_code}): {_problem(response)[0]}",
                    response.status_code,
                )
            found = _read(response, _Token)
            self._token = found.access_token
            self._renew_at = time.monotonic() + max(found.expires_in - _RENEW_EARLY, found.expires_in / 2)
            return self._token

    def _send(self, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            return self._http.request(method, url, **request)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            # Without its cause: the request in it bears the secret.
            raise ConnectionFailedError(f"no answer from {self.url}: {error or type(error).__name__}") from None


def _headers(token: str) -> dict[str, str]:
    return _JSON | {"Authorization": f"Bearer {token}"}


def _without_user(url: str) -> str:
    """`url` without `user:password@`: it would not be used, and must not show up in messages."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", url)


def _read(response: httpx.Response, answer: type[T]) -> T:
    """The document of a successful answer; otherwise the error that its status stands for."""
    status = response.status_code
    if status == 429 or status >= 500:
        raise ServerUnavailableError(
            f"the server cannot answer now ({status}): {_problem(response)[0]}", status, _retry_after(response)
        )
    if status >= 400:
        raise RequestRefusedError(status, *_problem(response))
    if not response.is_success:
        raise UnexpectedAnswerError(f"{response.url} answered {status}, and redirects are not followed")
    try:
        return msgspec.json.decode(response.content, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnexpectedAnswerError(f"{response.url} answered {status} with another document than this API's") from None


def _problem(response: httpx.Response) -> tuple[str, list[FieldError]]:
    """What an error says, whichever of the API's two shapes it has (RFC 9457, RFC 6749), or only its status."""
    try:
        found = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.reason_phrase or "no reason given", []
    words = found.detail or found.error_description or found.error or found.title or response.reason_phrase
    return words[:_MAX_DETAIL], found.errors


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header; None where it is missing or a date, which our server never sends."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
