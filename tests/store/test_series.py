"""How series stand is kept with each job: it is what a count of all their jobs gives, whatever was delivered."""

from collections.abc import Callable

import pytest
from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import VARIED, varied_jobs
from sqlalchemy import delete, select, update
from store_contents import delete_jobs

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.series import SeriesStatus
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.derived import series
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.jobs import subject
from long import times

LAWS = settings(max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def all_statuses(store: Store, tenant: int) -> dict[int, SeriesStatus]:
    """How the tenant's series stand, by number: several may have the same plan and resource."""
    with store.reading() as connection:
        numbers = connection.execute(select(table.c.series).where(table.c.tenant == tenant)).scalars().all()
        return series.read(connection, tenant, numbers)


def statuses(store: Store, tenant: int) -> dict[tuple[str, str], SeriesStatus]:
    """How the tenant's series stand, by plan and resource."""
    with store.reading() as connection:
        rows = connection.execute(
            select(table.c.series, table.c.plan, table.c.resource).where(table.c.tenant == tenant)
        )
        names = {row.series: (row.plan, row.resource) for row in rows}
        return {names[number]: status for number, status in series.read(connection, tenant, names).items()}


@LAWS
@given(
    deliveries=st.lists(st.lists(varied_jobs(), max_size=6, unique_by=lambda job: job.job_id), max_size=5),
    rule=st.builds(Rule, before=st.sampled_from([0, START]), failed_before=st.sampled_from([0, START])),
)
def test_whatever_is_delivered_in_whatever_order_the_series_are_as_a_recount_says(
    store: Store, tenant: int, deliveries: list[list[Job]], rule: Rule
) -> None:
    delete_jobs(store, tenant)
    for number, delivery in enumerate(deliveries, 1):
        store.record(tenant, [job.evolve(observed=number) for job in delivery])
    assert not check(store).series
    for _ in prune(store, tenant, rule):
        pass
    assert check(store).sound
    with store.reading() as connection:
        left = connection.execute(select(table.c.jobs).where(table.c.tenant == tenant)).scalars().all()
    assert 0 not in left


@LAWS
@given(
    jobs=st.lists(
        st.tuples(
            st.integers(0, 5), st.sampled_from([*[JobState.Successful] * 4, JobState.Failed, JobState.Skipped, None])
        ),
        max_size=8,
    )
)
def test_jobs_of_one_series_that_come_one_by_one_leave_it_as_a_recount_says(
    store: Store, new_tenant: Callable[[], int], jobs: list[tuple[int, JobState | None]]
) -> None:
    # Most of them end well, one after the other: that is what the store does with a single statement.
    tenant = new_tenant()
    for number, (minute, state) in enumerate(jobs):
        start, name = START + minute * MINUTE, f"{number * 7 % 10}"
        job = (
            done(name, start=start, state=state, plan="p", size=number)
            if state
            else running(name, start=start, plan="p")
        )
        store.record(tenant, [job.evolve(observed=number + 1)])
    assert check(store).sound


@LAWS
@given(jobs=VARIED, data=st.data())
def test_anything_that_is_wrong_of_a_series_is_found_and_repaired(
    store: Store, tenant: int, jobs: list[Job], data: st.DataObject
) -> None:
    delete_jobs(store, tenant)
    store.record(tenant, [*jobs, done("one", plan="nightly")])
    right = all_statuses(store, tenant)
    what = data.draw(st.sampled_from(series.FIELDS))
    with store.writing() as connection:
        wrong = "x" if what.endswith("_id") else 77
        connection.execute(update(table).where(table.c.tenant == tenant).values({what: wrong}))
    found = check(store, repair=True)
    assert {one.what for one in found.series} == {what}
    assert check(store).sound
    assert all_statuses(store, tenant) == right


@pytest.mark.parametrize("damage", ["lost", "astray", "none"])
def test_jobs_of_a_series_that_was_lost_are_stored_all_the_same_and_a_repair_finds_their_series(
    store: Store, tenant: int, damage: str
) -> None:
    first = [done("a", plan="nightly"), done("b", plan="weekly")]
    second = [done("c", plan="nightly", start=START + 1), done("d", plan="weekly", state=JobState.Failed)]
    store.record(tenant, first)
    of_nightly = table.c.tenant == tenant, table.c.plan == "nightly"
    with store.writing() as connection:
        if damage == "lost":
            connection.execute(delete(table).where(*of_nightly))
        else:
            number = connection.execute(
                select(table.c.series).where(table.c.tenant == tenant, table.c.plan == "weekly")
            ).scalar_one()
            connection.execute(
                update(subject)
                .where(subject.c.tenant == tenant, subject.c.plan == "nightly")
                .values(series=number if damage == "astray" else 0)
            )
    for job in second:
        store.record(tenant, [job])
    assert "number" in {one.what for one in check(store, repair=True).series}
    assert check(store).sound
    found = statuses(store, tenant)
    assert {plan: status.jobs for (plan, _), status in found.items()} == {"nightly": 2, "weekly": 2}
    assert (found["nightly", ""].good_id, found["weekly", ""].not_good) == ("c", 1)


def test_a_series_tells_its_last_good_copy_and_since_when_it_fails(store: Store, tenant: int) -> None:
    nights = [START + night * 100 * MINUTE for night in range(5)]
    states = [JobState.Successful, JobState.Successful, JobState.Failed, JobState.Skipped, JobState.Exception]
    store.record(
        tenant,
        [
            done(f"n{number}", start=at, finish=at + MINUTE, state=state, plan="nightly", resource="web", size=number)
            for number, (at, state) in enumerate(zip(nights, states, strict=True))
        ],
    )
    store.record(tenant, [running("now", start=nights[4] + MINUTE, plan="nightly", resource="web")])
    (status,) = statuses(store, tenant).values()
    assert (status.jobs, status.first) == (6, nights[0])
    assert (status.good_id, status.good_finish, status.good_bytes) == ("n1", nights[1] + MINUTE, 1)
    assert (status.not_good, status.not_good_since) == (2, nights[2])
    assert (status.ended_id, status.ended_state) == ("n4", JobState.Exception)
    assert (status.newest_id, status.newest_state) == ("now", JobState.InProgress)
    assert (status.unfinished, status.unfinished_since) == (1, nights[4] + MINUTE)


def test_fifty_hosts_of_one_plan_are_fifty_series_and_a_description_makes_no_other(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"h{host}", plan="nightly", resource=f"host-{host}") for host in range(50)])
    store.record(tenant, [done(f"d{day}", plan="dated", description=f"of day {day}") for day in range(20)])
    store.record(tenant, [done("none", description="about nothing")])
    found = statuses(store, tenant)
    assert len(found) == 51
    assert found["dated", ""].jobs == 20


def test_a_job_whose_plan_is_corrected_leaves_one_series_for_another(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="wrong"), done("b", plan="wrong", start=START - 1, finish=START)])
    store.record(tenant, [done("a", plan="right", observed=2**60)])
    found = statuses(store, tenant)
    assert (found["wrong", ""].jobs, found["wrong", ""].good_id) == (1, "b")
    assert (found["right", ""].jobs, found["right", ""].good_id) == (1, "a")
    assert check(store).sound
