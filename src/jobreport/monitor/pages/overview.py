"""`/`: the overview of a tenant: what needs somebody now, and how the night was."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.model import nights, streams
from jobreport.model.catalog import JobState
from jobreport.model.need import GRACE
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.model.summary import Key, SummaryQuery
from jobreport.monitor.html import render, times_of
from jobreport.monitor.links import job_address
from jobreport.monitor.page import Page, tenant_of
from jobreport.monitor.pages import first_start
from jobreport.monitor.views import links, overview
from jobreport.monitor.views.overview import SHOWN, Facts, Nights, Overview, Running, Unseen
from jobreport.monitor.views.period import LONGEST, Period, bounds, day_of, past, period_of
from jobreport.server.operation import services
from jobreport.store import Store, Transaction
from jobreport.store.query import details, pages, reasons
from jobreport.store.query.nights import endings
from jobreport.store.query.nights.bad_jobs import bad_jobs
from jobreport.store.query.series import listing, runs
from jobreport.store.query.series.long_runs import long_runs
from jobreport.store.query.summaries import ranges
from jobreport.store.registry import connector_freshness, connectors
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread
from jobreport.watch import silence
from jobreport.watch.numbers import needs_now, well_again
from jobreport.watch.series_now import special

_RUNNING: Final = 8
"""The most jobs that are shown of those that run."""


async def show(request: Request) -> Response:
    """Answers with the overview."""
    whose, times = tenant_of(request), times_of(request)
    chosen = day_of(request.query_params.get("night", ""))
    period = period_of(whose.night, times.now, chosen)
    facts = await in_thread(READS, gather, services(request).store, whose, period, times.now)
    if not facts.has_jobs:
        known = await in_thread(READS, first_start.registered, services(request).store, whose)
        return first_start.steps(request, known)
    seen: Overview = overview.view(facts)
    return render(
        request,
        "overview.html",
        live=True,
        t=times,
        mood=seen.mood,
        view=seen,
        facts=facts,
        period=period,
        links=links,
        job_address=job_address,
    )


def gather(store: Store, whose: Tenant, period: Period, now: int) -> Facts:
    """Asks the store for everything that the page shows. To be called in a thread."""
    number, days = whose.number, past(whose.night, now)
    by_night = _by_night(store, whose, period, days)
    (summary,) = store.tenants_summary([number])
    with store.reading() as transaction:
        of = special(transaction, [whose], now)[number]
        needs = needs_now(transaction, whose, of, now, SHOWN)
        listed = [one.series for one in (*needs.needing, *needs.in_hands[:SHOWN], *needs.unjudged)]
        since, until = bounds(whose.night, days)
        bad = bad_jobs(transaction, number, period.since, period.until, whose.not_good)
        failed = frozenset[int]().union(*(one.series for one in bad))
        recovered = well_again(transaction, number, of, failed)
        return Facts(
            now=now,
            silent=silence.silent(
                transaction, [whose], {whose.name: summary.last_job}, {number: needs.numbers}, now
            ).get(number, 0),
            good=whose.good,
            period=period,
            past=days,
            needs=needs,
            why=reasons.why(transaction, number, {one.status.ended_id for one in listed if one.status.not_good}),
            ended=endings.ended(transaction, number, {one.number for one in listed}, since, until, longest=LONGEST),
            bad=bad,
            recovered=recovered,
            again=[found for one in recovered[:SHOWN] if (found := listing.find_one(transaction, number, one))],
            nights=by_night,
            running=_running(transaction, number, now),
            long=long_runs(transaction, [number], now).get(number, []),
            waits_since=_waits_since(transaction, number, now),
            unseen=_unseen(transaction, number, now),
            unfinished=_unfinished(transaction, number, now),
            is_scheduled=_is_scheduled(transaction, whose, now),
            has_jobs=ranges.extent(transaction, number) is not None,
        )


def _by_night(store: Store, whose: Tenant, period: Period, days: list[date]) -> Nights:
    """Returns the numbers of jobs by night and state: of the past nights, and of the same weekdays before."""
    first = min(days[0], period.first - timedelta(28))
    where = JobFilter(ended_since=nights.begin(whose.night, first), ended_until=nights.bounds(whose.night, days[-1])[1])
    query = SummaryQuery(where=where, by=(Key.NIGHT, Key.STATE), zone=whose.night.zone, night=whose.night.minute)
    found: dict[date, dict[JobState, int]] = {}
    for group in store.summary(whose.number, query).groups:
        found.setdefault(date.fromisoformat(str(group.night)), {})[JobState[str(group.state)]] = group.jobs
    return found


def _running(transaction: Transaction, number: int, now: int) -> list[Running]:
    where = JobFilter(states=(JobState.InProgress,))
    query = JobQuery(where=where, sort=Sort(SortKey.START, descending=False), size=_RUNNING)
    rows = details.find(transaction, number, query, now).rows
    mine = endings.series_of(transaction, number, [row.job_id for row in rows])
    usual = runs.usual_of_each(transaction, number, {series for series in mine if series})
    found = []
    for row, series in zip(rows, mine, strict=True):
        known = usual.get(series)
        found.append(Running(row, known.duration.median, known.duration.p90) if known else Running(row))
    return found


def _waits_since(transaction: Transaction, number: int, now: int) -> int:
    query = JobQuery(where=JobFilter(states=(JobState.Waiting,)), sort=Sort(SortKey.START, descending=False), size=1)
    return next((row.start for row in details.find(transaction, number, query, now).rows), 0)


def _unseen(transaction: Transaction, number: int, now: int) -> Unseen:
    """Returns what connectors cannot see. Where they see all, no stream is read for that."""
    blind = connector_freshness.without_data(transaction, [number], now)
    if not blind and not connector_freshness.with_holes(transaction, [number]):
        return Unseen()
    found = connectors.standings(transaction, number)
    lost = [f"{one.connector.connector}: {text}" for one in found for text in streams.lost(one)]
    return Unseen(lacks=streams.lacks(found, now), lost=lost)


def _is_scheduled(transaction: Transaction, whose: Tenant, now: int) -> bool:
    """Whether a schedule is declared, or some job has been announced before it started."""
    declared = any(one.is_schedule for one in whose.expectations)
    return declared or _total(transaction, whose.number, JobState.NotStarted, now) > 0


def _unfinished(transaction: Transaction, number: int, now: int) -> Mapping[JobState, int]:
    """Returns how many jobs run or wait, and how many should have started by now and have not."""
    due = {JobState.NotStarted: now - GRACE}
    states = JobState.InProgress, JobState.Waiting, JobState.NotStarted
    return {state: _total(transaction, number, state, now, due.get(state)) for state in states}


def _total(transaction: Transaction, number: int, state: JobState, now: int, until: int | None = None) -> int:
    where = JobFilter(states=(state,), until=until)
    return pages.find(transaction, number, JobQuery(where=where, size=1), now).total


SHOW: Final = Page(handler=show, id="overview", compress=True)
