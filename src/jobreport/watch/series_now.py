"""How series stand now: as they were last judged, or judged at this moment if they are due.

So a job that has just arrived counts at once, and all pages follow from the same judgement. A page judges at most a few
hundred series itself. If more are due, the watch is working on them, and the others are shown as last judged.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from jobreport.model import ticks
from jobreport.model.due_times import Outage
from jobreport.model.good_copy_age import Agreed
from jobreport.model.judgement import Judgement
from jobreport.model.need import Held, Kind, Mark, Need, Standing, held, standing_of
from jobreport.model.series_query import Series
from jobreport.store import HEARTBEAT_SECONDS, Transaction
from jobreport.store.jobs.stalled import absence
from jobreport.store.query.series.announced import Announced, announced
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import marks as registry
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import incidents, outages, standing, verdicts
from jobreport.store.watch import missed as missed_runs
from jobreport.store.watch.verdicts import Kept
from jobreport.watch import facts
from jobreport.watch.fitting import ages
from jobreport.watch.mark_snapshot import snapshot_of

MOST_DUE: Final = 500
"""At most so many series are judged for who asks how all stand; those of a list are all judged."""
_TOLERANCE: Final = 3 * HEARTBEAT_SECONDS * ticks.PER_SECOND


class SeriesNow(NamedTuple):
    """A series, and how it stands now.

    `agreed`: how old its last good copy may become; None if nothing says so. `too_old`: when the copy gets older than
    that, or got older (ticks; 0: nothing says so, or it does not matter). `mark`: the last thing that a person said
    about it, and `held`: whether that still holds; both None if nobody said anything.
    """

    series: Series
    judgement: Judgement
    agreed: Agreed | None = None
    too_old: int = 0
    mark: Mark | None = None
    held: Held | None = None

    @property
    def need(self) -> Need:
        """How it stands, in the word that all numbers count by."""
        return self.judgement.need

    @property
    def due(self) -> int:
        """When the run was due that has not started (ticks; 0: none is missed)."""
        return self.judgement.due if self.need is Need.NOT_STARTED else 0

    @property
    def holds(self) -> Mark | None:
        """What was said of it, if that still holds."""
        return self.mark if self.held is Held.HOLDS else None

    @property
    def standing(self) -> Standing | None:
        """How it counts; None if it is well."""
        return standing_of(self.need, self.holds)


class Special(NamedTuple):
    """The series of a tenant for which the kept counts are not right now: they are judged at this moment, or a person
    said something about them.

    `was`: what is stored of each, by its number, and so what the counts contain. `are`: how those that have jobs stand
    now. `waiting`: how many other series were never judged.
    """

    numbers: frozenset[int] = frozenset()
    was: Mapping[int, Kept] = {}
    are: Sequence[SeriesNow] = ()
    waiting: int = 0


def special(transaction: Transaction, tenants: Iterable[Tenant], now: int) -> dict[int, Special]:
    """Returns the series of each tenant for which the kept counts are not right at `now` (ticks)."""
    by_number = {one.number: one for one in tenants}
    due = verdicts.due(transaction, by_number, now, MOST_DUE)
    said = registry.of_tenants(transaction, by_number)
    is_more = sum(map(len, due.values())) >= MOST_DUE
    waiting = standing.never_judged(transaction, by_number, now) if is_more else {}
    found = dict.fromkeys(by_number, Special())
    for number in due.keys() | said.keys() | waiting.keys():
        marks = said.get(number, {})
        mine = frozenset({*due.get(number, ()), *marks})
        was = verdicts.kept(transaction, number, mine)
        judge = [*due.get(number, ()), *(one for one in marks if one not in was)]
        are = _are(transaction, by_number[number], these(transaction, number, mine), judge, was, marks, now)
        left = waiting.get(number, 0) - sum(one.series.number not in was for one in are)
        found[number] = Special(mine, was, are, max(0, left))
    return found


def series_now(transaction: Transaction, tenant: Tenant, listed: Sequence[Series], now: int) -> list[SeriesNow]:
    """Returns how these series stand at `now` (ticks), in their order."""
    numbers = [one.number for one in listed]
    was = verdicts.kept(transaction, tenant.number, numbers)
    stamps = verdicts.stamps(transaction, tenant.number, numbers)
    due = [number for number in numbers if number not in was or stamps[number].judge_at <= now]
    said = registry.of_tenants(transaction, [tenant.number]).get(tenant.number, {})
    return _are(transaction, tenant, listed, due, was, said, now)


def as_kept(transaction: Transaction, tenant: Tenant, listed: Sequence[Series], now: int) -> list[SeriesNow]:
    """Returns how these series stand by what is stored of them, in their order. What people said is left out."""
    was = verdicts.kept(transaction, tenant.number, [one.number for one in listed])
    return _are(transaction, tenant, listed, (), was, {}, now)


def series_then(transaction: Transaction, tenant: Tenant, listed: Sequence[Series], at: int) -> list[SeriesNow]:
    """Returns how these series, as they stood at a time (ticks), stood to what is expected of them today, in their
    order. What people said of them then is not known.
    """
    judged = facts.judged_at(transaction, tenant, listed, at)
    agreed = ages(transaction, tenant, listed, at)
    return [SeriesNow(one, judged[one.number], agreed[one.number]) for one in listed]


def away(transaction: Transaction, now: int) -> tuple[Outage, ...]:
    """Returns the times in which no server ran, including one that is not stored yet."""
    last = absence(transaction, now, _TOLERANCE)
    return (*outages.every(transaction), *([last] if last else []))


def _are(
    transaction: Transaction,
    tenant: Tenant,
    listed: Sequence[Series],
    due: Collection[int],
    was: Mapping[int, Kept],
    said: Mapping[int, Mark],
    now: int,
) -> list[SeriesNow]:
    """Returns how these series stand: those that are `due` as they are judged now, the others as they `was` kept."""
    number = tenant.number
    found: dict[int, SeriesNow] = {}
    if due:
        missed = missed_runs.of_series(transaction, number, due)
        for one in facts.judged(transaction, tenant, due, was, missed, now, away(transaction, now)):
            found[one.series.number] = SeriesNow(one.series, one.judgement, one.expected.agreed, one.too_old)
    kept = [one for one in listed if one.number not in found]
    agreed = ages(transaction, tenant, kept, now)
    for each in kept:
        before = was[each.number]
        found[each.number] = SeriesNow(each, before.judgement, agreed[each.number], before.too_old)
    marks = {one.number: said[one.number] for one in listed if one.number in said}
    if marks:
        _mark(transaction, number, found, marks, now)
    return [found[one.number] for one in listed]


def _mark(
    transaction: Transaction, tenant: int, found: dict[int, SeriesNow], marks: Mapping[int, Mark], now: int
) -> None:
    """Adds what people said of series."""
    going_on = incidents.open_among(transaction, tenant, marks.keys())
    # Only who was retired comes back by what is announced.
    is_asked = any(mark.kind is Kind.RETIRED for mark in marks.values())
    coming = announced(transaction, [tenant], now).get(tenant, {}) if is_asked else {}
    for number, mark in marks.items():
        one = found[number]
        so = snapshot_of(one.series, one.judgement, coming.get(number, Announced()))
        found[number] = one._replace(mark=mark, held=held(mark, so, now, is_open=number in going_on))
