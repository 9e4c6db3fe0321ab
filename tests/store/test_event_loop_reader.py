"""The event loop's own reader of a file answers as the ordinary way does, whoever has written in between."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from example_jobs import done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import COUNTED, QUERIES, VARIED, filed_jobs

from clocks import Clock
from jobreport.contract.job_document import job_to_wire
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Position, Sort, SortKey
from jobreport.store import Store, open_store
from jobreport.store.cache.reader import MOST
from jobreport.store.query import first_page
from serving import command


@pytest.fixture
def store_url(file_url: str) -> str:
    """These are of SQLite alone."""
    return file_url


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    writes=st.lists(st.lists(filed_jobs(), max_size=4, unique_by=lambda job: job.job_id), min_size=1, max_size=6),
    queries=st.lists(st.builds(JobQuery, where=COUNTED, size=st.integers(1, 5)), min_size=1, max_size=4),
)
def test_whatever_is_written_in_between_the_answer_is_that_of_the_ordinary_way(
    store: Store, new_tenant: Callable[[], int], writes: list[list[Job]], queries: list[JobQuery]
) -> None:
    tenant = new_tenant()
    for jobs in writes:
        store.record(tenant, jobs)
        for query in queries:
            for page in (0, 1):
                asked = replace(query, page=page)
                many = max(map(len, (asked.where.services, asked.where.types, asked.where.states))) > 1
                answer = store.list_jobs(tenant, asked)
                assert store.list_at_once(tenant, asked) == (None if many or not asked.is_short else answer)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kept=VARIED, query=QUERIES, size=st.integers(1, 3))
def test_a_page_after_a_place_is_that_of_the_ordinary_way(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], query: JobQuery, size: int
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    asked = replace(query, size=size)
    while True:
        found = store.list_jobs(tenant, asked)
        assert store.list_at_once(tenant, asked) in (found, None)
        if found.next is None:
            return
        asked = replace(asked, after=found.next)


def test_what_is_not_answered_at_once_does_not_push_out_how_others_are_answered(store: Store, tenant: int) -> None:
    assert store.list_at_once(tenant, JobQuery()) is not None
    known = first_page._plan.cache_info()
    for where in (JobFilter(plans=("nightly",)), JobFilter(search="x"), JobFilter(min_failed=1)):
        assert store.list_at_once(tenant, JobQuery(where=where)) is None
    assert store.list_at_once(tenant, JobQuery(sort=Sort(SortKey.DURATION))) is None
    assert store.list_at_once(tenant, JobQuery(page=1)) is not None
    assert first_page._plan.cache_info() == known


def test_a_page_after_a_place_in_the_order_of_an_index_is_given_at_once(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"FB{number}") for number in range(9)])
    asked = JobQuery(size=4)
    for left in (9, 5, 1):
        found = store.list_at_once(tenant, asked)
        assert found is not None
        assert len(found.lines) == min(4, left)
        asked = replace(asked, after=found.next)
    for long in (JobFilter(search="F"), JobFilter(plans=("p",)), JobFilter(states=(JobState.Failed, JobState.Stopped))):
        assert store.list_at_once(tenant, replace(asked, where=long, after=Position(1, 1, "x"))) is None


def test_what_another_process_writes_is_seen_at_once(store: Store, store_url: str, tmp_path: Path) -> None:
    tenant = store.tenant_id("acme", create=True) or 0
    lines = tmp_path / "jobs.ndjson"
    for number in range(1, 4):
        before = store.list_at_once(tenant, JobQuery())
        assert before is not None
        assert before.total == number - 1
        lines.write_bytes(msgspec.json.encode(job_to_wire(done(f"FB{number}"))))
        assert command("import", str(lines), "--tenant", "acme", "--store", store_url).returncode == 0
        found = store.list_at_once(tenant, JobQuery())
        assert found == store.list_jobs(tenant, JobQuery())
        assert found.total == number


def test_long_questions_are_left_to_the_ordinary_way(store: Store, tenant: int) -> None:
    assert store.list_at_once(tenant, JobQuery(where=JobFilter(search="x"))) is None
    assert store.list_at_once(tenant, JobQuery(sort=Sort(SortKey.DURATION))) is None
    assert store.list_at_once(tenant, JobQuery(size=MOST + 1)) is None
    assert store.list_at_once(tenant, JobQuery(size=MOST)) is not None


def test_who_holds_the_file_is_not_waited_for(store: Store, tenant: int, store_url: str, clock: Clock) -> None:
    store.record(tenant, [done()])
    with closing(open_store(store_url, clock=clock)) as other, other.writing() as connection:
        # A writer holds up nobody.
        assert store.list_at_once(tenant, JobQuery()) is not None
        assert connection.in_transaction()
