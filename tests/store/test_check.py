"""A recount finds every kept count that is wrong, and a repair sets right just those; lost subjects are found too."""

from collections.abc import Callable

import pytest
from example_jobs import START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from store_contents import count_jobs, delete_jobs

from jobreport.contract.job_row import JobRow
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.schema.jobs import job_count, subject
from long import times
from strategies import jobs

LAWS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=times(15), deadline=None)


def counts(store: Store) -> set[tuple[int, ...]]:
    with store.reading() as connection:
        return {
            tuple(row)
            for row in connection.execute(
                select(*(column for column in job_count.columns if column.name != "changes")).where(
                    (job_count.c.jobs != 0) | (job_count.c.ended != 0)
                )
            )
        }


@pytest.fixture
def filled(store: Store, new_tenant: Callable[[], int]) -> Store:
    for tenant in (new_tenant(), new_tenant()):
        days = [START - day * ticks.PER_DAY for day in range(3)]
        store.record(
            tenant,
            [
                *(done(f"FB{start}", start=start, finish=start) for start in days),
                done("VM", service=ServiceType.VM, type=JobType.Backup, state=JobState.Failed),
                running(),
            ],
        )
    return store


def test_a_store_that_was_only_written_by_us_is_sound(filled: Store) -> None:
    found = check(filled)
    assert found.sound
    assert (found.tenants, found.jobs) == (2, 10)


def test_an_empty_store_is_sound(store: Store) -> None:
    assert check(store).sound


@LAWS
@given(st.lists(jobs(), max_size=12))
def test_whatever_is_recorded_the_counts_are_right(store: Store, tenant: int, many: list[Job]) -> None:
    delete_jobs(store, tenant)
    store.record(tenant, many)
    store.record(tenant, many[: len(many) // 2])
    assert check(store).sound


@LAWS
@given(st.data())
def test_any_wrong_count_is_found_and_repaired_and_no_other_is_touched(filled: Store, data: st.DataObject) -> None:
    right = counts(filled)
    rows = sorted(right)
    wrong = data.draw(st.lists(st.sampled_from(rows), unique=True, min_size=1, max_size=len(rows)))
    expected = []
    with filled.writing() as connection:
        for tenant, service, kind, state, day, jobs_, ended in wrong:
            where = (
                job_count.c.tenant == tenant,
                job_count.c.service == service,
                job_count.c.type == kind,
                job_count.c.state == state,
                job_count.c.day == day,
            )
            kept = data.draw(st.none() | st.integers(-3, 9).filter(lambda number, jobs_=jobs_: number != jobs_))
            change = delete(job_count) if kept is None else update(job_count).values(jobs=kept)
            connection.execute(change.where(*where))
            expected.append((service, kind, state, "jobs", kept or 0, jobs_))
            if kept is None and ended:
                expected.append((service, kind, state, "ended", 0, ended))
            if not jobs_ and not kept:
                expected.remove((service, kind, state, "jobs", 0, 0))
    found = check(filled)
    differences = [(one.service, one.type, one.state, one.what, one.kept, one.true) for one in found.differences]
    assert sorted(differences) == sorted(expected)
    assert check(filled, repair=True) == found
    assert check(filled).sound
    assert counts(filled) == right


@pytest.mark.parametrize(("tenant", "day"), [(1, 10), (1, -5), (1, 2**31 - 1), (77, 700_000)])
def test_a_count_of_jobs_that_never_were_is_found(filled: Store, tenant: int, day: int) -> None:
    right = counts(filled)
    with filled.writing() as connection:
        row = {"tenant": tenant, "service": 8, "type": -1, "state": 99, "day": day, "jobs": 5, "ended": 0}
        connection.execute(insert(job_count).values(row))
    (one,) = check(filled).differences
    assert (one.kept, one.true, one.state) == (5, 0, 99)
    assert one.tenant == ("#77" if tenant == 77 else one.tenant)
    check(filled, repair=True)
    assert check(filled).sound
    assert counts(filled) == right


def test_counts_that_stand_at_zero_are_right(store: Store, tenant: int) -> None:
    store.record(tenant, [running()])
    store.record(tenant, [done(observed=running().observed + 1)])
    with store.reading() as connection:
        assert connection.execute(select(func.count()).where(job_count.c.jobs == 0)).scalar_one() > 0
    assert check(store).sound


def test_jobs_whose_subject_is_missing_are_a_fault_that_no_repair_hides(filled: Store, tenant: int) -> None:
    about = [done(f"FB{number}", description="lost" if number < 3 else "kept") for number in range(5)]
    filled.record(tenant, about)
    with filled.writing() as connection:
        connection.execute(delete(subject).where(subject.c.tenant == tenant, subject.c.description == "lost"))
    found = check(filled, repair=True)
    assert [one.jobs for one in found.orphans] == [3]
    assert not found.sound
    assert not found.repairable
    assert check(filled) == found
    # They are counted, so they are listed: about nothing.
    assert count_jobs(filled, tenant) == 5
    with filled.stream_jobs(tenant, JobQuery()) as stream:
        rows = [JobRow._make(row) for batch in stream.batches() for row in batch]
    assert [row.description for row in rows] == ["kept", "kept", "", "", ""]


def test_a_subject_that_no_job_is_about_is_no_fault(filled: Store, tenant: int) -> None:
    filled.record(tenant, [running(description="before")])
    filled.record(tenant, [running(description="after", observed=running().observed + 1)])
    assert check(filled).sound
