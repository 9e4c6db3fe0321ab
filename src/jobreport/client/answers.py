"""Reads an HTTP answer: returns the document of a success, and raises the error that any other status stands for."""

from typing import Any, Final, TypeVar

import httpx
import msgspec

from jobreport import http_times
from jobreport.client.errors import (
    JobReportError,
    RequestRefusedError,
    ServerUnavailableError,
    SignInRefusedError,
    UnexpectedAnswerError,
)
from jobreport.contract.completeness import NAME, Completeness, with_completeness
from jobreport.contract.completeness import read as completeness
from jobreport.model.errors import FieldError

T = TypeVar("T")

_MAX_DETAIL: Final = 500


class _ErrorModel(msgspec.Struct, frozen=True):
    message: str = ""


class _Problem(msgspec.Struct, frozen=True):
    detail: str = ""
    title: str = ""
    error: str = ""
    error_description: str = ""
    errors: list[FieldError] = []
    error_model: _ErrorModel = msgspec.field(default=_ErrorModel(), name="errorModel")


def read(response: httpx.Response, answer: type[T]) -> T:
    """Returns the document of a successful answer; otherwise raises the error that its status stands for."""
    status = response.status_code
    if status == 429 or status >= 500:
        raise _with_request_id(
            response,
            ServerUnavailableError(
                f"the server cannot answer now ({status}): {_problem(response)[0]}",
                status,
                http_times.retry_after(response.headers.get("Retry-After")),
            ),
        )
    if status >= 400:
        raise _with_request_id(response, RequestRefusedError(status, *_problem(response)))
    if not response.is_success:
        said = f"{response.url} answered {status}, and redirects are not followed"
        raise _with_request_id(response, UnexpectedAnswerError(said))
    try:
        return with_completeness(_decoded(response.content, answer), response.headers.get(NAME))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = f"{response.url} answered {status} with another document than this API's"
        raise _with_request_id(response, UnexpectedAnswerError(said)) from None


def total_of(response: httpx.Response) -> int:
    """Returns how many jobs an export file will have. Raises UnexpectedAnswerError if the answer is not an export."""
    total = response.headers.get("Total-Count", "")
    if not (total.isascii() and total.isdigit()):
        said = f"{response.url} answered {response.status_code} with another document than an export"
        raise _with_request_id(response, UnexpectedAnswerError(said))
    return int(total)


def completeness_of(response: httpx.Response) -> Completeness | None:
    """Returns until when nothing is missing in an export file; None: its server did not say so."""
    return completeness(response.headers.get(NAME))


def refused(response: httpx.Response, who: str) -> SignInRefusedError:
    """Returns the error for credentials or permissions that were refused. `who` says in words who refused whom."""
    # The endpoint's message is safe to show: by RFC 6749, it does not repeat the secret.
    words, errors = _problem(response)
    said = f"{who} ({response.status_code}): {words}"
    return _with_request_id(response, SignInRefusedError(said, response.status_code, errors))


E = TypeVar("E", bound=JobReportError)


def _with_request_id(response: httpx.Response, error: E) -> E:
    error.request_id = response.headers.get("request-id", "")
    return error


def _decoded(content: bytes, answer: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=answer)
    except msgspec.ValidationError:
        # This service always sends these fields; other servers may leave them out (contract, "Generation 2": absent or
        # empty).
        return msgspec.convert(_completed(msgspec.json.decode(content)), answer)


def _completed(document: Any) -> Any:
    if isinstance(document, dict) and isinstance(document.get("jobs"), list):
        document["nextLink"] = document.get("nextLink") or ""
        for job in document["jobs"]:
            if isinstance(job, dict):
                job["comments"] = job.get("comments") or ""
    return document


def _problem(response: httpx.Response) -> tuple[str, list[FieldError]]:
    """Returns the message and the faults of an error in any of the API's shapes (RFC 9457, RFC 6749, `errorModel`). If
    it has none of them, the message is the reason phrase of its status.
    """
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return response.reason_phrase or "no reason given", []
    words = problem.detail or problem.error_description or problem.error or problem.error_model.message or problem.title
    return (words or response.reason_phrase)[:_MAX_DETAIL], problem.errors
