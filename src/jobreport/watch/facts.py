"""Gathers the facts from which each series is judged: its jobs, and what is expected of it."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from jobreport.model.due_times import (
    EARLY,
    Missed,
    MissedOutcome,
    Outage,
    Settled,
    hours_off,
    is_missed,
    outcomes,
    settle,
    too_old_after,
)
from jobreport.model.expectation import GRACE, Expectation, most_specific
from jobreport.model.good_copy_age import COPIES, DAILY, Agreed
from jobreport.model.judgement import Judgement, Verdict
from jobreport.model.judging import Expected, Facts, Freshness, judge, judge_again
from jobreport.model.series_query import Series
from jobreport.model.streams import ConnectorStatus
from jobreport.model.usual import RUNS, Run, usual
from jobreport.store import Transaction
from jobreport.store.derived.series_parts import STARTED
from jobreport.store.query import reasons
from jobreport.store.query.series import runs
from jobreport.store.query.series.announced import Announced, announced
from jobreport.store.query.series.by_number import these
from jobreport.store.registry import connectors
from jobreport.store.registry import marks as registry
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import outages
from jobreport.store.watch.verdicts import Kept
from jobreport.watch import origin_schedules
from jobreport.watch.fitting import about, ages, schedule_of
from jobreport.watch.freshness import as_lost, freshness_of
from jobreport.watch.mark_snapshot import is_retired
from jobreport.watch.missed_ids import MissedIds
from jobreport.watch.schedules import following, open_until, opens, zone_of
from jobreport.watch.settling import begins_at, first_unsettled, hash_of

FEW_RUNS: Final = 10
"""So many of the last runs are read of each series."""
_MOST_RUNS: Final = 2_000
"""The most that are read of one that has missed runs."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A series as it was judged, and when it must be judged `again` (ticks). `due` is the first due time that is not
    settled, by the `schedule` of this hash. `missed` are the runs that were known not to have started; of some of these
    more is `told` now, and others are `new`. `connector` is the name of the one that reads it, or empty. `retired`:
    it no longer runs, on purpose. `by` says when runs are due; None: nothing does.
    """

    series: Series
    expected: Expected
    freshness: Freshness
    judgement: Judgement
    again: int
    due: int = 0
    schedule: str = ""
    missed: Sequence[Missed] = ()
    told: Sequence[MissedOutcome] = ()
    new: Sequence[Missed] = ()
    connector: str = ""
    retired: bool = False
    by: Expectation | None = None

    @property
    def too_old(self) -> int:
        """When its last good copy gets older than expected, or got older (ticks; 0: unknown, or it does not matter)."""
        agreed, status = self.expected.agreed, self.series.status
        if not agreed or not status.good_id or self.retired or self.judgement.verdict is Verdict.MAINTENANCE:
            return 0
        return status.good_finish + agreed.age + self.expected.away


class _Read(msgspec.Struct, frozen=True):
    """What was read of all series together."""

    tenant: Tenant
    names: MissedIds
    now: int
    away: Sequence[Outage]
    ages: Mapping[int, Agreed | None]
    announced: Mapping[int, Announced]
    causes: Mapping[str, reasons.Why]
    retired: Collection[int]
    connectors: Mapping[str, ConnectorStatus]
    runs: Mapping[int, Sequence[Run]]
    next_runs: Mapping[tuple[str, str], Sequence[int]] = {}
    is_past: bool = False


def judged(
    transaction: Transaction,
    tenant: Tenant,
    numbers: Collection[int],
    known: Mapping[int, Kept],
    missed: Mapping[int, Sequence[Missed]],
    now: int,
    away: Sequence[Outage],
) -> list[Judged]:
    """Returns how these series stand at `now` (ticks), except those without jobs. `known` are their last verdicts,
    `missed` their runs that did not start, `away` the times in which no server ran.
    """
    listed = these(transaction, tenant.number, numbers)
    standings = connectors.standings(transaction, tenant.number)
    marks = registry.of_tenants(transaction, [tenant.number]).get(tenant.number, {})
    coming = announced(transaction, [tenant.number], now).get(tenant.number, {})
    names = MissedIds(transaction, tenant)
    names.expect((one, due) for one in listed if (due := _unsettled(one, known.get(one.number), now)))
    read = _Read(
        tenant,
        names,
        now,
        away,
        ages(transaction, tenant, listed, now),
        coming,
        reasons.why(transaction, tenant.number, {one.status.ended_id for one in listed if one.status.not_good}),
        {
            one.number
            for one in listed
            if (mark := marks.get(one.number)) and is_retired(mark, one, coming.get(one.number, Announced()), now)
        },
        {f"{one.connector.kind}/{one.connector.connector}": one for one in standings},
        runs.newest_of_each(transaction, tenant.number, [one.number for one in listed], STARTED, FEW_RUNS),
        origin_schedules.next_runs_of(transaction, tenant.number, listed, standings),
    )
    return [_judged(transaction, read, one, known.get(one.number), missed.get(one.number, ())) for one in listed]


def judged_at(transaction: Transaction, tenant: Tenant, listed: Sequence[Series], at: int) -> dict[int, Judgement]:
    """Returns how these series, as they stood at a time (ticks), stood to what is expected of them today, by number.
    What people said of them, and what a connector could read then, is not known.
    """
    read = _Read(
        tenant,
        MissedIds(transaction, tenant),
        at,
        outages.every(transaction),
        ages(transaction, tenant, listed, at),
        {},
        reasons.why(transaction, tenant.number, {one.status.ended_id for one in listed if one.status.not_good}),
        (),
        {},
        runs.newest_before(transaction, tenant.number, [one.number for one in listed], at, FEW_RUNS),
        is_past=True,
    )
    return {one.number: _judged(transaction, read, one, None, ()).judgement for one in listed}


def _judged(transaction: Transaction, read: _Read, one: Series, known: Kept | None, missed: Sequence[Missed]) -> Judged:
    tenant, now = read.tenant, read.now
    rule = None
    if one.number not in read.retired:
        rule = schedule_of(tenant.expectations, one) or origin_schedules.expectation_of(one, read.next_runs, now)
    expected = _expected(read, one, rule)
    standing = read.connectors.get(one.origin)
    freshness = freshness_of(standing, now)
    schedule = hash_of(rule, tenant.night.zone) if rule else ""
    same = known.due if known and known.schedule == schedule else 0
    last = _last_runs(transaction, read, one, missed, same) if rule or missed else []
    missed = [as_lost(run, expected.grace, freshness) for run in missed]
    heard = outcomes(missed, last, expected.grace, freshness.read)
    settled, off, new = None, 0, tuple[Missed, ...]()
    if rule:
        steps = partial(following, rule, tenant.night.zone)
        if read.is_past:
            begins = first_unsettled(steps, last, expected.grace, now)
        else:
            begins = begins_at(rule, schedule, steps, known, now)
        found = partial(
            settle,
            begins,
            steps,
            last,
            expected.grace,
            now=now,
            outages=read.away,
            read=freshness.read,
            no_data=bool(freshness.no_data),
            holes=freshness.holes,
            repeats=rule.every,
        )
        settled = found()
        if settled.missed and (off := hours_off(last, steps)):
            settled = found(off=off)
        new = read.names.named(one, settled.missed)
    open_ = _open(missed, heard, new)
    facts = _facts(read, one, settled, open_, off)
    judgement = judge(expected, facts, freshness, now)
    return Judged(
        series=one,
        expected=expected,
        freshness=freshness,
        judgement=judgement,
        again=judge_again(expected, facts, freshness, judgement, now),
        due=settled.due if settled else 0,
        schedule=schedule,
        missed=missed,
        told=heard,
        new=new,
        connector=standing.connector.connector if standing else "",
        retired=one.number in read.retired,
        by=rule,
    )


def _unsettled(one: Series, known: Kept | None, now: int) -> int:
    """Returns a due time that has passed since the newest job of a series (ticks); 0 if there is none."""
    return known.due if known and one.status.newest_filed < known.due < now else 0


def _open(missed: Sequence[Missed], heard: Sequence[MissedOutcome], new: Sequence[Missed]) -> Missed | None:
    """Returns the newest run that did not start and of which no more is known; None if there is none."""
    came = {one.missed.due for one in heard if one.run}
    known = {one.missed.due for one in heard if not one.run}
    left = [msgspec.structs.replace(one, known=one.known or one.due in known) for one in missed if one.due not in came]
    return max((*left, *new), key=lambda one: one.due, default=None)


def _expected(read: _Read, one: Series, rule: Expectation | None) -> Expected:
    tenant = read.tenant
    zone = tenant.night.zone
    fitting = [rule for rule in tenant.expectations if rule.fits(*about(one))]
    longest = most_specific(rule for rule in fitting if rule.longest)
    agreed = read.ages.get(one.number)
    good, age = one.status.good_finish, agreed.age if agreed else DAILY
    return Expected(
        agreed=agreed,
        away=too_old_after(good, age, read.away) - good - age,
        zone=zone_of(rule, zone) if rule else zone,
        grace=(rule.grace or GRACE) if rule else GRACE,
        longest=longest.longest if longest else 0,
        maintenance=max((open_until(rule, zone, read.now) for rule in fitting if rule.windows), default=0),
        next_maintenance=min(
            filter(None, (opens(rule, zone, read.now) for rule in fitting if rule.windows)), default=0
        ),
    )


def _last_runs(
    transaction: Transaction, read: _Read, one: Series, missed: Sequence[Missed], since: int
) -> Sequence[Run]:
    """Returns the last runs of a series, without the jobs that stand for runs that did not start. More runs are read if
    there are such jobs, and all runs `since` the first open due time (ticks; 0: none), since many may arrive together.
    """
    found, most = read.runs.get(one.number, []), FEW_RUNS
    if missed and len(found) >= most:
        most = min(RUNS + 2 * len(missed), _MOST_RUNS)
        found = runs.newest(transaction, read.tenant.number, one.number, STARTED, most)
    while since and len(found) >= most < _MOST_RUNS and found[-1].start >= since - EARLY:
        most = min(4 * most, _MOST_RUNS)
        found = runs.newest(transaction, read.tenant.number, one.number, STARTED, most)
    return [run for run in found if not is_missed(run.job_id)]


def _facts(
    read: _Read,
    one: Series,
    settled: Settled | None,
    missed: Missed | None,
    off: int,
) -> Facts:
    status = one.status
    because = read.causes.get(status.ended_id)
    coming = read.announced.get(one.number, Announced())
    good, before = _good_runs(read, one)
    return Facts(
        kind=one.type,
        status=status,
        announced=coming.due,
        coming=coming.coming,
        settled=settled,
        missed=missed,
        off=off,
        cause=because.code if because else "",
        why=because.text if because else "",
        good=good,
        usual=usual(before),
        retired=one.number in read.retired,
    )


def _good_runs(read: _Read, one: Series) -> tuple[Run | None, list[Run]]:
    """Returns the newest good run of a series that leaves copies, and those of its last runs before it."""
    if one.type not in COPIES or not one.status.good_id or one.status.not_good:
        return None, []
    found = [run for run in read.runs.get(one.number, ()) if run.state in read.tenant.good]
    return (found[0], found[1:]) if found else (None, [])
