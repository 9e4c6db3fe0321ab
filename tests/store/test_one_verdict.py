"""What is judged of a series is the same in numbers, lists, incidents and messages, kept or made at the moment."""

from collections.abc import Callable

import pytest
from example_jobs import done, running
from test_needs import whole
from watched_tenant import DAY, DUE, HOUR, MINUTE, Watched

from jobreport.contract.expectation import WindowDocument
from jobreport.model.catalog import JobState
from jobreport.model.due_times import Outage
from jobreport.model.judgement import NEED_OF, Verdict
from jobreport.model.need import BAD, Standing
from jobreport.model.series_query import SeriesFilter, SeriesQuery
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.registry import audit_log
from jobreport.store.watch import incidents, outages, verdicts
from jobreport.watch.lists import listed
from jobreport.watch.missed_jobs import job_id
from jobreport.watch.numbers import needs_now
from jobreport.watch.series_now import special


def agree(watched: Watched, at: int, verdict: Verdict) -> None:
    """Says that the one series has this verdict wherever it is asked."""
    watched.clock.now = at
    store, of = watched.store, whole(watched.store, watched.number)
    with store.reading() as transaction:
        now = needs_now(transaction, of, special(transaction, [of], at)[of.number], at, 9)
    need = NEED_OF[verdict]
    assert {stand.need for stand in now.numbers.free} == {need}
    assert [one.judgement.verdict for one in now.needing] == ([verdict] if need in BAD else [])
    standing = Standing.NEEDS_YOU if need in BAD else Standing.MAINTENANCE
    (one,) = listed(store, of.number, SeriesQuery(where=SeriesFilter(standings=(standing,)))).stand
    assert one.judgement.verdict is verdict


def missed(nightly: Watched) -> int:
    return DUE + HOUR + MINUTE


def overlong(nightly: Watched) -> int:
    nightly.expect(longest="2h")
    nightly.clock.now = DUE
    run = running("FBnow", plan="nightly", resource="web-1", origin="restic", start=DUE, observed=DUE)
    nightly.store.record(nightly.number, [run])
    return DUE + 3 * HOUR


def shrunk(nightly: Watched) -> int:
    for number in range(5):
        nightly.ran(DUE - 12 * HOUR + number * HOUR, total=1_000)
    nightly.ran(DUE, total=1)
    return DUE + HOUR


@pytest.mark.parametrize(
    ("happens", "verdict"),
    [
        (missed, Verdict.MISSED),
        (overlong, Verdict.OVERLONG),
        (shrunk, Verdict.SHRUNK),
    ],
)
def test_a_verdict_is_the_same_before_and_after_the_watch_has_looked(
    nightly: Watched, happens: Callable[[Watched], int], verdict: Verdict
) -> None:
    nightly.told(DUE - HOUR)
    at = happens(nightly)
    agree(nightly, at, verdict)
    nightly.told(at)
    agree(nightly, at, verdict)
    with nightly.store.reading() as transaction:
        assert len(incidents.open_among(transaction, nightly.number, range(9))) == 1


def test_what_is_wrong_in_a_maintenance_window_is_a_number_of_its_own(nightly: Watched) -> None:
    nightly.expect(windows=(WindowDocument(begins="2026-11-23T00:00Z", ends="2026-11-24T00:00Z"),))
    nightly.told(DUE - HOUR)
    agree(nightly, DUE + 2 * HOUR, Verdict.MAINTENANCE)
    nightly.told(DUE + 2 * HOUR)
    agree(nightly, DUE + 2 * HOUR, Verdict.MAINTENANCE)


def test_a_time_in_which_nobody_listened_counts_on_no_page(nightly: Watched) -> None:
    nightly.told(DUE - HOUR)
    with nightly.store.writing() as transaction:
        outages.add(transaction, Outage(DUE - HOUR, DUE + 2 * DAY))
    of = whole(nightly.store, nightly.number)
    at = nightly.clock.now = DUE + 2 * DAY + MINUTE
    with nightly.store.reading() as transaction:
        now = needs_now(transaction, of, special(transaction, [of], at)[of.number], at, 9)
    assert (now.need, now.numbers.well) == (0, 1)


def test_a_job_that_has_the_foretold_id_keeps_no_missed_run_out_of_the_report(nightly: Watched) -> None:
    (series,) = nightly.store.list_series(nightly.number, SeriesQuery()).series
    taken = job_id(series, DUE)
    nightly.clock.now = DUE - HOUR
    squatter = done(taken, plan="other", start=DUE - 2 * HOUR, finish=DUE - HOUR, observed=DUE - HOUR)
    nightly.store.record(nightly.number, [squatter])
    nightly.told(DUE - HOUR)
    (told,) = nightly.told(DUE + 2 * HOUR)
    assert (told.verdict, told.job != taken) == (Verdict.MISSED, True)
    assert [one.job_id for one in nightly.jobs(JobState.Failed)] == [told.job]
    nightly.ran(DUE + 3 * HOUR, "FBlate")
    nightly.told(DUE + 4 * HOUR)
    assert [one.job_id for one in nightly.jobs(JobState.Skipped)] == [told.job]
    assert nightly.job(taken).plan == "other"


def test_what_opens_and_closes_is_in_the_audit_log(nightly: Watched) -> None:
    nightly.told(DUE + 2 * HOUR)
    nightly.ran(DUE + 3 * HOUR, "FBlate")
    nightly.told(DUE + 4 * HOUR)
    with nightly.store.reading() as transaction:
        links = [one for one in audit_log.links(transaction, nightly.number) if one.target.startswith("incident:")]
    assert [(one.action, one.actor) for one in links] == [
        ("incident.opened", "service"),
        ("incident.closed", "service"),
    ]
    assert len({one.target for one in links}) == 1
    assert "did not start; expected 02:00 Europe/Berlin" in links[0].detail


def test_of_very_many_that_open_at_once_the_audit_log_has_one_entry(watched: Watched) -> None:
    failed = [
        done(f"{number}", plan=f"p{number}", state=JobState.Failed, start=DUE - 9, finish=DUE - 5)
        for number in range(30)
    ]
    watched.clock.now = DUE
    watched.store.record(watched.number, failed)
    watched.told(DUE)
    with watched.store.reading() as transaction:
        (link,) = [one for one in audit_log.links(transaction, watched.number) if one.action == "incident.opened"]
    assert link.detail == '{"incidents":30,"verdicts":{"failing":30}}'


def test_what_is_pruned_leaves_no_verdict_no_incident_and_nothing_to_a_series_of_the_same_number(
    nightly: Watched,
) -> None:
    nightly.told(DUE + 2 * HOUR)
    store = nightly.store
    assert sum(prune(store, nightly.number, Rule(DUE + 10 * DAY, DUE + 10 * DAY))) == 4
    of, at = whole(store, nightly.number), DUE + 3 * HOUR
    nightly.clock.now = at
    with store.reading() as transaction:
        assert verdicts.kept(transaction, of.number, range(9)) == {}
        assert incidents.open_among(transaction, of.number, range(9)) == set()
        now = needs_now(transaction, of, special(transaction, [of], at)[of.number], at, 9)
    assert (now.series, now.numbers.free.total()) == (0, 0)
    nightly.ran(DUE + 3 * HOUR, plan="another", resource="web-9")
    assert nightly.told(DUE + 4 * HOUR) == []
    with store.reading() as transaction:
        now = needs_now(transaction, of, special(transaction, [of], at)[of.number], at, 9)
    assert (now.series, now.numbers.well) == (1, 1)
