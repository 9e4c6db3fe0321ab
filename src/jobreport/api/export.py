"""`GET /api/export`: all jobs that a question of the query language finds, streamed as one file."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.contract.query_language import FILTERS, SORT, TENANT, list_query, read
from jobreport.export.formats import FORMAT, FORMATS
from jobreport.identity.apps.permissions import MAY_READ
from jobreport.server import query_string
from jobreport.server.job_export import TOTAL, exported
from jobreport.server.operation import Answer, Operation, principal, services

_MEDIA_TYPES: Final = tuple(form.media_type.partition(";")[0] for form in FORMATS.values())
PARAMETERS: Final = (FORMAT, *FILTERS, SORT, TENANT)


async def export(request: Request) -> Response:
    """Streams all jobs that the query string asks for. HEAD answers only with their number, in a header."""
    tenant, store = principal(request).tenant, services(request).store
    given = read(paging.bounded(query_string.pairs(request)), PARAMETERS)
    form = given.get(FORMAT.field)
    return await exported(store, tenant, list_query(given), form, head=request.method == "HEAD")


OPERATION: Final = Operation(
    handler=export,
    id="Jobs_Export",
    tag="Job report",
    summary="Gives all jobs that a question finds, as one file.",
    description=(
        f"From one moment, as a stream. The header `{TOTAL}` has their exact number before the first of them. An "
        "answer that breaks off has no end: an HTTP client reports that as an error, and what it got is not the result."
    ),
    needs=MAY_READ,
    query=PARAMETERS,
    is_report=True,
    compress=True,
    answers={
        200: Answer(
            "The file.",
            {"type": "string", "format": "binary"},
            _MEDIA_TYPES[0],
            _MEDIA_TYPES[1:],
            {TOTAL: "How many jobs the file has, exactly."},
        )
    },
    faults=(400, 426, 429, 503),
)
