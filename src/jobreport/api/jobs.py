"""`POST /api/jobs` stores reports of jobs, all of a request or none; `GET /api/jobs/{jobId}` shows all of one job."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.job_document import job_from_wire
from jobreport.contract.job_schemas import JobHistory, JobReport, job_history
from jobreport.contract.parameters import JOB_ID, TENANT
from jobreport.contract.query_language import read
from jobreport.identity.apps.permissions import MAY_READ, MAY_WRITE, READ_WRITE
from jobreport.identity.principals import Principal
from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.model.job import Job
from jobreport.model.write_result import WriteResult
from jobreport.server import bodies, json_stream, query_string
from jobreport.server.operation import Answer, Body, Operation, principal, services
from jobreport.server.problem import ProblemError
from jobreport.store import FinalJobError, ForeignJobError, Store, Writer
from jobreport.threads import LONG, READS, WRITES, in_thread
from jobreport.watch.standing import judgements

MAX_BODY: Final = 16 * 1024 * 1024
MAX_JOBS: Final = 10_000
NDJSON: Final = "application/x-ndjson"
BY_PARAMETER: Final = (JOB_ID, TENANT)

_SHORT: Final = 64 * 1024
"""The longest body, in bytes, that is decoded at the same time as others. Only a few longer bodies are decoded at a
time, because the decoded jobs need much memory."""


async def record(request: Request) -> Response:
    """Stores the jobs of the body."""
    lines = bodies.media_type(request) == NDJSON
    if lines:
        bodies.refuse_encoding(request)
    else:
        bodies.require_json(request)
    raw = await bodies.read(request, MAX_BODY)
    store, who = services(request).store, principal(request)
    if len(raw) <= _SHORT:
        answer = await in_thread(WRITES, _record, store, who, raw, lines)
    else:
        answer = await in_thread(WRITES, _store, store, who, await in_thread(LONG, _read, raw, lines, store.clock()))
    return Response(msgspec.json.encode(answer), media_type="application/json")


class _Written(NamedTuple):
    """The jobs of a body, the place of each in the body, and whether the body was a single job and not a list."""

    jobs: Sequence[Job]
    places: Sequence[str]
    single: bool


def _record(store: Store, who: Principal, raw: bytes, lines: bool) -> WriteResult:
    """Parses the body and stores its jobs. Runs in a thread, since it waits for the disk."""
    return _store(store, who, _read(raw, lines, store.clock()))


def _store(store: Store, who: Principal, written: _Written) -> WriteResult:
    writer = Writer(app=who.client_id, own_only=READ_WRITE not in who.permissions, strict=written.single)
    try:
        return store.record(who.tenant, written.jobs, writer)
    except FinalJobError as error:
        said = str(error)
        raise ProblemError(409, f"{said[:1].upper()}{said[1:]}.", [FieldError("state", said)]) from None
    except ForeignJobError as error:
        field = "reference" if error.by_reference else "jobId"
        fault = FieldError(field, str(error)).under(written.places[error.position])
        raise ProblemError(403, "This app may write only jobs of its own.", [fault]) from None


def _read(raw: bytes, lines: bool, now: int) -> _Written:
    """Returns the jobs of a body. Raises InvalidInputError, which names every fault by its place, or ProblemError 413
    if the body is too much.

    Each value becomes a job, or is refused, before the next is read. So the decoded JSON of many jobs is never in
    memory together.
    """
    values, single = (json_stream.of_lines(raw), False) if lines else json_stream.of_json(raw, MAX_JOBS)
    jobs: list[Job] = []
    places: list[str] = []
    faults: list[FieldError] = []
    for number, (place, value) in enumerate(values, 1):
        if number > MAX_JOBS:
            raise ProblemError(413, f"The request has {number} jobs or more; at most {MAX_JOBS} are taken at once.")
        if len(faults) > MAX_FAULTS:
            continue
        try:
            jobs.append(job_from_wire(value, now=now))
            places.append(place)
        except InvalidInputError as error:
            faults.extend(fault.under(place) for fault in error.errors)
    if faults:
        raise InvalidInputError(faults)
    return _Written(jobs, places, single)


async def show(request: Request) -> Response:
    """Answers with everything that is stored about one job, whose ID is in the path."""
    return await _shown(request, request.path_params["jobId"])


async def show_by_parameter(request: Request) -> Response:
    """Answers with everything that is stored about one job, whose ID is in the query string."""
    given = read(query_string.pairs(request), BY_PARAMETER)
    if JOB_ID.field not in given:
        raise InvalidInputError.of(JOB_ID.name, "is required: the ID of one job")
    return await _shown(request, given[JOB_ID.field])


async def _shown(request: Request, job_id: str) -> Response:
    answer = await in_thread(READS, _show, services(request).store, principal(request).tenant, job_id)
    return Response(answer, media_type="application/json")


def _show(store: Store, tenant: int, job_id: str) -> bytes:
    """Returns the job as JSON. Runs in a thread, since the job may have many versions."""
    history = store.history(tenant, job_id)
    if history is None:
        raise ProblemError(404, "There is no job with this ID.")
    judged = judgements(store, tenant, [history.series.series] if history.series else [])
    return msgspec.json.encode(job_history(history.current, history.versions, history.series, judged))


_REPORTS: Final = JobReport | list[JobReport]  # type: ignore[valid-type]  # made from a table
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
    body=Body({"application/json": _REPORTS, NDJSON: {"type": "string"}}),
    answers={200: Answer("How many jobs were new, changed, and known before.", WriteResult)},
    faults=(400, 409, 413, 415, 503),
)

SHOW: Final = Operation(
    handler=show,
    id="Jobs_Get",
    tag="Jobs",
    summary="Gives everything that is kept of one job: the versions that were corrected, and its series.",
    needs=MAY_READ,
    path_parameters={
        "jobId": (
            "The job ID; any character, percent-encoded where a URL needs it. Many clients take `.` and `..` for steps "
            "in the path even so: ask for such an ID by the parameter of `GET /api/jobs`."
        )
    },
    compress=True,
    answers={200: Answer("The job.", JobHistory)},
    faults=(404, 503),
)

SHOW_BY_PARAMETER: Final = Operation(
    handler=show_by_parameter,
    id="Jobs_GetByParameter",
    tag="Jobs",
    summary="Gives the same of the job that a parameter names, whatever characters its ID has.",
    needs=MAY_READ,
    query=BY_PARAMETER,
    compress=True,
    answers={200: Answer("The job.", JobHistory)},
    faults=(400, 404, 503),
)
