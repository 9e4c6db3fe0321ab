"""Jobs that die in silence: three missed heartbeats while somebody listened make one Failed, until it speaks again."""

from collections.abc import Callable

import pytest
from example_jobs import MINUTE, SECOND, START, done, not_started, running
from store_contents import current_job, list_job_ids

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.store import HEARTBEAT_SECONDS, Store
from strategies import NOW


def watched(job_id: str = "FB1", **fields: object) -> Job:
    """A running job that promises a sign of life every minute."""
    return running(job_id, **{"heartbeat": 60} | fields)


@pytest.fixture
def listen_for(store: Store, clock: Clock) -> Callable[[float], int]:
    """Lets seconds pass with the watch beating all the while; how many jobs were presumed to have failed."""

    def listen(seconds: float) -> int:
        until = clock.now + int(seconds * SECOND)
        presumed = store.fail_stalled_jobs()
        while clock.now < until:
            clock.now = min(until, clock.now + HEARTBEAT_SECONDS * SECOND)
            presumed += store.fail_stalled_jobs()
        return presumed

    return listen


Listen = Callable[[float], int]


def test_a_job_is_presumed_to_have_failed_after_three_intervals_and_not_before(
    store: Store, tenant: int, listen_for: Listen
) -> None:
    store.record(tenant, [watched()])
    assert listen_for(180) == 0
    assert current_job(store, tenant).state is JobState.InProgress
    assert listen_for(HEARTBEAT_SECONDS) == 1
    history = store.history(tenant, "FB1")
    assert history is not None
    assert history.current.presumed
    job = history.current.job
    assert (job.state, job.start, job.finish) == (JobState.Failed, START, NOW)
    assert job.comments == f"presumed: no sign of life since {ticks.to_iso(NOW, digits=0)}"
    assert list_job_ids(store, tenant, states=(JobState.Failed,)) == ["FB1"]
    assert listen_for(600) == 0


