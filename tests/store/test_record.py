"""Writing: what is new, changed and known already; all of a request or none of it; and who may write what."""

from collections.abc import Callable
from typing import Any

import pytest
from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_contents import current_job, list_job_ids

from clocks import Clock
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.write_result import WriteResult
from jobreport.store import FinalJobError, ForeignJobError, Store, Writer
from strategies import NOW


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


def outcome(recorded: WriteResult) -> tuple[int, int, int]:
    """How many were created, updated and unchanged."""
    return recorded.created, recorded.updated, recorded.unchanged


def test_a_job_is_created_then_updated_then_known(store: Store, tenant: int) -> None:
    assert store.record(tenant, [running()]) == WriteResult(1, 1, 0, 0, ("FB1",))
    assert store.record(tenant, [done()]) == WriteResult(1, 0, 1, 0, ("FB1",))
    assert store.record(tenant, [done()]) == WriteResult(1, 0, 0, 1, ("FB1",))
    assert current_job(store, tenant) == done()


def test_nothing_is_recorded_of_nothing(store: Store, tenant: int) -> None:
    assert store.record(tenant, []) == WriteResult(0, 0, 0, 0, ())


def test_a_write_carries_the_whole_job(store: Store, tenant: int) -> None:
    store.record(tenant, [running(comments="old", plan="nightly", raw='{"a":1}', size=5, heartbeat=30)])
    store.record(tenant, [done()])
    assert current_job(store, tenant) == done()


def test_a_report_observed_before_what_is_stored_changes_nothing(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])
    assert outcome(store.record(tenant, [running(observed=NOW - 1)])) == (0, 0, 1)
    assert outcome(store.record(tenant, [done(comments="old", observed=NOW - 1)])) == (0, 0, 1)
    assert current_job(store, tenant) == done()


def test_a_finished_job_is_not_reopened_and_a_batch_goes_on_without(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])
    assert outcome(store.record(tenant, [running(observed=NOW + 1), done("FB2")])) == (1, 0, 1)
    assert current_job(store, tenant) == done()


def test_of_the_same_job_twice_in_a_request_the_later_counts(store: Store, tenant: int) -> None:
    recorded = store.record(tenant, [running(), done(), done(), done(comments="last")])
    assert recorded == WriteResult(4, 1, 2, 1, ("FB1",) * 4)
    assert current_job(store, tenant) == done(comments="last")
    assert list_job_ids(store, tenant) == ["FB1"]


def test_a_request_may_be_far_larger_than_a_statement(store: Store, tenant: int) -> None:
    jobs = [done(f"FB{number}", start=START - number) for number in range(1500)]
    assert outcome(store.record(tenant, jobs)) == (1500, 0, 0)
    assert outcome(store.record(tenant, [jobs[0].evolve(plan="p"), *jobs[1:]])) == (0, 1, 1499)
    assert list_job_ids(store, tenant) == [job.job_id for job in jobs]


REPORTS = st.builds(
    lambda job_id, make, observed, comments: make(job_id, observed=NOW + observed, comments=comments),
    st.sampled_from(["", "a", "b", "c"]),
    st.sampled_from([running, done, not_started]),
    st.integers(0, 3),
    st.sampled_from(["", "x"]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(REPORTS, max_size=6), max_size=4))
def test_any_requests_add_up_and_give_what_one_report_a_request_gives(
    store: Store, new_tenant: Callable[[], int], requests: list[list[Job]]
) -> None:
    together, one_by_one = new_tenant(), new_tenant()
    created = 0
    for request in requests:
        recorded = store.record(together, request)
        assert recorded.received == len(request) == len(recorded.job_ids) == sum(outcome(recorded))
        assert all(given.job_id in ("", job_id) for given, job_id in zip(request, recorded.job_ids, strict=True))
        singly = [
            store.record(one_by_one, [job.evolve(job_id=job_id)])
            for job, job_id in zip(request, recorded.job_ids, strict=True)
        ]
        assert outcome(recorded) == tuple(map(sum, zip(*map(outcome, singly), strict=True))) or not request
        created += recorded.created
    assert list_job_ids(store, together) == list_job_ids(store, one_by_one)
    assert len(list_job_ids(store, together)) == created
    for job_id in list_job_ids(store, together):
        assert current_job(store, together, job_id) == current_job(store, one_by_one, job_id)


# All or nothing


def test_a_strict_writer_is_told_that_a_finished_job_stays_so_and_nothing_is_stored(store: Store, tenant: int) -> None:
    store.record(tenant, [done("FB9")])
    with pytest.raises(FinalJobError) as caught:
        store.record(
            tenant, [done("new"), done("FB9", plan="p"), running("FB9", observed=NOW + 1)], Writer(strict=True)
        )
    assert (caught.value.job_id, caught.value.state) == ("FB9", "Successful")
    assert list_job_ids(store, tenant) == ["FB9"]
    assert current_job(store, tenant, "FB9") == done("FB9")


