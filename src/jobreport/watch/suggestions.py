"""Suggests schedules for series whose runs come regularly, and of which nobody has said when they are due."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.due_times import is_missed
from jobreport.model.expectation import Expectation, is_open, pattern_words
from jobreport.model.rhythm import LEAST, Rhythm, rhythm
from jobreport.model.series_query import Series, SeriesQuery
from jobreport.model.usual import RUNS, Run
from jobreport.store import Transaction
from jobreport.store.derived.series_parts import STARTED
from jobreport.store.query import runs
from jobreport.store.query import series as of_lists
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.fitting import schedule_of
from jobreport.watch.now import special

MOST: Final = 500
"""Of so many series, the first by name, the runs are read."""
_QUIET: Final = 14 * ticks.PER_DAY
"""What has not run for so long, and for twice its longest gap, may not run any more (ticks)."""


class Suggestion(msgspec.Struct, frozen=True):
    """An expectation that may be set, and of how many series it says when they ran. If it has a name, one that is there
    gets a schedule.
    """

    expectation: Expectation
    series: int

    @property
    def pattern(self) -> str:
        """To which series it applies, in words."""
        return pattern_words(self.expectation)


def suggestions(transaction: Transaction, tenant: Tenant, now: int) -> list[Suggestion]:
    """Returns what may be expected of the tenant's series at `now` (ticks), those of the most series first."""
    page = of_lists.find(transaction, tenant.number, SeriesQuery(size=MOST))
    retired = {one.series.number for one in special(transaction, [tenant], now)[tenant.number].are if one.holds}
    open_ = [
        one
        for one in page.series
        if one.status.jobs >= LEAST and one.number not in retired and not schedule_of(tenant.expectations, one)
    ]
    last = runs.newest_of_each(transaction, tenant.number, [one.number for one in open_], STARTED, RUNS)
    found = {one.number: when for one in open_ if (when := _rhythm(last.get(one.number, ()), tenant.night.zone, now))}
    return sorted(_grouped(tenant, page.series, found), key=lambda one: (-one.series, one.pattern))


def _rhythm(last: Sequence[Run], zone: str, now: int) -> Rhythm | None:
    starts = sorted(run.start for run in last if not is_missed(run.job_id))
    if len(starts) < LEAST:
        return None
    longest = max(later - earlier for earlier, later in pairwise(starts))
    return rhythm(starts, zone) if now - starts[-1] <= max(_QUIET, 2 * longest) else None


def _grouped(tenant: Tenant, series: Sequence[Series], found: dict[int, Rhythm]) -> list[Suggestion]:
    """Returns a suggestion for each plan whose series all run alike, and else one for each series."""
    by_plan: dict[str, list[Series]] = {}
    for one in series:
        by_plan.setdefault(one.plan, []).append(one)
    wanted = []
    for plan, several in by_plan.items():
        alike = {found.get(one.number) for one in several}
        (whole,) = alike if len(alike) == 1 else (None,)
        if plan and whole:
            wanted.append(_suggestion(tenant, plan, "", whole, len(several)))
        elif not whole or not plan:
            wanted += [
                _suggestion(tenant, plan, one.resource, when, 1) for one in several if (when := found.get(one.number))
            ]
    return [one for one in wanted if one]


def _suggestion(tenant: Tenant, plan: str, resource: str, when: Rhythm, series: int) -> Suggestion | None:
    if is_open(plan) or is_open(resource):
        return None  # As a pattern, its name would mean others too.
    schedule = Expectation(
        name="",
        plan=plan,
        resource=resource,
        cron=(when.cron,) if when.cron else (),
        every=when.every,
        zone=tenant.night.zone if when.cron else "",
        grace=when.grace,
    )
    same = next((one for one in tenant.own if one.pattern == schedule.pattern), None)
    if same is None:
        return Suggestion(schedule, series)
    if same.file or same.by:
        return None
    said = {name: getattr(schedule, name) for name in ("cron", "every", "zone", "grace")}
    return Suggestion(replace(same, **said), series)
