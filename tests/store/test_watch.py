"""What did not run is noticed, written into the report, and taken back when the run comes after all."""

from collections.abc import Callable

from example_jobs import done, running
from watched_tenant import DAY, DUE, HOUR, MIDNIGHT, MINUTE, Watched

from jobreport.contract.expectation import WindowDocument
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState
from jobreport.model.due_times import Outage
from jobreport.model.judgement import Verdict
from jobreport.model.series_query import SeriesQuery
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.watch import outages
from jobreport.watch import expectations, marks
from jobreport.watch.standing import judgements


def test_a_run_that_does_not_start_is_told_once_and_stands_in_the_report(nightly: Watched) -> None:
    assert nightly.told(DUE) == []
    assert nightly.verdicts(DUE + 20 * MINUTE) == [Verdict.LATE]
    assert nightly.told(DUE + HOUR) == []
    (missed,) = nightly.told(DUE + HOUR + MINUTE)
    assert (missed.verdict, missed.cause) == (Verdict.MISSED, "not-started")
    assert (
        missed.sentence
        == "did not start; expected 02:00 Europe/Berlin, 1 h grace; last good copy 2026-11-22 02:11 Europe/Berlin"
    )
    (job,) = nightly.jobs(JobState.Failed)
    assert (job.job_id, job.start, job.finish, job.plan) == (missed.job, DUE, DUE, "nightly")
    assert job.comments == "did not start; expected 02:00 Europe/Berlin, 1 h grace"
    assert nightly.told(DUE + 2 * HOUR) == []
    assert len(nightly.jobs()) == 4


def test_a_run_that_comes_late_makes_the_job_skipped_and_keeps_what_it_was(nightly: Watched) -> None:
    (_, missed) = nightly.told(DUE + 20 * MINUTE) + nightly.told(DUE + 2 * HOUR)
    nightly.ran(DUE + 3 * HOUR + 12 * MINUTE, "FBlate")
    assert nightly.verdicts(DUE + 4 * HOUR) == [Verdict.MET]
    found = nightly.store.history(nightly.number, missed.job)
    assert found
    assert found.current.job.state is JobState.Skipped
    assert found.current.job.comments == "ran 3 h 12 min late as FBlate"
    assert [version.job.state for version in found.versions] == [JobState.Failed]
    assert nightly.jobs(JobState.Failed) == []
    assert len(nightly.jobs()) == 5
    # The next night is another one.
    assert nightly.verdicts(DUE + DAY + 2 * HOUR) == [Verdict.MISSED]


def test_how_it_stood_is_told_for_any_moment_of_the_past(nightly: Watched) -> None:
    nightly.told(DUE + 2 * HOUR)
    nightly.ran(DUE + 3 * HOUR, "FBlate")
    nightly.told(DUE + 4 * HOUR)

    def stood(at: int) -> str:
        listed = nightly.store.list_series(nightly.number, SeriesQuery(at=at)).series
        (found,) = judgements(nightly.store, nightly.number, listed, at).values()
        return found.verdict

    moments = (DUE - HOUR, DUE + 30 * MINUTE, DUE + 2 * HOUR, DUE + 3 * HOUR + MINUTE, DUE + 4 * HOUR)
    assert [stood(at) for at in moments] == ["met", "late", "missed", "running", "met"]
    now = judgements(nightly.store, nightly.number, nightly.store.list_series(nightly.number, SeriesQuery()).series)
    assert [one.verdict for one in now.values()] == ["met"]


def test_what_is_delivered_late_ran_on_time(nightly: Watched) -> None:
    nightly.told(DUE + 2 * HOUR)
    nightly.told(DUE + DAY + 2 * HOUR)
    assert len(nightly.jobs(JobState.Failed)) == 2
    nightly.ran(DUE + DAY, "FB2", at=DUE + DAY + 3 * HOUR)
    nightly.ran(DUE, "FB1", at=DUE + DAY + 3 * HOUR)
    assert nightly.verdicts(DUE + DAY + 3 * HOUR) == [Verdict.MET]
    said = {job.comments for job in nightly.jobs(JobState.Skipped)}
    assert said == {f"ran on time, and was told of late, as {one}" for one in ("FB1", "FB2")}
    assert nightly.jobs(JobState.Failed) == []


