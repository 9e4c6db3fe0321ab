"""Judges the series that are due, stores the verdicts, and writes the jobs of runs that did not start.

A series is due when one of its jobs has changed, or when its deadline has passed: its row says when it must be judged
next. Series are read and judged without a lock. The verdict is stored only if neither the jobs nor the expectations
have changed since.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.due_times import Missed, Outage
from jobreport.model.judgement import NEEDS_SOMEBODY, Change, Judgement, Verdict
from jobreport.model.judging import NEVER
from jobreport.model.need import Need, rank
from jobreport.model.stored_job import StoredJob
from jobreport.store import Store, Transaction
from jobreport.store.db import locks
from jobreport.store.jobs.record import whole
from jobreport.store.jobs.write import Replacement, write
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.watch import missed as missed_runs
from jobreport.store.watch import outages, verdicts
from jobreport.store.watch.missed import KEPT
from jobreport.store.watch.verdicts import Kept, Stamp
from jobreport.watch import incidents, missed_jobs
from jobreport.watch.facts import Judged, judged

BATCH: Final = 500
"""So many series are judged and kept in one transaction."""
_OVER: Final = 60 * ticks.PER_SECOND
"""A transaction that took longer than this (ticks) was no work: its process was stopped."""


class Looked(msgspec.Struct, frozen=True):
    """What one transaction did: how many series it judged, and which verdicts changed."""

    judged: int
    changes: Sequence[Change]


class _Wanted(msgspec.Struct):
    """What is to be stored of the series of a tenant."""

    kept: dict[int, Kept] = {}
    missed: dict[int, list[Missed]] = {}
    times: dict[int, int] = {}
    jobs: list[Replacement] = []
    changes: list[Change] = []
    said: dict[int, Judgement] = {}


class _Read(msgspec.Struct, frozen=True):
    """What was read of series of a tenant, and how those that have jobs stand."""

    stamps: Mapping[int, Stamp]
    known: Mapping[int, Kept]
    missed: Mapping[int, Sequence[Missed]]
    judged: Sequence[Judged]


def look(store: Store, now: int) -> Iterator[Looked]:
    """Judges all series whose time has come at `now` (ticks). After each transaction it yields what that did. It ends
    early if that took so long that `now` is long over, as of a process that was stopped: others went on meanwhile.
    """
    with store.reading() as transaction:
        away = outages.every(transaction)
    last = store.clock()
    while True:
        with store.reading() as transaction:
            active = {one.number: one for one in tenants.list_tenants(transaction) if one.status is TenantStatus.ACTIVE}
            due = verdicts.due(transaction, active, now, BATCH)
        if not due:
            return
        for tenant, numbers in due.items():
            found = _read(store, active[tenant], numbers, now, away)
            yield _keep(store, active[tenant], found, now) if found.stamps else Looked(0, ())
            before, last = last, store.clock()
            if last - before > _OVER:
                return


def is_more_due(transaction: Transaction, now: int, than: int) -> bool:
    """Whether the time of more series than so many has come at `now` (ticks)."""
    listed = tenants.list_tenants(transaction)
    active = [one.number for one in listed if one.status is TenantStatus.ACTIVE]
    return sum(map(len, verdicts.due(transaction, active, now, than + 1).values())) > than


def _read(store: Store, tenant: Tenant, numbers: Collection[int], now: int, away: Sequence[Outage]) -> _Read:
    """Reads what is known of these series of a tenant, and judges them."""
    with store.reading() as transaction:
        stamps = {
            number: stamp
            for number, stamp in verdicts.stamps(transaction, tenant.number, numbers).items()
            # Of one that was judged meanwhile, at a later time, nothing is said as of this one.
            if stamp.judge_at <= now
        }
        if not stamps:
            return _Read({}, {}, {}, ())
        known = verdicts.kept(transaction, tenant.number, stamps)
        missed = missed_runs.of_series(transaction, tenant.number, stamps)
        return _Read(stamps, known, missed, judged(transaction, tenant, stamps, known, missed, now, away))


def _keep(store: Store, tenant: Tenant, read: _Read, now: int) -> Looked:
    """Keeps how these series stand."""
    known = read.known
    with store.writing() as transaction:
        locks.lock(transaction, tenant.number)
        if tenants.by_number(transaction, tenant.number) != tenant:  # something else is expected: they stay due
            return Looked(0, ())
        same = _unchanged(transaction, tenant.number, read.stamps)
        mine = [one for one in read.judged if one.series.number in same]
        wanted = _wanted(transaction, tenant, mine, known, now)
        write(transaction, tenant.number, wanted.jobs, now)
        verdicts.keep(transaction, tenant.number, known, wanted.kept)
        missed_runs.put(transaction, tenant.number, read.missed, wanted.missed)
        # Those without jobs are none any more; they are judged when one comes.
        empty = dict.fromkeys(same - {one.series.number for one in read.judged}, NEVER)
        verdicts.judge_at(transaction, tenant.number, {**wanted.times, **empty})
        verdicts.forget(transaction, tenant.number, empty.keys() & known.keys())
        entries = incidents.changed(transaction, wanted.changes)
        incidents.say(transaction, tenant.number, wanted.said)
        if entries:
            audit_log.append(transaction, *entries)
    return Looked(len(same), wanted.changes)


def _unchanged(transaction: Transaction, tenant: int, before: Mapping[int, Stamp]) -> set[int]:
    """Returns those of these series of which no job changed."""
    after = verdicts.stamps(transaction, tenant, before)
    return {number for number, stamp in before.items() if after.get(number) == stamp}


def _wanted(
    transaction: Transaction, tenant: Tenant, found: Sequence[Judged], known: Mapping[int, Kept], now: int
) -> _Wanted:
    """Returns what is to be stored of these series."""
    wanted = _Wanted()
    written = [told.missed.job for one in found for told in one.told if told.missed.job]
    written += [new.job for one in found for new in one.new if new.job]
    there = whole(transaction, tenant.number, written)
    for one in found:
        number = one.series.number
        wanted.missed[number] = _missed(one, there, wanted.jobs, now)
        before = known.get(number)
        if one.told and before:
            # Its jobs change by what became known, and so does how it stands: it is judged again, right after this.
            wanted.kept[number] = replace(before, due=one.due, schedule=one.schedule)
            continue
        wanted.times[number] = one.again
        judgement = one.judgement
        is_new = before is None or before.verdict is not judgement.verdict
        told_anew = is_new or (before is not None and before.cause != judgement.cause)
        wanted.kept[number] = Kept(
            verdict=judgement.verdict,
            since=now if is_new or before is None else before.since,
            sentence=judgement.sentence,
            cause=judgement.cause,
            job=judgement.job,
            due=one.due,
            schedule=one.schedule,
            run_due=judgement.due,
            need=judgement.need,
            state=one.series.status.ended_state if judgement.need is Need.NOT_GOOD else 0,
            service=int(one.series.service),
            place=rank(one.series.type, one.series.status),
            too_old=one.too_old,
        )
        if judgement.verdict in NEEDS_SOMEBODY and not told_anew:
            wanted.said[number] = judgement
        if told_anew and (before or judgement.verdict is not Verdict.MET):
            wanted.changes.append(_change(one, tenant, before.verdict if before else Verdict.MET, now))
    return wanted


def _missed(one: Judged, there: Mapping[str, StoredJob], jobs: list[Replacement], now: int) -> list[Missed]:
    """Returns the runs of a series that still did not start, and adds the jobs that are to be written for them."""
    left = {missed.due: missed for missed in one.missed if missed.due > now - KEPT}
    for told in one.told:
        missed, old = told.missed, there.get(told.missed.job)
        if told.run:
            del left[missed.due]
            if old:
                jobs.append((old, missed_jobs.came(old, told, one.expected, now)))
            continue
        left[missed.due] = replace(missed, known=True)
        if old:
            jobs.append((old, missed_jobs.not_started(old, missed, one.expected, now)))
    for missed in one.new:
        left[missed.due] = missed
        known = there.get(missed.job)
        if missed.job and not known:
            jobs.append((None, missed_jobs.written(one.series, missed, one.expected, one.freshness, now)))
        elif known and not missed_jobs.is_of(known, one.series, missed.due):
            left[missed.due] = replace(missed, job="")  # reported by somebody since it was looked for
    return [left[due] for due in sorted(left)]


def _change(one: Judged, tenant: Tenant, before: Verdict, now: int) -> Change:
    series, judgement = one.series, one.judgement
    return Change(
        tenant=tenant.number,
        series=series.number,
        verdict=judgement.verdict,
        before=before,
        sentence=judgement.sentence,
        cause=judgement.cause,
        connector=one.connector,
        origin=series.origin,
        service=int(series.service),
        type=int(series.type),
        plan=series.plan,
        resource=series.resource,
        at=now,
        job=judgement.job,
    )
