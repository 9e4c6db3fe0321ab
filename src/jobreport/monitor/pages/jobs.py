"""The page of jobs: every filter of the query language, the exact total, and page numbers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from jobreport.export.formats import FORMATS
from jobreport.model import nights
from jobreport.model.errors import InvalidInputError
from jobreport.model.query import JobFilter, JobQuery
from jobreport.monitor import parameters
from jobreport.monitor.html import go_of, moved, render, times_of
from jobreport.monitor.links import Go, by_name
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.pages.filter_again import filter_again
from jobreport.monitor.views.commands import command_line, curl, python
from jobreport.monitor.views.filters import fields
from jobreport.monitor.views.jobs import PATH, jobs_address, jobs_view
from jobreport.server import query_string
from jobreport.server.operation import services
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, SEARCHES, in_thread

_WEEK: Final = timedelta(7)


async def show(request: Request) -> Response:
    """Answers with the list that the query string asks for.

    A question that can be said shorter, or whose times name no zone, is sent on to the address that says the same for
    everybody: it can be sent to others, and its parameters are those of the API.
    """
    of, store, go = tenant_of(request), services(request).store, go_of(request)
    pairs = parameters.of_question(query_string.pairs(request))
    try:
        query = await in_thread(READS, parameters.job_query, pairs, of.night.zone, store.clock())
    except InvalidInputError as error:
        return filter_again(request, PATH, "jobs", fields(by_name(pairs), error.errors), error.errors)
    written = parameters.written_jobs(query)
    if sorted(pairs) != sorted(written):
        return moved(jobs_address(go, query))
    found = await in_thread(READS if query.is_short else SEARCHES, store.list_details, of.number, query)
    if query.page and not found.rows:
        return moved(jobs_address(go, replace(query, page=max(0, found.total - 1) // query.size)))
    times, given = times_of(request), by_name(written)
    return render(
        request,
        "jobs.html",
        live=True,
        t=times,
        view=jobs_view(query, found, times, go),
        where=given,
        fields=fields(given),
        sizes=parameters.PAGE_SIZES,
        size=query.size,
        shortcuts=[*_shortcuts(query, of, times.now, go)],
        exports=[(name, go("/export", format=name, **by_name(_unpaged(query)))) for name in FORMATS],
        programs=_programs(_unpaged(query), services(request).tokens.issuer),
        search=query.where.search,
    )


def _programs(question: list[tuple[str, str]], public_url: str) -> list[str]:
    return [
        command_line("jobs", question),
        curl(public_url, "/api/search", question),
        python(f"found = client.search({question!r})"),
    ]


def _unpaged(query: JobQuery) -> list[tuple[str, str]]:
    return parameters.written_jobs(replace(query, page=0, size=parameters.PLAIN_JOBS.size))


def _shortcuts(query: JobQuery, of: Tenant, now: int, go: Go) -> Iterator[tuple[str, str]]:
    """Yields the questions that are asked each day: their names and addresses."""
    where, hours = query.where, of.night
    last = nights.last_night(hours, now)
    since, until = nights.bounds(hours, last)
    week, _ = nights.bounds(hours, last - _WEEK + timedelta(1))
    for name, change in (
        ("not good", {"states": of.not_good}),
        ("last night", {"ended_since": since, "ended_until": until}),
        ("last 7 nights", {"ended_since": week, "ended_until": until}),
    ):
        asked: JobFilter = replace(where, **change)
        if asked != where:
            yield name, jobs_address(go, replace(query, where=asked, page=0))


SHOW: Final = Page(handler=show, id="jobs", compress=True)
