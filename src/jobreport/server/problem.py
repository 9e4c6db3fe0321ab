"""The one shape in which the whole API tells errors: `application/problem+json` (RFC 9457)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
import structlog
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.store import OtherVersionError, StoreError, StoreUnavailableError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
"""The `Retry-After` header while the store is busy, in seconds."""

_log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    """An error (RFC 9457). `requestId` is the response's `request-id`; `errors` names each field at fault."""

    type: Annotated[str, Meta(description="Always `about:blank`: the status says which kind of error it is.")]
    title: Annotated[str, Meta(description="The status in words.")]
    status: Annotated[int, Meta(description="The HTTP status code.")]
    detail: Annotated[str, Meta(description="What was wrong, and what would be right.")]
    request_id: Annotated[str, Meta(description="Names this request in the server's log.")]
    timestamp: Annotated[str, Meta(description="When it was answered, ISO 8601, UTC.")]
    errors: Annotated[list[FieldError], Meta(description="Every fault that was found, at most 100.")]


class ErrorModel(msgspec.Struct, frozen=True, rename="camel"):
    """An error in the form that generation 2 of the contract describes."""

    request_id: Annotated[str, Meta(description="Names this request in the server's log.")]
    date: Annotated[str, Meta(description="When it was answered, ISO 8601, UTC.")]
    code: Annotated[str, Meta(description="The status in one word, such as BadRequest.")]
    message: Annotated[str, Meta(description="What was wrong, and what would be right.")]


class Generation2Problem(Problem, frozen=True, rename="camel"):
    """An error of generation 2's route: a `Problem` with one more member."""

    error_model: ErrorModel


class ProblemError(Exception):
    """Raised to end a request with this error."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.detail, self.errors, self.headers = status, detail, tuple(errors), headers
        super().__init__(f"{status} {detail}")


def problem_body(problem: ProblemError, request_id: str, kind: type[Problem] = Problem) -> bytes:
    """Returns the document of an error as JSON, in the shape of `kind`."""
    errors = list(problem.errors[:MAX_FAULTS])
    detail = problem.detail
    if len(problem.errors) > MAX_FAULTS:
        detail += f" Only the first {MAX_FAULTS} faults are listed."
    document = Problem(
        type="about:blank",
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=detail,
        request_id=request_id,
        timestamp=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        errors=errors,
    )
    if kind is Generation2Problem:
        faults = "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
        code = document.title.replace(" ", "")
        error_model = ErrorModel(request_id, document.timestamp, code, f"{detail} {faults}".strip())
        document = Generation2Problem(**msgspec.structs.asdict(document), error_model=error_model)
    return msgspec.json.encode(document)


def problem_response(request: Request, problem: ProblemError) -> Response:
    """Returns the response for an error, in the form that the route of the request gives its errors."""
    # The route of the request, if there is one with this path.
    endpoint = request.scope.get("endpoint")
    if page := getattr(endpoint, "error_response", None):
        answered: Response = page(request, problem)
        return answered
    kind = getattr(endpoint, "problem", Problem)
    return Response(
        problem_body(problem, request.scope.get("request_id", ""), kind),
        problem.status,
        headers={"Cache-Control": "no-store", **(problem.headers or {})},
        media_type=MEDIA_TYPE,
    )


def as_problem(error: Exception) -> ProblemError:
    """Returns the error that the client sees for `error`. Nothing of the text of an unforeseen exception is in it."""
    match error:
        case ProblemError():
            return error
        case InvalidInputError():
            return ProblemError(400, "The request breaks the rules that `errors` names.", error.errors)
        case StoreUnavailableError():
            _log.warning("store unavailable", reason=str(error))
            # The message of this error contains no SQL, path or secret; its class promises that.
            said = str(error)
            return ProblemError(503, f"{said[:1].upper()}{said[1:]}.", headers={"Retry-After": str(RETRY_SECONDS)})
        case OtherVersionError():
            _log.error("store of another version", reason=str(error))
            said = str(error)
            return ProblemError(503, f"{said[:1].upper()}{said[1:]}.", headers={"Retry-After": str(RETRY_SECONDS)})
        case StoreError():
            _log.error("store unusable", reason=str(error))
            return ProblemError(503, "The store cannot be used now.", headers={"Retry-After": str(RETRY_SECONDS)})
        case HTTPException(status_code=404):
            return ProblemError(404, "There is nothing at this address; /openapi.json lists every route.")
        case HTTPException(status_code=405):
            return ProblemError(405, "This address does not take this method.", headers=error.headers)
        case HTTPException():
            return ProblemError(error.status_code, error.detail, headers=error.headers)
    _log.error("unforeseen error", exc_info=error)
    return ProblemError(500, "The server failed. The request ID names this in its log.")