def test_its_comments_say_how_far_it_had_come_where_its_series_says_what_is_usual(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    store.record(
        tenant,
        [done(f"d{n}", plan="nightly", start=START - n * 60 * MINUTE, finish=START - n * 58 * MINUTE) for n in (1, 2)],
    )
    jobs = [watched("known", plan="nightly", heartbeat=30), watched("new", plan="weekly"), watched("alone")]
    store.record(tenant, [job.evolve(start=NOW) for job in jobs])
    listen_for(60)
    store.record(tenant, [job.evolve(start=NOW, observed=clock.now) for job in jobs])
    assert listen_for(200) == 3
    silent = f"presumed: no sign of life since {ticks.to_iso(NOW + MINUTE, digits=0)}"
    assert current_job(store, tenant, "known").comments == (
        f"{silent}, 00:01:00 after its start; good runs of its series take 00:03:00 (median of 2)"
    )
    assert {current_job(store, tenant, name).comments for name in ("new", "alone")} == {silent}


@pytest.mark.parametrize("job", [running(), done(heartbeat=60), not_started()], ids=["no heartbeat", "done", "not due"])
def test_a_job_that_promised_nothing_or_has_ended_is_never_presumed(
    store: Store, tenant: int, listen_for: Listen, job: Job
) -> None:
    store.record(tenant, [job])
    assert listen_for(2000) == 0
    assert current_job(store, tenant) == job


@pytest.mark.parametrize("state", [JobState.Waiting, JobState.NotStarted])
def test_any_unfinished_job_that_promised_a_heartbeat_is_watched(
    store: Store, tenant: int, listen_for: Listen, state: JobState
) -> None:
    store.record(tenant, [watched(state=state)])
    assert listen_for(200) == 1


def test_a_repeated_report_is_a_sign_of_life(store: Store, tenant: int, clock: Clock, listen_for: Listen) -> None:
    for _ in range(10):
        store.record(tenant, [watched(observed=clock.now)])
        assert listen_for(150) == 0
    assert listen_for(60) == 1


def test_the_very_same_report_is_a_sign_of_life_too(store: Store, tenant: int, listen_for: Listen) -> None:
    for _ in range(4):
        store.record(tenant, [watched()])
        assert listen_for(150) == 0
    assert listen_for(60) == 1


def test_an_older_report_is_no_sign_of_life(store: Store, tenant: int, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    listen_for(150)
    store.record(tenant, [watched(observed=NOW - 1)])
    assert listen_for(60) == 1


def test_the_promise_is_that_of_the_latest_report(store: Store, tenant: int, listen_for: Listen) -> None:
    store.record(tenant, [watched("longer"), watched("dropped"), watched("made", heartbeat=0)])
    listen_for(100)
    store.record(
        tenant,
        [watched("longer", heartbeat=600), watched("dropped", heartbeat=0), watched("made")],
    )
    assert listen_for(200) == 1
    assert list_job_ids(store, tenant, states=(JobState.Failed,)) == ["made"]


def test_a_job_that_ends_in_time_is_not_presumed(store: Store, tenant: int, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    listen_for(170)
    store.record(tenant, [done(heartbeat=60)])
    assert listen_for(600) == 0


# Time in which nobody listened


def test_time_in_which_the_service_was_down_does_not_count(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    store.record(tenant, [watched()])
    assert listen_for(100) == 0
    clock.pass_by(86_400)
    assert listen_for(80) == 0
    assert listen_for(HEARTBEAT_SECONDS) == 1
    assert current_job(store, tenant).finish == NOW


def test_several_times_of_absence_add_up(store: Store, tenant: int, clock: Clock, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    for _ in range(4):
        assert listen_for(40) == 0
        clock.pass_by(1000)
    assert listen_for(15) == 0
    assert listen_for(10) == 1


def test_a_job_recorded_while_nobody_listened_has_three_intervals_from_the_return(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    listen_for(10)
    clock.pass_by(1000)
    store.record(tenant, [watched()])
    clock.pass_by(1000)
    assert listen_for(180) == 0
    assert listen_for(HEARTBEAT_SECONDS) == 1


def test_before_the_first_beat_of_all_nobody_listened(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    store.record(tenant, [watched()])
    clock.pass_by(100_000)
    assert listen_for(180) == 0
    assert listen_for(HEARTBEAT_SECONDS) == 1


def test_two_services_on_one_store_do_not_count_time_twice(store: Store, tenant: int, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    for _ in range(36):
        assert listen_for(5) == store.fail_stalled_jobs() == 0
    assert listen_for(5) == 1


def test_a_clock_that_is_set_back_presumes_nothing_early(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    listen_for(10)
    clock.pass_by(-3600)
    store.record(tenant, [watched()])
    assert listen_for(170) == 0


def test_a_clock_that_once_was_years_ahead_does_not_stop_the_watch(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    clock.pass_by(10 * 365 * 86_400)
    listen_for(10)
    clock.now = NOW
    store.record(tenant, [watched()])
    assert listen_for(180) == 0
    assert listen_for(HEARTBEAT_SECONDS) == 1


def test_a_second_service_whose_clock_is_a_little_behind_does_not_make_time_uncounted(
    store: Store, tenant: int, clock: Clock, listen_for: Listen
) -> None:
    store.record(tenant, [watched()])
    for _ in range(36):
        assert listen_for(5) == 0
        clock.pass_by(-60)
        assert store.fail_stalled_jobs() == 0
        clock.pass_by(60)
    assert listen_for(5) == 1


# When the job speaks again


@pytest.mark.parametrize(
    "report",
    [
        watched(observed=NOW + MINUTE),
        watched(observed=NOW + MINUTE, successful=3),
        done(observed=NOW + MINUTE),
    ],
    ids=["as before", "progress", "ended"],
)
def test_a_presumption_gives_way_to_any_later_report(
    store: Store, tenant: int, listen_for: Listen, report: Job
) -> None:
    store.record(tenant, [watched()])
    listen_for(200)
    presumed = current_job(store, tenant)
    assert store.record(tenant, [report]).updated == 1
    history = store.history(tenant, "FB1")
    assert history is not None
    assert history.current.job == report
    assert not history.current.presumed
    assert [(version.job, version.presumed) for version in history.versions] == [(presumed, True)]


@pytest.mark.parametrize("report", [watched(), watched(observed=NOW - 1), done(observed=NOW - 1)])
def test_a_presumption_does_not_give_way_to_an_old_duplicate(
    store: Store, tenant: int, listen_for: Listen, report: Job
) -> None:
    store.record(tenant, [watched()])
    listen_for(200)
    assert store.record(tenant, [report]).unchanged == 1
    assert current_job(store, tenant).state is JobState.Failed


def test_a_job_that_spoke_again_is_watched_again(store: Store, tenant: int, clock: Clock, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    assert listen_for(200) == 1
    store.record(tenant, [watched(observed=clock.now)])
    assert listen_for(180) == 0
    assert listen_for(HEARTBEAT_SECONDS) == 1


def test_a_job_that_said_itself_that_it_failed_is_final(store: Store, tenant: int, listen_for: Listen) -> None:
    store.record(tenant, [watched()])
    listen_for(200)
    store.record(tenant, [done(state=JobState.Failed, observed=NOW + MINUTE)])
    assert store.record(tenant, [watched(observed=NOW + 2 * MINUTE)]).unchanged == 1


def test_many_silent_jobs_of_many_tenants_are_presumed_in_one_beat(
    store: Store, new_tenant: Callable[[], int], listen_for: Listen
) -> None:
    tenants = [new_tenant() for _ in range(3)]
    for tenant in tenants:
        store.record(tenant, [watched(f"FB{number}") for number in range(400)])
    assert listen_for(185) == 1200
    for tenant in tenants:
        assert len(list_job_ids(store, tenant, states=(JobState.Failed,))) == 400