def test_a_strict_writer_may_be_late(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])
    assert outcome(store.record(tenant, [running(observed=NOW - 1)], Writer(strict=True))) == (0, 0, 1)


def test_one_app_does_not_write_anothers_job_where_it_may_write_only_its_own(store: Store, tenant: int) -> None:
    store.record(tenant, [running("theirs")], Writer(app="them"))
    with pytest.raises(ForeignJobError) as caught:
        store.record(tenant, [done("mine"), done("theirs")], Writer(app="me", own_only=True))
    assert (caught.value.position, caught.value.job_id) == (1, "theirs")
    assert list_job_ids(store, tenant) == ["theirs"]
    assert current_job(store, tenant, "theirs") == running("theirs")


@pytest.mark.parametrize("report", [running(), done(), running(observed=NOW - 1)], ids=["same", "changed", "older"])
def test_not_even_a_report_without_effect_shows_whether_anothers_job_exists_as_it_says(
    store: Store, tenant: int, report: Job
) -> None:
    store.record(tenant, [running()], Writer(app="them"))
    with pytest.raises(ForeignJobError):
        store.record(tenant, [report], Writer(app="me", own_only=True))


def test_an_app_writes_its_own_job_again(store: Store, tenant: int) -> None:
    mine = Writer(app="me", own_only=True)
    store.record(tenant, [running()], mine)
    assert outcome(store.record(tenant, [done()], mine)) == (0, 1, 0)


def test_a_job_stays_its_first_reporters(store: Store, tenant: int) -> None:
    store.record(tenant, [running()], Writer(app="first"))
    store.record(tenant, [done()], Writer(app="second"))
    history = store.history(tenant, "FB1")
    assert history is not None
    assert history.current.app == "first"
    with pytest.raises(ForeignJobError):
        store.record(tenant, [done(plan="p")], Writer(app="second", own_only=True))


def test_the_same_id_is_free_in_another_tenant(store: Store, tenant: int, new_tenant: Callable[[], int]) -> None:
    store.record(tenant, [done()], Writer(app="them"))
    assert outcome(store.record(new_tenant(), [running()], Writer(app="me", own_only=True))) == (1, 0, 0)


# What is kept of the past


def versions(store: Store, tenant: int) -> list[tuple[Job, int, bool]]:
    history = store.history(tenant, "FB1")
    assert history is not None
    return [(version.job, version.replaced, version.presumed) for version in history.versions]


def test_a_corrected_job_keeps_its_earlier_versions_newest_first(store: Store, tenant: int, clock: Clock) -> None:
    first, second, third = (done(observed=NOW + at, comments=str(at), raw=f"[{at}]") for at in range(3))
    replaced = []
    for job in (first, second, third):
        clock.pass_by(60)
        replaced.append(clock.now)
        store.record(tenant, [job])
    assert versions(store, tenant) == [(second, replaced[2], False), (first, replaced[1], False)]
    assert current_job(store, tenant) == third


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (running(), running(observed=NOW + 1, successful=1)),
        (running(), done()),
        (done(), done()),
        (done(), done(observed=NOW + 1)),
        (done(), done(observed=NOW - 1, comments="old")),
        (done(), running(observed=NOW + 1)),
    ],
    ids=["progress", "end", "repeated", "seen again", "older", "reopened"],
)
def test_whatever_is_no_correction_keeps_no_version(store: Store, tenant: int, before: Job, after: Job) -> None:
    store.record(tenant, [before])
    store.record(tenant, [after])
    assert versions(store, tenant) == []


def test_a_job_keeps_the_time_of_its_first_receipt(store: Store, tenant: int, clock: Clock) -> None:
    store.record(tenant, [running()])
    clock.pass_by(60)
    store.record(tenant, [done()])
    history: Any = store.history(tenant, "FB1")
    assert (history.current.received, history.current.heard) == (NOW, NOW + MINUTE)


def test_a_finished_job_that_is_seen_again_shows_when(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])
    assert outcome(store.record(tenant, [done(observed=NOW + 5)])) == (0, 0, 1)
    assert current_job(store, tenant).observed == NOW + 5


@pytest.mark.parametrize("state", [state for state in JobState if state.finished])
def test_every_finished_state_is_final(store: Store, tenant: int, state: JobState) -> None:
    store.record(tenant, [done(state=state)])
    store.record(tenant, [running(observed=NOW + 1)])
    assert current_job(store, tenant).state is state


def test_reports_that_bear_no_time_count_in_the_order_of_arrival(store: Store, tenant: int, clock: Clock) -> None:
    store.record(tenant, [running(observed=0)])
    clock.now -= 60 * MINUTE  # somebody sets this machine's clock right
    assert outcome(store.record(tenant, [done(observed=0)])) == (0, 1, 0)
    assert current_job(store, tenant).state is JobState.Successful
