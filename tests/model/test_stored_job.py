"""What becomes of a repeated report: every rule by an example, then laws over any reports in any order."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.cause import cause_of
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.model.stored_job import Effect, StoredJob, effect_of, presume_failed
from jobreport.model.usual import Range, Usual
from strategies import NOW, jobs

MINUTE = 60 * ticks.PER_SECOND
START = NOW - 60 * MINUTE
RUNNING = Job(
    job_id="FB1",
    service=ServiceType.VM,
    type=JobType.Backup,
    state=JobState.InProgress,
    start=START,
    observed=START + MINUTE,
    heartbeat=60,
)
DONE = RUNNING.evolve(state=JobState.Successful, finish=START + 2 * MINUTE, observed=START + 2 * MINUTE)


def stored(job: Job, **fields: object) -> StoredJob:
    return StoredJob(job=job, **{"received": START, "heard": START + MINUTE, **fields})


def later(job: Job, **fields: object) -> Job:
    return job.evolve(observed=job.observed + 1, **fields)


def older(job: Job, **fields: object) -> Job:
    return job.evolve(observed=job.observed - 1, **fields)


def test_the_first_report_of_a_job_makes_it() -> None:
    assert effect_of(None, RUNNING) is Effect.CREATE


def test_a_later_report_that_says_more_updates_the_job() -> None:
    assert effect_of(stored(RUNNING), later(RUNNING, successful=1)) is Effect.UPDATE


def test_a_report_of_the_same_moment_that_says_otherwise_updates_the_job() -> None:
    assert effect_of(stored(RUNNING), RUNNING.evolve(successful=1)) is Effect.UPDATE


def test_a_report_observed_before_what_is_stored_changes_nothing() -> None:
    assert effect_of(stored(DONE), RUNNING) is Effect.KEEP
    assert effect_of(stored(RUNNING), DONE.evolve(observed=START)) is Effect.KEEP


def test_a_later_report_that_says_the_same_only_shows_that_the_job_lives() -> None:
    assert effect_of(stored(RUNNING), later(RUNNING)) is Effect.ALIVE
    assert effect_of(stored(RUNNING), RUNNING) is Effect.ALIVE


def test_an_unfinished_job_finishes() -> None:
    assert effect_of(stored(RUNNING), DONE) is Effect.UPDATE


@pytest.mark.parametrize("state", [JobState.NotStarted, JobState.Waiting, JobState.InProgress])
def test_a_finished_job_is_not_reopened(state: JobState) -> None:
    assert effect_of(stored(DONE), RUNNING.evolve(state=state, observed=NOW)) is Effect.REFUSE


def test_a_finished_job_may_be_corrected() -> None:
    assert effect_of(stored(DONE), later(DONE, state=JobState.Exception, failed=1)) is Effect.UPDATE


def test_an_older_report_that_would_reopen_is_merely_old() -> None:
    assert effect_of(stored(DONE), RUNNING.evolve(observed=START)) is Effect.KEEP


# Presumed from silence


def test_a_job_that_died_in_silence_failed_at_its_last_sign_of_life() -> None:
    presumed = presume_failed(stored(RUNNING))
    assert presumed.presumed
    assert presumed.deadline is None
    assert presumed.job == RUNNING.evolve(
        state=JobState.Failed,
        finish=START + MINUTE,
        comments=f"presumed: no sign of life since {ticks.to_iso(START + MINUTE, digits=0)}",
    )


def test_the_presumption_stands_before_what_the_job_said_within_the_limit_of_comments() -> None:
    presumed = presume_failed(stored(RUNNING.evolve(comments="half way")))
    assert presumed.job.comments.endswith("Z\nhalf way")
    assert len(presume_failed(stored(RUNNING.evolve(comments="x" * 4096))).job.comments) == 4096


def test_the_presumption_says_how_far_the_job_had_come_where_its_series_tells_what_is_usual() -> None:
    usual = Usual(30, *[Range(22 * MINUTE, 20 * MINUTE, 25 * MINUTE)] * 3)
    since = f"presumed: no sign of life since {ticks.to_iso(START + MINUTE, digits=0)}"
    presumed = presume_failed(stored(RUNNING), usual)
    assert presumed.job.comments == (
        f"{since}, 00:01:00 after its start; good runs of its series take 00:22:00 (median of 30)"
    )
    assert cause_of(presumed.job.comments).code == "silent"
    # Nothing else differs, and of a job that never started nothing is compared.
    assert presumed == replace(presume_failed(stored(RUNNING)), job=presumed.job)
    assert presumed.job.evolve(comments="") == presume_failed(stored(RUNNING)).job.evolve(comments="")
    waiting = RUNNING.evolve(state=JobState.NotStarted, start=0)
    assert presume_failed(stored(waiting), usual).job.comments == since


def test_a_job_that_was_never_started_is_presumed_from_its_receipt_on() -> None:
    waiting = RUNNING.evolve(state=JobState.NotStarted, start=0)
    assert presume_failed(stored(waiting)).job.start == START


def test_a_job_heard_of_before_its_start_does_not_finish_before_it() -> None:
    assert presume_failed(stored(RUNNING, heard=START - 1)).job.finish == START


@pytest.mark.parametrize("report", [later(RUNNING), later(RUNNING, successful=1), DONE])
def test_a_presumption_gives_way_to_any_later_report(report: Job) -> None:
    assert effect_of(presume_failed(stored(RUNNING)), report) is Effect.UPDATE


@pytest.mark.parametrize("report", [RUNNING, older(RUNNING), DONE.evolve(observed=START)])
def test_a_presumption_does_not_give_way_to_an_old_duplicate(report: Job) -> None:
    assert effect_of(presume_failed(stored(RUNNING)), report) is Effect.KEEP


# Several that tell of a job


@pytest.mark.parametrize("report", [later(DONE), older(DONE), later(RUNNING), older(RUNNING)])
def test_who_sees_more_replaces_what_was_told_whenever_it_was_observed(report: Job) -> None:
    listed = DONE.evolve(sees=Sees.RESULTS, comments="listed")
    assert effect_of(stored(listed), report) is Effect.UPDATE
    assert effect_of(stored(listed), report.evolve(sees=Sees.OBJECTS)) is Effect.UPDATE
    assert effect_of(stored(listed.evolve(sees=Sees.OBJECTS)), report) is Effect.UPDATE


@pytest.mark.parametrize("sees", [Sees.OBJECTS, Sees.RESULTS])
def test_nothing_that_was_told_is_changed_by_one_that_sees_less(sees: Sees) -> None:
    failed = DONE.evolve(state=JobState.Failed)
    assert effect_of(stored(failed), later(DONE, sees=sees)) is Effect.KEEP
    assert effect_of(stored(RUNNING), later(DONE, sees=sees)) is Effect.KEEP
    assert effect_of(stored(RUNNING), later(RUNNING, sees=sees)) is Effect.KEEP  # no sign of life either


def test_what_was_only_presumed_gives_way_to_one_that_sees_less() -> None:
    presumed = presume_failed(stored(RUNNING))
    assert effect_of(presumed, later(DONE, sees=Sees.RESULTS)) is Effect.UPDATE
    assert effect_of(presumed, older(RUNNING, sees=Sees.RESULTS)) is Effect.KEEP


# What the store derives


def test_a_job_is_filed_under_its_start_or_due_time_or_else_its_receipt() -> None:
    assert stored(RUNNING, received=NOW).filed == START
    assert stored(RUNNING.evolve(state=JobState.NotStarted), received=NOW).filed == START
    assert stored(RUNNING.evolve(state=JobState.NotStarted, start=0), received=NOW).filed == NOW


def test_silence_means_failure_after_three_heartbeats() -> None:
    assert stored(RUNNING).deadline == START + MINUTE + 3 * MINUTE


def test_nobody_waits_for_a_job_that_is_finished_or_promised_no_heartbeat() -> None:
    assert stored(DONE).deadline is None
    assert stored(RUNNING.evolve(heartbeat=0)).deadline is None


# Laws

REPORTS = jobs(job_id="FB1", sees=Sees.RUNS)
TOLD = jobs(job_id="FB1")


def deliver(current: StoredJob | None, report: Job) -> StoredJob:
    """What is stored after `report` was judged."""
    verdict = effect_of(current, report)
    if current is not None and verdict in (Effect.KEEP, Effect.REFUSE):
        return current
    return stored(report)


def deliver_all(reports: Iterable[Job]) -> StoredJob:
    current = None
    for report in reports:
        current = deliver(current, report)
    assert current is not None
    return current


@given(REPORTS, REPORTS)
def test_law_an_older_observation_never_wins(first: Job, second: Job) -> None:
    assert deliver_all([first, second]).job.observed >= first.observed


@given(TOLD, TOLD, st.booleans())
def test_law_a_report_delivered_twice_changes_nothing_the_second_time(first: Job, report: Job, presumed: bool) -> None:
    before = presume_failed(stored(first)) if presumed and not first.state.finished else stored(first)
    once = deliver(before, report)
    assert deliver(once, report).job == once.job
    assert effect_of(once, report) not in (Effect.CREATE, Effect.UPDATE)


@given(st.lists(REPORTS, min_size=1, max_size=6))
def test_law_once_finished_a_job_stays_finished(reports: list[Job]) -> None:
    finished = False
    current = None
    for report in reports:
        current = deliver(current, report)
        assert current.job.state.finished or not finished
        finished = current.job.state.finished


@st.composite
def histories(draw: st.DrawFn) -> list[Job]:
    """Reports of one job at distinct moments as an honest origin makes them: unfinished first, then finished."""
    found = draw(st.lists(REPORTS, min_size=1, max_size=6))
    found.sort(key=lambda report: report.state.finished)
    return [report.evolve(observed=NOW + position) for position, report in enumerate(found)]


@given(histories(), st.data())
def test_law_the_order_of_delivery_does_not_matter(history: list[Job], data: st.DataObject) -> None:
    """True for an origin that does not reopen its own job. One that does is held to what arrived finished first:
    finished then a later unfinished stays finished, while the other way round the finished one comes too late."""
    delivered = data.draw(st.permutations(history))
    assert deliver_all(delivered).job == history[-1]


@given(histories(), st.data())
def test_law_presumptions_on_the_way_do_not_matter_either(history: list[Job], data: st.DataObject) -> None:
    current = None
    for report in data.draw(st.permutations(history)):
        current = deliver(current, report)
        if not current.job.state.finished and data.draw(st.booleans()):
            current = presume_failed(current)
    assert current is not None
    assert current.job == (presume_failed(stored(history[-1])).job if current.presumed else history[-1])


def test_an_origin_that_reopens_its_own_job_is_held_to_the_report_that_came_first() -> None:
    reopened = later(DONE, state=JobState.InProgress, finish=0)
    assert deliver_all([DONE, reopened]).job == DONE
    assert deliver_all([reopened, DONE]).job == reopened


@given(st.lists(histories(), min_size=3, max_size=3), st.data())
def test_law_whoever_sees_most_counts_in_whatever_order_it_is_told(told: list[list[Job]], data: st.DataObject) -> None:
    """Three tell of a job, each honestly; what counts is the last word of the one of them that sees most."""
    each = {sees: [one.evolve(sees=sees) for one in history] for sees, history in zip(Sees, told, strict=True)}
    present = data.draw(st.lists(st.sampled_from(Sees), min_size=1, unique=True))
    delivered = data.draw(st.permutations([one for sees in present for one in each[sees]]))
    assert deliver_all(delivered).job == each[min(present, key=lambda sees: sees.rank)][-1]
