"""What must not keep a backup that did not run from being told, nor have one told that ran."""

from collections.abc import Callable

import pytest
from watched_tenant import DAY, DUE, HOUR, MIDNIGHT, MINUTE, Watched

from clocks import Clock
from jobreport.contract.expectation import WindowDocument
from jobreport.identity import tenants
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.due_times import Outage
from jobreport.model.expectation import Expectation
from jobreport.model.judgement import Verdict
from jobreport.store import Store
from jobreport.store.jobs.stalled import heartbeat, note_absence
from jobreport.store.registry import tenants as tenants_of_store
from jobreport.store.watch import incidents, outages, verdicts
from jobreport.watch.judging import look


def test_many_runs_that_are_told_of_together_are_all_there(watched: Watched) -> None:
    watched.ran(MIDNIGHT - DAY)
    watched.expect(plan="nightly", cron=("*/5 * * * *",), zone="UTC", grace="10m")
    watched.told(MIDNIGHT - 1)
    after = MIDNIGHT + 60 * 5 * MINUTE
    for number in range(60):
        watched.ran(MIDNIGHT + number * 5 * MINUTE + MINUTE, at=after)
    watched.told(after)
    assert watched.jobs(JobState.Failed, JobState.Skipped) == []


def test_what_runs_hours_later_than_declared_is_missed_when_it_does_not_run_at_all(watched: Watched) -> None:
    for night in (3, 2, 1):
        watched.ran(DUE - night * DAY + 3 * HOUR)
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", grace="1h")
    watched.told(DUE - HOUR)
    assert watched.told(DUE + 3 * HOUR) == []
    watched.ran(DUE + 3 * HOUR)
    watched.told(DUE + 5 * HOUR)
    assert watched.verdicts(DUE + DAY + 4 * HOUR) == [Verdict.LATE]
    (missed,) = watched.told(DUE + DAY + 4 * HOUR + 1)
    assert missed.verdict is Verdict.MISSED
    assert missed.sentence.startswith("did not start; expected 02:00 Europe/Berlin, 1 h grace")
    assert [job.start for job in watched.jobs(JobState.Failed)] == [DUE + DAY]


def test_what_runs_hours_earlier_than_declared_is_missed_when_it_does_not_run_at_all(watched: Watched) -> None:
    for night in (2, 1, 0):
        watched.ran(DUE - night * DAY - 2 * HOUR)
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", grace="1h")
    watched.told(DUE - HOUR)
    assert watched.told(DUE + 2 * HOUR) == []
    assert watched.verdicts(DUE + DAY + HOUR + 1)[-1:] == [Verdict.MISSED]


def test_a_clock_that_was_far_ahead_for_a_while_keeps_nothing_from_being_missed(nightly: Watched) -> None:
    def beat(at: int) -> None:
        with nightly.store.writing() as transaction:
            heartbeat(transaction, at, MINUTE)

    beat(MIDNIGHT)
    beat(MIDNIGHT + 365 * DAY)
    nightly.told(MIDNIGHT + 365 * DAY)
    minutes = (DUE + 2 * HOUR - MIDNIGHT) // MINUTE
    for number in range(1, minutes):
        beat(MIDNIGHT + number * MINUTE)
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MISSED]
    assert [job.start for job in nightly.jobs(JobState.Failed)] == [DUE]


def test_all_that_did_not_start_is_found_however_much_it_is(watched: Watched) -> None:
    watched.ran(MIDNIGHT - 30 * MINUTE)
    watched.expect(plan="nightly", cron=("* * * * *",), zone="UTC", grace="1m")
    watched.told(MIDNIGHT)
    watched.told(MIDNIGHT + 2_100 * MINUTE)
    assert watched.number_of(JobState.Failed) == 2_098
    watched.told(MIDNIGHT + 2_101 * MINUTE)
    assert watched.number_of(JobState.Failed) == 2_099


def test_what_is_bad_when_a_window_opens_needs_nobody_within_it(nightly: Watched) -> None:
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MISSED]
    opens, ends = (ticks.to_iso(MIDNIGHT + hours * HOUR, digits=0) for hours in (12, 14))
    nightly.expect(resource="web-*", windows=(WindowDocument(begins=opens, ends=ends),))
    assert nightly.told(MIDNIGHT + 12 * HOUR - 1) == []
    assert nightly.verdicts(MIDNIGHT + 12 * HOUR) == [Verdict.MAINTENANCE]
    assert nightly.verdicts(MIDNIGHT + 14 * HOUR) == [Verdict.MISSED]


