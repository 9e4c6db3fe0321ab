"""`/customers`: how all tenants stand that the viewer may see, a line each, worst first."""

from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.identity.operators import reach
from jobreport.model import zones
from jobreport.model.audit import SERVICE
from jobreport.model.catalog import JobState
from jobreport.model.need import Standing
from jobreport.model.nights import NightHours
from jobreport.monitor.html import render
from jobreport.monitor.page import Page, viewer
from jobreport.monitor.pages import first_start
from jobreport.monitor.texts import Times
from jobreport.monitor.views import customers
from jobreport.monitor.views.customers import NIGHTS, Facts, Level
from jobreport.monitor.views.period import past
from jobreport.server.operation import services
from jobreport.store import Store, Transaction
from jobreport.store.query import reasons
from jobreport.store.query.nights.worst import worst_of_nights
from jobreport.store.query.reasons import Why
from jobreport.store.query.series.by_number import these
from jobreport.store.query.series.long_runs import long_runs
from jobreport.store.registry import connector_freshness
from jobreport.store.registry.tenants import Tenant
from jobreport.threads import READS, in_thread
from jobreport.watch import silence
from jobreport.watch.copies import copies
from jobreport.watch.numbers import first_failing, numbers_of
from jobreport.watch.series_now import special

MAX_CAUSES: Final = 50
"""The causes of so many customers are told, the worst first: each is looked up by itself."""
_LEVELS: Final = {level.name.lower(): level for level in Level}


async def show(request: Request) -> Response:
    """Answers with the list. `show` chooses those of one level, `searchText` those with a part of the name."""
    store, who = services(request).store, viewer(request)
    tenants = await in_thread(READS, reach.visible, store, who)
    # The service's own tenant only has reports about other tenants.
    tenants = tuple(one for one in tenants if one.number != SERVICE)
    if not tenants and who.reach is None:
        return first_start.steps(request)
    now = store.clock()
    found = await in_thread(READS, seen, store, tenants, now)
    term = request.query_params.get("searchText", "")
    level = _LEVELS.get(request.query_params.get("show", ""))
    zones_of = {one.night.zone for one in tenants}
    rows = [
        one for one in found.rows if term.casefold() in one.name.casefold() and (level is None or one.level is level)
    ]
    return render(
        request,
        "customers.html",
        live=True,
        t=Times(zones_of.pop() if len(zones_of) == 1 else zones.DEFAULT, now),
        mood=found.mood,
        view=found,
        rows=rows,
        term=term,
        level=level.name.lower() if level else "",
        levels=[(one.name.lower(), label, len(found.at(one))) for one, label in _LABELS],
        chosen=bool(term or level),
    )


_LABELS: Final = ((Level.Call, "Needs a call"), (Level.Watched, "Watched"), (Level.Well, "Well"))


def seen(store: Store, tenants: tuple[Tenant, ...], now: int) -> customers.Customers:
    """Returns what the page shows. To be called in a thread."""
    facts = gather(store, tenants, now)
    found = customers.view(facts, now)
    of = {one.name: one for one in tenants}
    with store.reading() as transaction:
        causes = {
            one.name: _cause(transaction, of[one.name], one.worst.series if one.worst else 0, now)
            for one in found.caused(MAX_CAUSES)
        }
    return found.with_causes(causes)


def _cause(transaction: Transaction, tenant: Tenant, number: int, now: int) -> Why | None:
    """Returns why the series of this number is not good; with 0, the one that is longest without a good copy. None if
    it is good, or if nothing is said.
    """
    listed = these(transaction, tenant.number, [number]) if number else first_failing(transaction, tenant, now)
    ended = {one.status.ended_id for one in listed if one.status.not_good}
    return next(iter(reasons.why(transaction, tenant.number, ended).values()), None)


def gather(store: Store, tenants: tuple[Tenant, ...], now: int) -> list[Facts]:
    """Asks the store for everything that the page shows. To be called in a thread."""
    numbers = [one.number for one in tenants]
    summaries = {one.name: one for one in store.tenants_summary(numbers)}
    by_hours: dict[NightHours, list[int]] = {}
    for one in tenants:
        by_hours.setdefault(one.night, []).append(one.number)
    days = {hours: past(hours, now, NIGHTS) for hours in by_hours}
    nights: dict[int, dict[date, JobState]] = {}
    with store.reading() as transaction:
        specials = special(transaction, tenants, now)
        counted = numbers_of(transaction, specials)
        old = copies(transaction, tenants, specials, now)
        last_jobs = {name: one.last_job for name, one in summaries.items()}
        long = long_runs(transaction, numbers, now)
        unseen = connector_freshness.without_data(transaction, numbers, now)
        silent = silence.silent(transaction, tenants, last_jobs, counted, now)
        for hours, group in by_hours.items():
            nights |= worst_of_nights(transaction, group, hours, days[hours])
    return [
        Facts(
            one.number,
            summaries[one.name],
            old[one.number],
            counted[one.number],
            nights.get(one.number, {}),
            days[one.night],
            one.ages,
            one.good,
            [each for each in specials[one.number].are if each.holds and each.standing is not Standing.RETIRED],
            silent.get(one.number, 0),
            len(long.get(one.number, ())),
            len(unseen.get(one.number, ())),
        )
        for one in tenants
        if one.name in summaries
    ]


SHOW: Final = Page(handler=show, id="customers", of_tenant=False, compress=True)
