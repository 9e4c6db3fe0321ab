"""Suggests schedules for series whose runs come regularly and for which no schedule is set."""

from collections.abc import Iterator, Mapping, Sequence
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
from jobreport.store.query.series import listing, runs
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.fitting import about, schedule_of
from jobreport.watch.series_now import special

MOST: Final = 500
"""Of so many series, the first by name, the runs are read."""
_QUIET: Final = 14 * ticks.PER_DAY
"""What has not run for so long, and for twice its longest gap, may not run any more (ticks)."""

_Index = Mapping[tuple[str, str], Sequence[Series]]
"""Series by plan and resource; of any plan, or of any resource, where one of these is empty."""


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
    page = listing.find(transaction, tenant.number, SeriesQuery(size=MOST))
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
    index: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        for key in {(one.plan, one.resource), (one.plan, ""), ("", one.resource), ("", "")}:
            index.setdefault(key, []).append(one)
    wanted: dict[str, Suggestion] = {}
    for one in series:
        if (when := found.get(one.number)) and (made := _suggestion(tenant, one, when, index, found)):
            wanted[made.pattern] = made
    return [*wanted.values()]


def _suggestion(
    tenant: Tenant, one: Series, when: Rhythm, index: _Index, found: Mapping[int, Rhythm]
) -> Suggestion | None:
    if is_open(f"{one.plan}{one.resource}{one.origin}"):
        return None  # As a pattern, its name would mean others too.
    for pattern in _patterns(one):
        same = next((each for each in tenant.own if each.pattern == pattern.pattern), None)
        fitting = [each for each in index[pattern.plan, pattern.resource] if pattern.fits(*about(each))]
        # What would be said of one that does not run so is left to a pattern that does not mean it.
        if {found.get(each.number) for each in fitting} != {when}:
            continue
        if same and (same.file or same.by):
            return None
        said = {
            "cron": (when.cron,) if when.cron else (),
            "every": when.every,
            "zone": tenant.night.zone if when.cron else "",
            "grace": when.grace,
        }
        return Suggestion(replace(same or pattern, **said), len(fitting))
    return None


def _patterns(one: Series) -> Iterator[Expectation]:
    """Gives patterns that a series fits, the least specific first."""
    if one.plan:
        yield Expectation(name="", plan=one.plan)
    if one.resource:
        yield Expectation(name="", plan=one.plan, resource=one.resource)
    service, kind, plan, resource, origin = about(one)
    yield Expectation(name="", type=kind, plan=plan, resource=resource)
    yield Expectation(name="", service=service, type=kind, plan=plan, resource=resource, origin=origin)