def test_nothing_is_missed_because_nobody_listened(nightly: Watched) -> None:
    with nightly.store.writing() as transaction:
        outages.add(transaction, Outage(DUE - 2 * HOUR, DUE + 6 * HOUR))
    assert nightly.verdicts(DUE + 6 * HOUR) == [Verdict.LATE]
    assert nightly.verdicts(DUE + 12 * HOUR) == []
    # What waits on the sender's disk comes with its next run.
    nightly.ran(DUE + DAY, at=DUE + DAY + 11 * MINUTE)
    nightly.ran(DUE, at=DUE + DAY + 11 * MINUTE)
    assert nightly.verdicts(DUE + DAY + 20 * MINUTE) == [Verdict.MET]
    assert nightly.told(DUE + DAY + 3 * HOUR) == []
    assert nightly.jobs(JobState.Failed) == []


def test_what_was_due_while_nobody_listened_is_missed_if_the_next_run_does_not_bring_it(nightly: Watched) -> None:
    with nightly.store.writing() as transaction:
        outages.add(transaction, Outage(DUE - 2 * HOUR, DUE + 6 * HOUR))
    nightly.told(DUE + 6 * HOUR)
    nightly.ran(DUE + DAY, at=DUE + DAY + 11 * MINUTE)
    nightly.told(DUE + DAY + 3 * HOUR)
    assert [job.start for job in nightly.jobs(JobState.Failed)] == [DUE]


def test_a_schedule_begins_when_it_is_declared(watched: Watched) -> None:
    watched.ran(DUE - 3 * DAY)
    watched.clock.now = DUE + 12 * HOUR
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin")
    watched.told(DUE + 12 * HOUR)
    assert watched.jobs(JobState.Failed) == []
    watched.told(DUE + DAY + 2 * HOUR)
    assert [job.start for job in watched.jobs(JobState.Failed)] == [DUE + DAY]


def test_one_series_of_several_is_missed_though_the_others_ran(nightly: Watched) -> None:
    for host in range(2, 6):
        nightly.ran(DUE - DAY, f"FB{host}", resource=f"web-{host}")
    nightly.told(DUE - 10 * HOUR)
    for host in range(2, 6):
        nightly.ran(DUE, f"FBnext{host}", resource=f"web-{host}")
    missed = [one for one in nightly.told(DUE + 2 * HOUR) if one.verdict is Verdict.MISSED]
    assert [one.resource for one in missed] == ["web-1"]


def test_the_age_of_the_last_good_copy_needs_no_schedule(watched: Watched) -> None:
    watched.ran(DUE)
    watched.expect(age="30h")
    assert watched.verdicts(DUE + 29 * HOUR) == []
    (stale,) = watched.told(DUE + 31 * HOUR)
    assert (stale.verdict, stale.sentence) == (
        Verdict.STALE,
        "last good copy 2026-11-23 01:10 UTC, at most 30h old expected",
    )
    watched.ran(DUE + 32 * HOUR)
    assert watched.verdicts(DUE + 33 * HOUR) == [Verdict.MET]


def test_a_default_counts_after_three_runs_and_is_called_one(watched: Watched) -> None:
    watched.ran(DUE - 2 * DAY)
    watched.ran(DUE - DAY)
    watched.told(DUE - 10 * HOUR)
    assert watched.told(DUE + 3 * DAY) == []
    watched.ran(DUE, at=DUE + 3 * DAY + MINUTE)
    (stale,) = watched.told(DUE + 3 * DAY + 2 * MINUTE)
    assert stale.sentence == "last good copy 2026-11-23 01:10 UTC, at most 26h old by default"


def test_failing_is_told_anew_when_the_cause_changes(nightly: Watched) -> None:
    bad = {"state": JobState.Failed, "failed": 1, "successful": 0}
    nightly.ran(DUE, comments="repository is locked", **bad)
    (first,) = nightly.told(DUE + 20 * MINUTE)
    assert (first.verdict, first.cause, first.before) == (Verdict.FAILING, "locked", Verdict.MET)
    nightly.ran(DUE + DAY, comments="repository is locked", **bad)
    assert nightly.told(DUE + DAY + 20 * MINUTE) == []
    nightly.ran(DUE + 2 * DAY, comments="no space left on device", **bad)
    (second,) = nightly.told(DUE + 2 * DAY + 20 * MINUTE)
    assert (second.verdict, second.before, second.cause) == (Verdict.FAILING, Verdict.FAILING, "no-space")
    assert "Failed, 3 times in a row" in second.sentence


