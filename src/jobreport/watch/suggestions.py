"""Suggests what to expect of series whose runs come regularly: a schedule, or an age if their hour moves on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.due_times import is_missed
from jobreport.model.expectation import Expectation, is_open, pattern_words
from jobreport.model.good_copy_age import COPIES
from jobreport.model.job import fold
from jobreport.model.rhythm import LEAST, Rhythm, rhythm
from jobreport.model.series_query import Series, SeriesFilter, SeriesQuery
from jobreport.model.usual import RUNS, Run
from jobreport.store import Transaction
from jobreport.store.derived.series_parts import STARTED
from jobreport.store.query.series import listing, runs
from jobreport.store.registry.tenants import Tenant
from jobreport.watch.fitting import about, schedule_of
from jobreport.watch.series_now import special

MOST: Final = 500
"""Of so many series, the first by name, the runs are read, and of all others of the plan that this would cut."""
MOST_OF_PLAN: Final = 2_000
"""A plan that is cut and has more series than this is left out."""
_QUIET: Final = 14 * ticks.PER_DAY
"""What has not run for so long, and for twice its longest gap, may not run any more (ticks)."""


class Suggestion(msgspec.Struct, frozen=True):
    """An expectation that may be set, and of how many series it says when they ran. If it has a name, one that is there
    gets what it says.
    """

    expectation: Expectation
    series: int

    @property
    def pattern(self) -> str:
        """To which series it applies, in words."""
        return pattern_words(self.expectation)


def suggestions(transaction: Transaction, tenant: Tenant, now: int) -> list[Suggestion]:
    """Returns what may be expected of the tenant's series at `now` (ticks), those of the most series first."""
    listed, is_cut = _listed(transaction, tenant.number)
    retired = {one.series.number for one in special(transaction, [tenant], now)[tenant.number].are if one.holds}
    open_ = [
        one
        for one in listed
        if one.status.jobs >= LEAST and one.number not in retired and not schedule_of(tenant.expectations, one)
    ]
    last = runs.newest_of_each(transaction, tenant.number, [one.number for one in open_], STARTED, RUNS)
    found = {
        one.number: when
        for one in open_
        if (when := _rhythm(last.get(one.number, ()), tenant.night.zone, now)) and _may_be_said(when, tenant, one)
    }

    @cache
    def is_known(resource: str) -> bool:
        where = SeriesFilter(resources=(resource,))
        there = listing.find(transaction, tenant.number, SeriesQuery(where=where, size=1)).total
        return there == sum(one.resource == resource for one in listed)

    index = _Index(listed, is_known if is_cut else lambda _: True)
    return sorted(_grouped(tenant, listed, index, found), key=lambda one: (-one.series, one.pattern))


def _listed(transaction: Transaction, tenant: int) -> tuple[list[Series], bool]:
    """Returns the series that are looked at, and whether there are others: none of the plans of these."""
    page = listing.find(transaction, tenant, SeriesQuery(size=MOST))
    if page.next is None:
        return [*page.series], False
    # Plans are sorted without regard to case, so several may be cut.
    last = fold(page.series[-1].plan)
    cut = tuple({one.plan: None for one in page.series if last and fold(one.plan) == last})
    rest = [one for one in page.series if one.plan not in cut]
    if cut:
        whole = listing.find(transaction, tenant, SeriesQuery(where=SeriesFilter(plans=cut), size=MOST_OF_PLAN))
        rest += whole.series if whole.next is None else ()
    return rest, True


def _may_be_said(when: Rhythm, tenant: Tenant, one: Series) -> bool:
    """Whether it is news: an age is none where people said one, and of what leaves no copy."""
    return not when.age or (one.type in COPIES and tenant.ages.agreed(*about(one)) is None)


def _rhythm(last: Sequence[Run], zone: str, now: int) -> Rhythm | None:
    starts = sorted(run.start for run in last if not is_missed(run.job_id))
    if len(starts) < LEAST:
        return None
    longest = max(later - earlier for earlier, later in pairwise(starts))
    return rhythm(starts, zone) if now - starts[-1] <= max(_QUIET, 2 * longest) else None


def _grouped(tenant: Tenant, series: Sequence[Series], index: "_Index", found: dict[int, Rhythm]) -> list[Suggestion]:
    """Returns a suggestion for each plan whose series all run alike, and else one for each series."""
    wanted: dict[str, Suggestion] = {}
    for one in series:
        if (when := found.get(one.number)) and (made := _suggestion(tenant, one, when, index, found)):
            wanted[made.pattern] = made
    return [*wanted.values()]


def _suggestion(
    tenant: Tenant, one: Series, when: Rhythm, index: "_Index", found: Mapping[int, Rhythm]
) -> Suggestion | None:
    if is_open(f"{one.plan}{one.resource}{one.origin}"):
        return None  # As a pattern, its name would mean others too.
    for pattern in _patterns(one):
        same = next((each for each in tenant.own if each.pattern == pattern.pattern), None)
        fitting = index.fitting(pattern)
        # What would be said of one that does not run so is left to a pattern that does not mean it.
        if {found.get(each.number) for each in fitting} != {when} or not index.has_all(pattern):
            continue
        if same and (same.file or same.by):
            return None
        said = {
            "cron": (when.cron,) if when.cron else (),
            "every": when.every,
            "zone": tenant.night.zone if when.cron else "",
            "grace": when.grace,
        }
        said = {"age": when.age} if when.age else said
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


class _Index:
    """Series by plan and resource. `is_known` tells whether all series with a resource are among them; of their plans
    all are.
    """

    def __init__(self, series: Sequence[Series], is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known
        self._of: dict[tuple[str, str], list[Series]] = {}
        for one in series:
            # Of any plan, or of any resource, where one of these is empty.
            for key in {(one.plan, one.resource), (one.plan, ""), ("", one.resource)}:
                self._of.setdefault(key, []).append(one)

    def fitting(self, pattern: Expectation) -> list[Series]:
        """Returns those that a pattern fits, which names a plan or a resource."""
        return [one for one in self._of[pattern.plan, pattern.resource] if pattern.fits(*about(one))]

    def has_all(self, pattern: Expectation) -> bool:
        """Whether the pattern means no series that is not here."""
        return bool(pattern.plan) or self._is_known(pattern.resource)
