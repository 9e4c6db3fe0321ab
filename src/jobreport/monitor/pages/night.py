"""The page of a night: which jobs ran when, and what is unlike the same night a week ago."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.job_row import JobRow
from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.page import Page, tenant
from jobreport.monitor.views.links import ended_link
from jobreport.monitor.views.night import NightView, night_view, week_before
from jobreport.monitor.views.period import day_of, period_of
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread

MAX_JOBS: Final = 2_000
"""The most jobs of a night that are drawn."""
_DAY: Final = timedelta(1)


async def show(request: Request) -> Response:
    """Answers with the night that the address names (`night=2026-11-22`), or the last one."""
    of, times, go = tenant(request), times_of(request), go_of(request)
    text = request.query_params.get("night", "")
    chosen = day_of(text)
    if text and chosen is None:
        raise ProblemError(400, "night must be a day such as 2026-11-22, on which the night begins.")
    day = chosen or nights.last_night(of.night, times.now)
    store = services(request).store
    (jobs, total), (before, _) = await in_thread(READS, _read, store, of, day)
    view: NightView = night_view(of.night, of.good, day, jobs, total, before, times, go)
    period = period_of(of.night, times.now, day)
    return render(
        request,
        "night.html",
        live=True,
        t=times,
        view=view,
        mood=view.mood,
        period=period,
        after=period.after(times.now),
        week_ago=week_before(day),
        jobs=ended_link("", period, go),
        runs=any(one.state == JobState.InProgress for one in view.lines),
        is_last=chosen is None,
    )


Found = tuple[Sequence[JobRow], int]
"""Jobs, and how many there are in all."""


def _read(store: Store, of: Tenant, day: date) -> tuple[Found, Found]:
    """Returns the jobs of the night with those that run now and those that are due in it and have not begun, which do
    not count; and the jobs of the same night a week ago.
    """
    found, total = _ended(store, of, day)
    since, until = nights.bounds(of.night, day)
    due = JobFilter(since=since, until=until, states=(JobState.NotStarted, JobState.Waiting))
    found = [*found, *store.list_details(of.number, JobQuery(where=due, size=MAX_JOBS)).rows]
    if since <= store.clock() <= until:
        where = JobFilter(since=since, until=until, states=(JobState.InProgress,))
        running = store.list_details(of.number, JobQuery(where=where, size=MAX_JOBS))
        found, total = [*found, *running.rows], total + running.total
    return (found, total), _ended(store, of, week_before(day))


def _ended(store: Store, of: Tenant, day: date) -> Found:
    since, until = nights.bounds(of.night, day)
    where = JobFilter(ended_since=since, ended_until=until)
    query = JobQuery(where=where, sort=Sort(SortKey.FINISH, descending=False), size=MAX_JOBS)
    found = store.list_details(of.number, query)
    return found.rows, found.total


SHOW: Final = Page(handler=show, id="night", compress=True)
