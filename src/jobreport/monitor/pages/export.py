"""The file with all jobs of a list: the same as the API's export, for whoever is signed in to the monitor."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract import paging
from jobreport.monitor import parameters
from jobreport.monitor.page import Page, tenant_of
from jobreport.server import query_string
from jobreport.server.job_export import exported
from jobreport.server.operation import services
from jobreport.threads import READS, in_thread


async def download(request: Request) -> Response:
    """Streams all jobs of the question as a file. HEAD answers only with their number, in a header."""
    of = tenant_of(request)
    pairs = parameters.of_question(paging.bounded(query_string.pairs(request)))
    store = services(request).store
    query, form = await in_thread(READS, parameters.export_query, pairs, of.night.zone, store.clock())
    return await exported(store, of.number, query, form, head=request.method == "HEAD")


SHOW: Final = Page(handler=download, id="export")
