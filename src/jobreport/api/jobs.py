"""`POST /api/jobs` stores reports of jobs, all of a request or none; `GET /api/jobs/{jobId}` shows all that is kept."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.api import body
from jobreport.api.operation import Answer, Body, Operation, principal, services
from jobreport.api.problem import ProblemError
from jobreport.api.threads import READS, WRITES, in_thread
from jobreport.api.written import JobHistory, JobReport, history_document
from jobreport.identity.permissions import MAY_READ, MAY_WRITE, READ_WRITE
from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.model.job import Job
from jobreport.model.recorded import Recorded
from jobreport.model.wire import job_from_wire
from jobreport.store import FinalJobError, ForeignJobError, Store, Writer

MAX_BODY: Final = 16 * 1024 * 1024
MAX_JOBS: Final = 10_000
NDJSON: Final = "application/x-ndjson"

Entry = tuple[str, Any]
"""A value of the body, after its place there: empty for the only one, `[0]` in an array, `line 1` in NDJSON."""


async def record(request: Request) -> Response:
    """Stores the jobs of the body."""
    lines = body.media_type(request) == NDJSON
    if lines:
        body.refuse_encoding(request)
    else:
        body.require_json(request)
    raw = await body.read(request, MAX_BODY)
    answer = await in_thread(WRITES, _record, request, raw, lines)
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _record(request: Request, raw: bytes, lines: bool) -> Recorded:
    """Parses and stores; off the event loop, since ten thousand jobs take a while."""
    store, who = services(request).store, principal(request)
    entries, single = _lines(raw) if lines else _values(raw)
    jobs = parse_jobs(entries, store.clock())
    writer = Writer(app=who.client_id, own_only=READ_WRITE not in who.permissions, strict=single)
    try:
        return store.record(who.tenant, jobs, writer)
    except FinalJobError as error:
        said = str(error)
        raise ProblemError(409, f"{said[:1].upper()}{said[1:]}.", [FieldError("state", said)]) from None
    except ForeignJobError as error:
        fault = FieldError("jobId", str(error)).under(entries[error.position][0])
        raise ProblemError(403, "This app may write only jobs of its own.", [fault]) from None


def _values(raw: bytes) -> tuple[list[Entry], bool]:
    """The one value of a body, or those of its array; and whether it is one."""
    document = body.parse(raw)
    if not isinstance(document, list):
        return [("", document)], True
    _limit(len(document))
    return [(f"[{position}]", value) for position, value in enumerate(document)], False


def _lines(raw: bytes) -> tuple[list[Entry], bool]:
    """The values of NDJSON; their number is judged before any is read, since millions would take minutes."""
    filled = [(f"line {number}", line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    _limit(len(filled))
    return [(place, _line(place, line)) for place, line in filled], False


def _limit(count: int) -> None:
    if count > MAX_JOBS:
        raise ProblemError(413, f"The request has {count} jobs; at most {MAX_JOBS} are taken at once.")


def _line(place: str, line: bytes) -> Any:
    try:
        return body.parse(line)
    except InvalidInputError as error:
        raise InvalidInputError(fault.under(place) for fault in error.errors) from None


def parse_jobs(entries: Sequence[Entry], now: int) -> Sequence[Job]:
    """The jobs of decoded values; InvalidInputError names every fault by its place."""
    jobs: list[Job] = []
    faults: list[FieldError] = []
    for place, value in entries:
        try:
            jobs.append(job_from_wire(value, now=now))
        except InvalidInputError as error:
            faults.extend(fault.under(place) for fault in error.errors)
            if len(faults) > MAX_FAULTS:
                break
    if faults:
        raise InvalidInputError(faults)
    return jobs


async def show(request: Request) -> Response:
    """Everything that is kept of one job."""
    job_id = request.path_params["jobId"]
    answer = await in_thread(READS, _show, services(request).store, principal(request).tenant, job_id)
    return Response(answer, media_type="application/json")


def _show(store: Store, tenant: int, job_id: str) -> bytes:
    """The job as JSON; off the event loop, since it may have many versions."""
    found = store.history(tenant, job_id)
    if found is None:
        raise ProblemError(404, "There is no job with this ID.")
    return msgspec.json.encode(history_document(found))


RECORD: Final = Operation(
    handler=record,
    id="Jobs_Record",
    tag="Jobs",
    summary="Stores reports of jobs: all of the request or none of it.",
    description=(
        f"One job, or an array or NDJSON of at most {MAX_JOBS:,} and {MAX_BODY // 1024 // 1024} MiB. A report carries "
        "the whole job: what is left out takes its default. The same report again changes nothing; one that was "
        "observed before what is stored changes nothing either. A finished job can be corrected but not reopened."
    ),
    needs=MAY_WRITE,
    body=Body({"application/json": JobReport | list[JobReport], NDJSON: {"type": "string"}}),
    answers={200: Answer("How many jobs were new, changed, and known before.", Recorded)},
    faults=(400, 409, 413, 415, 503),
)

SHOW: Final = Operation(
    handler=show,
    id="Jobs_Get",
    tag="Jobs",
    summary="Gives everything that is kept of one job, with the versions that were corrected.",
    needs=MAY_READ,
    path_parameters={"jobId": "The job ID; any character, percent-encoded where a URL needs it."},
    answers={200: Answer("The job.", JobHistory)},
    faults=(404, 503),
)
