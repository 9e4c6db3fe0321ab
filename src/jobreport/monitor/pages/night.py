"""The page of a night: which jobs ran when, and what is unlike the same night a week ago."""

from datetime import date, timedelta
from statistics import median_low
from typing import Final, NamedTuple

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from jobreport.contract.job_row import JobRow
from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import COPIES
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.monitor.html import go_of, render, times_of
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.texts import plural
from jobreport.monitor.views.links import ended_link
from jobreport.monitor.views.night import Large, NightView, night_view, week_before
from jobreport.monitor.views.night_lines import Key, by_series, telling
from jobreport.monitor.views.overview import USUAL_WEEKS
from jobreport.monitor.views.period import LONGEST, day_of, period_of
from jobreport.server.operation import services
from jobreport.server.problem import ProblemError
from jobreport.store import Store, Transaction
from jobreport.store.query import details
from jobreport.store.query.nights import endings
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread
from jobreport.watch import silence
from jobreport.watch.numbers import numbers
from jobreport.watch.shrunk import shrunk_among

MAX_JOBS: Final = 700
"""The most jobs of a night that are drawn: of more, the page would be larger than 60 KiB on the wire."""
_DAY: Final = timedelta(1)


async def show(request: Request) -> Response:
    """Answers with the night that the address names (`night=2026-11-22`), or the last one."""
    of, times, go = tenant_of(request), times_of(request), go_of(request)
    text = request.query_params.get("night", "")
    chosen = day_of(text)
    if text and chosen is None:
        raise ProblemError(400, "night must be a day such as 2026-11-22, on which the night begins.")
    day = chosen or nights.last_night(of.night, times.now)
    store = services(request).store
    found, before = await in_thread(READS, gather, store, of, day)
    week_ago = before.rows if before.large is None else None
    failing = await in_thread(READS, _failing, store, of, day, found.rows)
    small = await in_thread(READS, shrunk, store, of, day, found.rows, times.now)
    view: NightView = night_view(
        of.night, of.good, day, found.rows, found.total, week_ago, times, go, found.large, failing, small
    )
    if not found.total and (missed := await in_thread(READS, missing, store, of, day, times.now)):
        sentence = f"Nothing ran in this night, where {plural(missed, 'job')} {'is' if missed == 1 else 'are'} usual"
        view = replace(view, mood="bad", sentence=sentence)
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


class NightJobs(NamedTuple):
    """The jobs of a night that are drawn, how many there are in all, and if that are more, how these ended."""

    rows: list[JobRow]
    total: int
    large: Large | None


def gather(store: Store, of: Tenant, day: date) -> tuple[NightJobs, NightJobs]:
    """Returns the jobs of the night with those that run now and those that are due in it and have not begun, which do
    not count; and the jobs of the same night a week ago. All from one snapshot.
    """
    with store.reading() as transaction:
        now = store.clock()
        ended, total, large = _ended(transaction, of, day, now)
        since, until = nights.bounds(of.night, day)
        due = JobFilter(since=since, until=until, states=(JobState.NotStarted, JobState.Waiting))
        rows = [*ended, *details.find(transaction, of.number, JobQuery(where=due, size=MAX_JOBS), now).rows]
        if since <= now <= until:
            where = JobFilter(since=since, until=until, states=(JobState.InProgress,))
            running = details.find(transaction, of.number, JobQuery(where=where, size=MAX_JOBS), now)
            rows, total = [*rows, *running.rows], total + running.total
        return NightJobs(rows, total, large), _ended(transaction, of, week_before(day), now)


def _failing(store: Store, of: Tenant, day: date, jobs: list[JobRow]) -> set[Key]:
    """Returns the series of jobs that were not good which were not good before the night either."""
    bad = {key: rows[0].job_id for key, rows in by_series(job for job in jobs if job.state in of.not_good).items()}
    since = nights.begin(of.night, day)
    with store.reading() as transaction:
        numbers = endings.series_of(transaction, of.number, [*bad.values()])
        known = {number for number in numbers if number}
        ended = endings.ended(transaction, of.number, known, since - LONGEST, since - 1, longest=LONGEST)
    newest = {one.series: one.state for one in sorted(ended, key=lambda one: one.finish)}
    return {key for key, number in zip(bad, numbers, strict=True) if newest.get(number) in of.not_good}


def shrunk(store: Store, of: Tenant, day: date, jobs: list[JobRow], now: int) -> dict[str, str]:
    """Returns in words what the night came to for series whose good job has far less than usual, by the job's ID."""
    told = (telling(rows, of.good, now) for rows in by_series(jobs).values())
    good = [job.job_id for job in told if job.state in of.good and job.type in COPIES]
    with store.reading() as transaction:
        return shrunk_among(transaction, of, good, nights.bounds(of.night, day)[1])


def _ended(transaction: Transaction, of: Tenant, day: date, now: int) -> NightJobs:
    """Returns the jobs that ended in a night. If they are too many, those that were not good come first."""
    since, until = nights.bounds(of.night, day)
    where = JobFilter(ended_since=since, ended_until=until)

    def find(*states: JobState, size: int = MAX_JOBS) -> details.Details:
        sort = Sort(SortKey.FINISH, descending=False)
        query = JobQuery(where=replace(where, states=states), sort=sort, size=max(1, size))
        return details.find(transaction, of.number, query, now)

    total = find(size=1).total
    if total <= MAX_JOBS:
        return NightJobs(find().rows, total, None)
    bad, good = find(*of.not_good), find(*sorted(of.good))
    others = [state for state in JobState if state.finished and state not in of.not_good]
    rest = find(*others, size=room).rows if (room := MAX_JOBS - len(bad.rows)) else []
    return NightJobs([*bad.rows, *rest], total, Large(bad.total, good.total))


def missing(store: Store, of: Tenant, day: date, now: int) -> int:
    """Returns how many jobs are missed at `now` (ticks) in a night without any: those that are usual, if the night is
    over, or if the tenant is silent.
    """
    if now <= nights.bounds(of.night, day)[1]:
        last_jobs = {one.name: one.last_job for one in store.tenants_summary([of.number])}
        with store.reading() as transaction:
            if not silence.silent(transaction, [of], last_jobs, numbers(transaction, [of], now), now):
                return 0
    bounds = [nights.bounds(of.night, day - timedelta(7 * week)) for week in range(1, USUAL_WEEKS + 1)]
    asked = [JobFilter(ended_since=since, ended_until=until) for since, until in bounds]
    return median_low(store.list_jobs(of.number, JobQuery(where=where, size=1)).total for where in asked)


SHOW: Final = Page(handler=show, id="night", compress=True)