def test_a_run_that_shrank_or_takes_too_long_is_told(nightly: Watched) -> None:
    for night in (3, 2, 1):
        nightly.ran(DUE - night * DAY, f"FBbig{night}", resource="big", total=5_000, successful=5_000)
    nightly.ran(DUE, "FBsmall", resource="big", total=12, successful=12)
    nightly.ran(DUE)
    (shrunk,) = nightly.told(DUE + 20 * MINUTE)
    assert shrunk.verdict is Verdict.SHRUNK
    assert shrunk.sentence == "only 12 objects, usually 5,000 (median of 3 good runs)"
    nightly.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", longest="3h")
    nightly.store.record(
        nightly.number, [running("FBnow", start=DUE + DAY, plan="nightly", resource="web-1", origin="restic")]
    )
    assert Verdict.RUNNING in nightly.verdicts(DUE + DAY + MINUTE)
    (overlong,) = (one for one in nightly.told(DUE + DAY + 4 * HOUR) if one.resource == "web-1")
    assert (overlong.verdict, overlong.sentence) == (
        Verdict.OVERLONG,
        "runs since 2026-11-24 02:00 Europe/Berlin, 3 h at most expected",
    )


def test_a_retired_series_is_not_judged_until_it_runs_again(nightly: Watched) -> None:
    with nightly.store.reading() as transaction:
        whose = tenants.by_number(transaction, nightly.number)
    assert whose
    marks.retire(nightly.store, whose, "1", by=Actor("user:anna"), note="gone", ticket="")
    assert nightly.told(DUE + 5 * DAY) == []
    assert nightly.jobs(JobState.Failed) == []


def test_runs_that_all_start_the_same_hours_off_ask_for_the_zone(watched: Watched) -> None:
    for night in (3, 2, 1):
        watched.ran(DUE - night * DAY)
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="America/New_York")
    watched.told(DUE - 10 * HOUR)
    watched.ran(DUE)
    watched.told(DUE + 10 * HOUR)
    assert watched.jobs(JobState.Failed) == []
    with watched.store.reading() as transaction:
        (kept,) = expectations.verdicts.kept(transaction, watched.number, [1]).values()
    assert kept.sentence.endswith("started 6 h before what is due in America/New_York: is the zone right?")


def test_jobs_for_missed_runs_can_be_switched_off(nightly: Watched) -> None:
    with nightly.store.writing() as transaction:
        tenants.set_missed_jobs(transaction, nightly.number, missed_jobs=False)
    assert Verdict.MISSED in nightly.verdicts(DUE + 2 * HOUR)
    assert len(nightly.jobs()) == 3
    nightly.ran(DUE + 3 * HOUR)
    assert nightly.verdicts(DUE + 4 * HOUR) == [Verdict.MET]


def test_maintenance_says_what_is_bad_when_it_ends(nightly: Watched) -> None:
    window = WindowDocument(begins=ticks.to_iso(MIDNIGHT), ends=ticks.to_iso(MIDNIGHT + 12 * HOUR))
    nightly.expect(name="works", resource="web-*", windows=(window,))
    assert nightly.verdicts(DUE + 2 * HOUR) == [Verdict.MAINTENANCE]
    (told,) = nightly.told(MIDNIGHT + 12 * HOUR + MINUTE)
    assert (told.verdict, told.before) == (Verdict.MISSED, Verdict.MAINTENANCE)


def test_every_series_is_judged_by_itself_however_many_there_are(
    watched: Watched, store: Store, new_tenant: Callable[[], int]
) -> None:
    other = new_tenant()
    about = {"plan": "nightly", "origin": "restic"}
    many = [done(f"FB{one}", start=DUE, finish=DUE + 1, resource=f"host-{one}", **about) for one in range(450)]
    store.record(watched.number, many)
    store.record(other, many)
    watched.expect(age="1d")
    found = watched.told(DUE + 2 * DAY)
    assert {one.verdict for one in found} == {Verdict.STALE}
    assert len({one.series for one in found}) == len(found) == 450
