"""The report's questions: the exact total, the right jobs in the right order, on any page and with any filter."""

from collections.abc import Callable, Sequence

import pytest
from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import COUNTED, MIDNIGHT, MOMENTS, SERVICES, filed_jobs, naive_ids
from store_contents import list_job_ids

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Line, Page
from jobreport.store import Store
from long import times
from strategies import NOW, jobs

EMPTY = Page(0, [], None)


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


@st.composite
def earlier(draw: st.DrawFn, kept: Sequence[Job]) -> list[Job]:
    """How some of the jobs stood before: elsewhere in time, and of other codes."""
    return [
        job.evolve(
            state=JobState.InProgress, finish=0, start=draw(MOMENTS), service=draw(SERVICES), observed=job.observed - 1
        )
        for job in kept
        if draw(st.booleans())
    ]


@settings(max_examples=times(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kept=st.lists(filed_jobs(), max_size=15, unique_by=lambda job: job.job_id),
    queries=st.lists(st.builds(JobQuery, where=COUNTED, size=st.integers(1, 5)), min_size=1, max_size=4),
    data=st.data(),
)
def test_whatever_the_jobs_were_before_each_page_is_that_of_reading_all_of_them(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[JobQuery], data: st.DataObject
) -> None:
    tenant = new_tenant()
    store.record(tenant, data.draw(earlier(kept)))
    store.record(tenant, kept)
    for query in queries:
        expected = naive_ids(kept, NOW, query)
        for page in range(len(expected) // query.size + 2):
            found = store.list_jobs(tenant, replace(query, page=page))
            first = page * query.size
            assert found.total == len(expected)
            assert [line.job_id for line in found.lines] == expected[first : first + query.size]


@settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(jobs())
def test_every_field_of_any_job_comes_back_as_it_was_written(
    store: Store, new_tenant: Callable[[], int], job: Job
) -> None:
    tenant = new_tenant()
    store.record(tenant, [job])
    history = store.history(tenant, job.job_id)
    assert history is not None
    assert history.current.job == job
    (line,) = store.list_jobs(tenant, JobQuery()).lines
    told = [name for name in Line._fields if name != "filed"]
    assert [getattr(line, name) for name in told] == [getattr(job, name) for name in told]
    assert line.filed == (job.start or NOW)


def test_an_empty_store_has_an_empty_report(store: Store, tenant: int) -> None:
    assert store.list_jobs(tenant, JobQuery()) == EMPTY
    assert store.list_jobs(tenant, JobQuery(where=JobFilter(search="x"), page=3)) == EMPTY


def test_newest_starts_come_first_then_job_ids_descending_by_code_point(store: Store, tenant: int) -> None:
    same_time = ["a", "B", "Z", "é", "z", "\uffff", "😀"]  # UTF-16 would put the last one before U+FFFF
    store.record(tenant, [*map(done, same_time), done("late", start=START + 1), done("early", start=START - 1)])
    assert list_job_ids(store, tenant) == ["late", "😀", "\uffff", "é", "z", "a", "Z", "B", "early"]


def test_a_page_past_the_end_is_empty_with_the_true_total(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{number}") for number in range(25)])
    assert len(store.list_jobs(tenant, JobQuery(page=2)).lines) == 5
    for page in (3, 2**31 - 1):
        assert store.list_jobs(tenant, JobQuery(page=page, size=10_000 if page > 3 else 10)) == Page(25, [], None)


def test_a_range_includes_both_its_ends(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{number}", start=START + number) for number in range(5)])
    assert list_job_ids(store, tenant, since=START + 1, until=START + 3) == ["FB3", "FB2", "FB1"]
    assert list_job_ids(store, tenant, since=START + 2, until=START + 2) == ["FB2"]


@pytest.mark.parametrize(
    ("since", "until", "total"),
    [
        (None, None, 15),
        (0, None, 12),
        (None, 1, 7),
        (0, 1, 4),
        (1, 3, 7),
        (0.5, 2.5, 7),
        (0.25, 0.75, 1),
        (2, 2, 1),
        (2.1, 2.2, 0),
    ],
)
def test_a_range_counts_whole_days_and_parts_of_days_alike(
    store: Store, tenant: int, since: float | None, until: float | None, total: int
) -> None:
    """Three jobs a day on five days: at midnight, at noon and in the last tick."""
    store.record(
        tenant,
        [
            done(f"{day} {time}", start=MIDNIGHT + day * ticks.PER_DAY + time)
            for day in range(-1, 4)
            for time in (0, ticks.PER_DAY // 2, ticks.PER_DAY - 1)
        ],
    )
    ends = {
        name: MIDNIGHT + int(days * ticks.PER_DAY)
        for name, days in (("since", since), ("until", until))
        if days is not None
    }
    inside = range(ends.get("since", 0), ends.get("until", ticks.YEAR_2200) + 1)
    assert len(list_job_ids(store, tenant, **ends)) == total
    page = store.list_jobs(tenant, JobQuery(where=JobFilter(**ends), size=100))
    assert all(line.start in inside for line in page.lines)


def test_a_range_asks_for_the_start_and_not_for_the_finish(store: Store, tenant: int) -> None:
    store.record(tenant, [done(finish=START + MINUTE)])
    assert list_job_ids(store, tenant, since=START + 1) == []


def test_a_job_not_started_is_filed_under_its_due_time(store: Store, tenant: int) -> None:
    store.record(tenant, [not_started("due", start=NOW + MINUTE)])
    assert list_job_ids(store, tenant, since=NOW + MINUTE, until=NOW + MINUTE) == ["due"]


def test_a_job_not_started_that_is_not_due_is_filed_under_its_first_receipt(
    store: Store, tenant: int, clock: Clock
) -> None:
    store.record(tenant, [not_started()])
    clock.pass_by(60)
    store.record(tenant, [not_started(comments="still not", observed=clock.now)])
    assert list_job_ids(store, tenant, since=NOW, until=NOW) == ["FB1"]


def test_a_job_that_starts_moves_to_its_start(store: Store, tenant: int) -> None:
    store.record(tenant, [not_started()])
    store.record(tenant, [running(observed=NOW + 1)])
    assert list_job_ids(store, tenant, since=START, until=START) == ["FB1"]
    assert list_job_ids(store, tenant, since=NOW) == []


def test_tenants_never_see_each_others_jobs(store: Store, new_tenant: Callable[[], int]) -> None:
    one, other, nobody = new_tenant(), new_tenant(), new_tenant()
    store.record(one, [done("FB1", description="one"), done("FB2")])
    store.record(other, [done("FB1", description="other")])
    assert list_job_ids(store, one) == ["FB2", "FB1"]
    assert list_job_ids(store, one, search="other") == []
    assert list_job_ids(store, other) == ["FB1"]
    assert list_job_ids(store, nobody) == []
    assert store.history(nobody, "FB1") is None
    history = store.history(other, "FB1")
    assert history is not None
    assert history.current.job.description == "other"


@pytest.mark.parametrize("job_id", ["a/b?c", "%", "'", "😀", "A", "a"])
def test_a_job_is_found_again_by_its_exact_id(store: Store, tenant: int, job_id: str) -> None:
    store.record(tenant, [done(job_id), done(job_id + "x")])
    history = store.history(tenant, job_id)
    assert history is not None
    assert history.current.job.job_id == job_id
    assert store.history(tenant, "no " + job_id) is None
