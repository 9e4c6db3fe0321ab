"""Pruning deletes just what its rule says, with the versions, and leaves every count right."""

from collections.abc import Callable

import pytest
from example_jobs import START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from store_contents import delete_jobs, list_job_ids

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.need import Kind, Mark, Need, Snapshot
from jobreport.model.stored_job import StoredJob
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import BATCH, Rule, due, prune
from jobreport.store.derived import series
from jobreport.store.registry import marks
from jobreport.store.schema.jobs import job_count, job_version
from long import times
from strategies import NOW, jobs

LAWS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=times(15), deadline=None)
TIMES = st.integers(ticks.UNIX_EPOCH, NOW)


@pytest.fixture
def two_tenants(new_tenant: Callable[[], int]) -> tuple[int, int]:
    """The same for all examples: of others, however empty, a look at the whole store would be at each in turn."""
    return new_tenant(), new_tenant()


@LAWS
@given(st.lists(jobs(reference=""), max_size=15, unique_by=lambda one: one.job_id), st.data())
def test_just_the_jobs_that_a_naive_filter_names_go(
    store: Store, two_tenants: tuple[int, int], many: list[Job], data: st.DataObject
) -> None:
    # The rule's ends fall on jobs, where a wrong comparison would show.
    moments = TIMES | st.sampled_from([one.start + step for one in many for step in (0, 1)] or [NOW])
    rules = data.draw(st.lists(st.builds(Rule, moments, moments), min_size=1, max_size=4))
    tenant, other = two_tenants
    delete_jobs(store, tenant, other)
    store.record(tenant, many)
    store.record(other, many)
    for rule in rules:
        stay = [one.job_id for one in many if not rule.deletes(StoredJob(job=one, received=NOW, heard=NOW))]
        (announced,) = [one for one in due(store, rule) if one.tenant == tenant]
        assert (announced.jobs, announced.of) == (len(many) - len(stay), len(many))
    assert sum(prune(store, tenant, rule)) == announced.jobs
    assert set(list_job_ids(store, tenant)) == set(stay)
    assert len(list_job_ids(store, other)) == len(many)
    assert check(store).sound


def test_unfinished_jobs_stay_and_failed_ones_as_long_as_is_said(store: Store, tenant: int) -> None:
    store.record(
        tenant,
        [running("run"), done("ok"), *(done(state.name, state=state) for state in (JobState.Failed, JobState.Stopped))],
    )
    assert sum(prune(store, tenant, Rule(NOW, 0))) == 2
    assert set(list_job_ids(store, tenant)) == {"run", "Failed"}
    assert sum(prune(store, tenant, Rule(NOW, NOW))) == 1
    assert list_job_ids(store, tenant) == ["run"]


def test_versions_go_with_their_job(store: Store, tenant: int) -> None:
    store.record(tenant, [done("FB1"), done("FB2", start=START + 1)])
    store.record(
        tenant, [one.evolve(comments="corrected", observed=NOW) for one in (done("FB1"), done("FB2", start=START + 1))]
    )
    list(prune(store, tenant, Rule(START + 1, 0)))
    with store.reading() as connection:
        assert connection.execute(select(job_version.c.job_id)).scalars().all() == ["FB2"]


def test_each_batch_is_a_transaction_and_others_write_between_them(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{number:05d}", start=START + number % 7) for number in range(3 * BATCH)])
    left = 3 * BATCH
    for number, jobs_ in enumerate(prune(store, tenant, Rule(NOW, NOW))):
        left -= jobs_
        assert jobs_ == BATCH
        store.record(tenant, [running(f"new{number}")])
        assert len(list_job_ids(store, tenant)) == left + number + 1
        assert check(store).sound
    assert left == 0


def test_counts_that_came_to_nothing_are_cleared_away(store: Store, tenant: int, clock: Clock) -> None:
    store.record(tenant, [done(f"FB{day}", start=START - day * ticks.PER_DAY) for day in range(40)])
    list(prune(store, tenant, Rule(clock(), clock())))
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(job_count)).scalar_one() == 0


def test_what_was_said_of_a_series_goes_with_its_last_job(store: Store, tenant: int) -> None:
    mark = Mark(kind=Kind.IN_HANDS, by="anna", since=NOW, found=Snapshot(Need.NOT_GOOD, JobState.Failed, "", 0, START))
    store.record(tenant, [done("old", plan="old", state=JobState.Failed), running("new", plan="new")])
    with store.writing() as connection:
        numbers = {plan: number for (_, _, plan, _, _), number in series.keys(connection, tenant).items()}
        for number in numbers.values():
            marks.put(connection, tenant, number, mark)
    assert sum(prune(store, tenant, Rule(NOW, NOW))) == 1
    with store.reading() as connection:
        assert marks.of_tenants(connection, [tenant]) == {tenant: {numbers["new"]: mark}}
