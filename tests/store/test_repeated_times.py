"""Of times that are the same the table has one, and every reader gets both."""

from collections.abc import Callable

from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from clocks import Clock
from jobreport.contract.job_row import JobRow
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.model.series_query import SeriesQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.schema.jobs import job as table
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(10), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
JOBS = st.lists(
    st.builds(
        lambda number, same, end: done(f"FB{number}", finish=end, observed=end if same else NOW),
        st.integers(0, 5),
        st.booleans(),
        st.integers(START, NOW),
    )
    | st.builds(lambda number, seen: running(f"FB{number}", observed=seen), st.integers(6, 8), st.integers(1, NOW)),
    min_size=1,
    max_size=6,
    unique_by=lambda job: job.job_id,
)


def read(store: Store, tenant: int) -> dict[str, set[int]]:
    """When each job was observed, by all ways to read it."""
    found: dict[str, set[int]] = {}
    with store.stream_jobs(tenant, JobQuery()) as stream:
        rows = [JobRow._make(row) for batch in stream.batches() for row in batch]
    for row in (*rows, *store.list_details(tenant, JobQuery()).rows):
        found.setdefault(row.job_id, set()).add(row.observed)
    for job_id, seen in found.items():
        history = store.history(tenant, job_id)
        assert history
        seen.add(history.current.job.observed)
    return found


def columns(store: Store, tenant: int, job_id: str) -> tuple[int, ...]:
    """What the table has of the times of a job."""
    chosen = select(table.c.observed, table.c.heard).where(table.c.tenant == tenant, table.c.job_id == job_id)
    with store.reading() as connection:
        return tuple(connection.execute(chosen).one())


@LAWS
@given(kept=JOBS)
def test_each_reader_gets_the_time_that_was_told(store: Store, new_tenant: Callable[[], int], kept: list[Job]) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    assert read(store, tenant) == {job.job_id: {job.observed} for job in kept}
    for job in kept:
        assert columns(store, tenant, job.job_id) == (0 if job.observed == job.finish else job.observed, 0)


def test_a_job_that_is_reported_again_has_both_times(store: Store, tenant: int, clock: Clock) -> None:
    store.record(tenant, [done(finish=NOW, observed=NOW)])
    clock.pass_by(60)
    store.record(tenant, [done(finish=NOW, observed=NOW + 1, comments="corrected")])
    assert columns(store, tenant, "FB1") == (NOW + 1, NOW + MINUTE)
    history = store.history(tenant, "FB1")
    assert history
    assert (history.current.received, history.current.heard) == (NOW, NOW + MINUTE)


def test_rows_of_an_older_version_that_have_both_are_read_as_they_are(store: Store, tenant: int) -> None:
    store.record(tenant, [done("old", finish=NOW, observed=NOW)])
    with store.writing() as connection:
        connection.execute(update(table).values(observed=table.c.finish, heard=table.c.received))
    assert columns(store, tenant, "old") == (NOW, NOW)
    assert read(store, tenant) == {"old": {NOW}}
    history = store.history(tenant, "old")
    assert history
    assert history.current.heard == history.current.received == NOW


def test_a_series_was_heard_of_earlier_once_the_job_that_was_told_last_is_deleted(
    store: Store, tenant: int, clock: Clock
) -> None:
    about = {"plan": "nightly", "resource": "web-1"}
    store.record(tenant, [done("new", **about)])
    clock.pass_by(60)
    store.record(tenant, [done("late", start=START - MINUTE, **about)])
    for heard in (NOW + MINUTE, NOW):
        assert [one.status.heard for one in store.list_series(tenant, SeriesQuery()).series] == [heard]
        assert check(store).sound
        list(prune(store, tenant, Rule(START, START)))
