"""The page of one job: everything that is kept of it, beside what is usual of its series."""

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.parameters import JOB_ID
from jobreport.contract.query_language import read
from jobreport.model.series_query import SeriesRuns
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.parameters import of_question
from jobreport.monitor.views.commands import command_line, curl, python
from jobreport.monitor.views.job import job_view
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.jobs.history import History
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread
from jobreport.watch.series_now import SeriesNow, series_now


async def show(request: Request) -> Response:
    """Answers with the job whose ID is in the path."""
    return await _page(request, request.path_params["jobId"])


async def show_by_parameter(request: Request) -> Response:
    """Answers with the job whose ID is a parameter, since some IDs cannot be part of a path."""
    given = read(of_question(query_string.pairs(request)), [JOB_ID])
    return await _page(request, given.get(JOB_ID.field, ""))


async def _page(request: Request, job_id: str) -> Response:
    of, go, times = tenant_of(request), go_of(request), times_of(request)
    history, series, judged = await in_thread(READS, _read, services(request).store, of, job_id)
    view = job_view(history, series, judged, of.good, times, go)
    asked = [(JOB_ID.name, job_id)]
    return render(
        request,
        "job.html",
        live=True,
        t=times,
        view=view,
        mood=view.mood,
        raw=json.dumps(json.loads(view.job.raw), indent=2, ensure_ascii=False) if view.job.raw else "",
        raw_size=len(view.job.raw.encode()),
        programs=[
            command_line("jobs show", [], job_id),
            curl(services(request).tokens.issuer, "/api/jobs", asked),
            python(f"job = client.history({job_id!r})"),
        ],
    )


def _read(store: Store, of: Tenant, job_id: str) -> tuple[History, SeriesRuns | None, SeriesNow | None]:
    """Returns the job, and its series with the last runs and how it stands. Raises ProblemError 404 if there is no such
    job.
    """
    found = store.history(of.number, job_id)
    if found is None:
        raise ProblemError(404, "There is no job with this ID.")
    series = store.one_series(of.number, str(found.series.series.number)) if found.series else None
    if series is None:
        return found, None, None
    with store.reading() as transaction:
        (judged,) = series_now(transaction, of, [series.series], store.clock())
    return found, series, judged


SHOW: Final = Page(handler=show, id="job", compress=True)
SHOW_BY_PARAMETER: Final = Page(handler=show_by_parameter, id="job_by_parameter", compress=True)