def test_what_is_bad_when_a_window_that_repeats_opens_needs_nobody_within_it(nightly: Watched) -> None:
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MISSED]
    nightly.expect(resource="web-*", zone="UTC", windows=(WindowDocument(cron="0 12 * * *", length="2h"),))
    assert nightly.verdicts(MIDNIGHT + 12 * HOUR) == [Verdict.MAINTENANCE]
    assert nightly.verdicts(MIDNIGHT + 14 * HOUR) == [Verdict.MISSED]


def test_whoever_hears_again_of_what_goes_on_hears_numbers_of_today(nightly: Watched) -> None:
    for night in range(3):
        nightly.ran(DUE + night * DAY, state=JobState.Failed, successful=0, total=1, failed=1)
        nightly.told(DUE + night * DAY + HOUR)
    with nightly.store.reading() as transaction:
        (one,) = incidents.open_of(transaction, nightly.number, [1, 2, 3]).values()
    assert "3 times in a row" in one.sentence
    assert one.job == f"FB{DUE + 2 * DAY}"


def test_nothing_is_missed_because_a_server_was_away_where_a_command_judges_first(nightly: Watched) -> None:
    with nightly.store.writing() as transaction:
        heartbeat(transaction, MIDNIGHT, MINUTE)
    for morning in (DUE + 6 * HOUR, DUE + 6 * HOUR + 5 * MINUTE):
        with nightly.store.writing() as transaction:
            noted = note_absence(transaction, morning, MINUTE)
        assert noted is (morning == DUE + 6 * HOUR)
        assert nightly.verdicts(morning) in ([Verdict.LATE], [])
    # Noted once: from then on it is watched by the command.
    with nightly.store.reading() as transaction:
        assert outages.every(transaction) == (Outage(MIDNIGHT, DUE + 6 * HOUR),)
    assert nightly.verdicts(DUE + 2 * DAY) == [Verdict.MISSED]


def test_a_run_that_is_late_is_not_forgotten_since_its_schedule_gets_a_day_off(nightly: Watched) -> None:
    assert nightly.verdicts(DUE + 30 * MINUTE) == [Verdict.LATE]
    nightly.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", grace="1h", off=("2026-12-24",))
    nightly.told(DUE + 31 * MINUTE)
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MISSED]
    # What was due by the new one alone, before it was declared, is not missed.
    nightly.clock.now = DUE + DAY + 30 * MINUTE
    nightly.expect(plan="nightly", cron=("*/10 * * * *",), zone="Europe/Berlin", grace="1h")
    nightly.told(DUE + DAY + 30 * MINUTE)
    nightly.told(DUE + DAY + 90 * MINUTE)
    assert [job.start for job in nightly.jobs(JobState.Failed)] == [DUE]


def test_what_is_expected_while_series_are_judged_counts_at_once(watched: Watched, store: Store) -> None:
    other = tenants.ensure(store, f"{watched.name}-other")
    both = [watched, Watched(store, watched.clock, other.name, other.number)]
    for one in both:
        one.ran(MIDNIGHT)
        one.expect(plan="nightly", age="3h")
    steps = look(store, MIDNIGHT + 2 * HOUR)
    changes = list(next(steps).changes)
    for one in both:
        one.expect(plan="nightly", age="1h")
    changes += [change for step in steps for change in step.changes]
    assert {change.tenant for change in changes if change.verdict is Verdict.STALE} >= {one.number for one in both}


@pytest.mark.parametrize("stopped", [2, 2 * HOUR])
def test_a_server_that_was_stopped_says_nothing_as_of_an_earlier_time_than_others_did(
    store: Store, clock: Clock, new_tenant: Callable[[], int], stopped: int
) -> None:
    both = [Watched(store, clock, "", new_tenant()) for _ in range(2)]
    for one in both:
        one.ran(DUE)
        one.told(DUE + HOUR)
    too_old = DUE + 10 * MINUTE + 26 * HOUR
    with store.writing() as transaction:
        for one in both:
            expected = (Expectation(name="daily", plan="nightly", age=26 * HOUR),)
            tenants_of_store.set_expectations(transaction, one.number, expected)
            verdicts.judge_all(transaction, one.number)
    # One is stopped between two transactions, shortly before a copy is too old; another one goes on.
    clock.now = too_old
    before = look(store, clock.now)
    next(before)
    with store.writing() as transaction:
        verdicts.judge_all(transaction, both[0].number)
    clock.now += stopped
    said = sorted((one.tenant, one.verdict) for part in look(store, clock.now) for one in part.changes)
    assert said == [(one.number, Verdict.STALE) for one in both]
    assert [part.changes for part in before if part.changes] == []
    with store.reading() as transaction:
        assert [len(incidents.open_among(transaction, one.number, range(9))) for one in both] == [1, 1]
