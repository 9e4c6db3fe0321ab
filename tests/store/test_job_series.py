"""A job tells its series, what is usual there, and the jobs before and after it: what reading all jobs gives."""

from collections.abc import Callable

from example_jobs import MINUTE, START, done, not_started
from hypothesis import given
from hypothesis import strategies as st
from naive import VARIED
from naive_series import LAWS

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.series import series_of
from jobreport.model.series_query import JobSeries, NeighbourJob, SeriesQuery
from jobreport.model.stored_job import StoredJob
from jobreport.model.usual import RUNS
from jobreport.store import Store
from jobreport.store.query.series import runs


def series_of_job(store: Store, tenant: int, job_id: str) -> JobSeries | None:
    found = store.history(tenant, job_id)
    assert found is not None
    return found.series


def names(found: JobSeries | None) -> tuple[str | None, str | None]:
    assert found is not None
    return found.previous and found.previous.job_id, found.next and found.next.job_id


def filed(stored: StoredJob) -> tuple[int, str]:
    return stored.filed, stored.job.job_id


@LAWS
@given(jobs=VARIED)
def test_every_job_tells_what_reading_all_jobs_tells(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job]
) -> None:
    tenant, other = new_tenant(), new_tenant()
    store.record(tenant, jobs)
    store.record(other, [job.evolve(job_id=f"other {job.job_id}") for job in jobs])
    every = [found.current for job in jobs if (found := store.history(tenant, job.job_id))]
    assert len(every) == len(jobs)
    for stored in every:
        found = series_of_job(store, tenant, stored.job.job_id)
        key = series_of(stored.job)
        if key is None:
            assert found is None
            continue
        assert found is not None
        whole = store.one_series(tenant, found.series.key)
        assert whole is not None
        assert (found.series, found.usual) == (whole.series, whole.usual)
        mine = sorted((one for one in every if series_of(one.job) == key), key=filed)
        place = mine.index(stored)
        expected = [
            NeighbourJob(one.job.job_id, one.job.state, one.filed) if one else None
            for one in (mine[place - 1] if place else None, mine[place + 1] if place + 1 < len(mine) else None)
        ]
        assert [found.previous, found.next] == expected


def test_jobs_of_many_descriptions_and_of_the_same_moment_are_in_one_order(store: Store, tenant: int) -> None:
    store.record(
        tenant,
        [
            done(f"j{n}", plan="nightly", description=f"tape {n % 3}", start=START + n // 4 * MINUTE, finish=START * 2)
            for n in range(8)
        ],
    )
    order = [f"j{n}" for n in range(8)]
    for before, job_id, after in zip([None, *order], order, [*order[1:], None], strict=False):
        assert names(series_of_job(store, tenant, job_id)) == (before, after)


def test_a_corrected_job_takes_its_new_place_and_a_due_one_stands_where_it_is_due(store: Store, tenant: int) -> None:
    jobs = [done(f"j{n}", plan="nightly", start=START + n * MINUTE, finish=START + 9 * MINUTE) for n in range(3)]
    store.record(tenant, [*jobs, not_started("due", plan="nightly", start=START + 30 * MINUTE)])
    assert names(series_of_job(store, tenant, "j2")) == ("j1", "due")
    store.record(tenant, [jobs[2].evolve(start=START - MINUTE, observed=jobs[2].observed + 1)])
    assert names(series_of_job(store, tenant, "j2")) == (None, "j0")
    assert names(series_of_job(store, tenant, "j1")) == ("j0", "due")
    store.record(tenant, [jobs[0].evolve(plan="weekly", observed=jobs[0].observed + 1)])
    assert names(series_of_job(store, tenant, "j0")) == (None, None)
    assert names(series_of_job(store, tenant, "j1")) == ("j2", "due")


def test_it_tells_how_the_series_stands_now(store: Store, tenant: int) -> None:
    store.record(
        tenant,
        [
            done("good", plan="nightly"),
            *(
                done(
                    f"bad{n}",
                    plan="nightly",
                    state=JobState.Failed,
                    start=START + n * MINUTE,
                    finish=START + 5 * MINUTE,
                )
                for n in range(1, 4)
            ),
        ],
    )
    for name in ("good", "bad1", "bad3"):
        found = series_of_job(store, tenant, name)
        assert found
        assert (found.series.status.good_id, found.series.status.not_good) == ("good", 3)
        assert found.usual
        assert (found.usual.runs, found.usual.duration.median) == (1, MINUTE)


@LAWS
@given(jobs=VARIED, many=st.integers(0, 2 * RUNS))
def test_what_is_usual_of_several_series_at_once_is_what_is_usual_of_each(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job], many: int
) -> None:
    tenant = new_tenant()
    nightly = [
        done(f"n{day}", plan="nightly", description=f"day {day % 3}", start=at, finish=at + day * day)
        for day, at in enumerate(range(START, START + many * MINUTE, MINUTE))
    ]
    store.record(tenant, [*jobs, *nightly])
    numbers = [one.number for one in store.list_series(tenant, SeriesQuery(size=100)).series]
    with store.reading() as connection:
        known = {number: runs.usual_of(connection, tenant, number) for number in numbers}
        found = runs.usual_of_each(connection, tenant, numbers)
        assert runs.usual_of_each(connection, tenant, []) == {}
    assert found == {number: one for number, one in known.items() if one}
