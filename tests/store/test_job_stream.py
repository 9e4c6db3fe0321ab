"""A whole result from one snapshot: what reading all jobs gives, in any order, while others write."""

import sqlite3
from collections.abc import Callable

import pytest
from example_jobs import MINUTE, START, done, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import QUERIES, VARIED, move_limits_to_jobs, naive

from jobreport.contract.job_row import JobRow, Row
from jobreport.model.cause import cause_of_job
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from jobreport.store import Store
from jobreport.store.query import stream
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(20), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def every(store: Store, tenant: int, query: JobQuery) -> list[Row]:
    with store.stream_jobs(tenant, query) as found:
        rows = [row for batch in found.batches() for row in batch]
        assert (found.total, found.now) == (len(rows), NOW)
    return rows


def row(job: Job) -> tuple[object, ...]:
    own = cause_of_job(job)
    texts = {"cause": own.code if own else "", "cause_text": own.text if own else "", "sees": job.sees.value}
    return tuple(texts.get(name, getattr(job, name, None)) for name in JobRow._fields)


def of_any_case(row: tuple[object, ...]) -> tuple[object, ...]:
    """The row with the text of its cause in lower case: jobs that say the same in another case have one cause, and its
    text is that of the first of them.
    """
    return tuple(JobRow._make(row)._replace(cause_text=str(JobRow._make(row).cause_text).lower()))


@LAWS
@given(kept=VARIED, queries=st.lists(QUERIES, min_size=1, max_size=4), near=st.booleans())
def test_any_question_gives_all_jobs_that_match_in_its_order(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[JobQuery], near: bool
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    store.record(new_tenant(), kept)
    for asked in queries:
        query = replace(asked, where=move_limits_to_jobs(asked.where, kept)) if near else asked
        found = list(map(of_any_case, every(store, tenant, query)))
        assert found == [of_any_case(row(job)) for job in naive(kept, NOW, query)]


def test_more_jobs_than_a_batch_come_in_batches(store: Store, tenant: int) -> None:
    number = stream.BATCH * 2 + 1
    store.record(tenant, [done(f"j{n:05}", start=START + n, plan=f"p{n % 3}") for n in range(number)])
    with store.stream_jobs(tenant, JobQuery()) as found:
        sizes = [len(batch) for batch in found.batches()]
    assert sizes == [stream.BATCH, stream.BATCH, 1]
    assert len(every(store, tenant, JobQuery(sort=Sort(SortKey.FAILED)))) == number


def test_more_subjects_than_are_remembered_are_all_told(
    store: Store, tenant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_KNOWN", 5)
    monkeypatch.setattr(stream, "BATCH", 10)
    kept = [
        done(f"j{n:05}", start=START + n, finish=START + n, plan=f"p{n % 17}", resource=f"r{n}") for n in range(100)
    ]
    store.record(tenant, kept)
    assert every(store, tenant, JobQuery(sort=Sort(descending=False))) == [row(job) for job in kept]


def test_what_is_written_meanwhile_is_not_in_it(store: Store, tenant: int) -> None:
    before = [done(f"j{n:05}", start=START + n, plan="p") for n in range(stream.BATCH + 500)]
    store.record(tenant, before)
    with store.stream_jobs(tenant, JobQuery(sort=Sort(descending=False))) as found:
        batches = found.batches()
        first = next(batches)
        store.record(tenant, [done("new", start=START + 10**6), before[-1].evolve(plan="changed", observed=NOW)])
        rest = [row for batch in batches for row in batch]
    assert [*first, *rest] == [row(job) for job in before]
    assert every(store, tenant, JobQuery())[0][0] == "new"


def test_name_that_no_store_can_hold_finds_none(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])
    assert every(store, tenant, JobQuery(where=JobFilter(plans=("\ud800",)))) == []


def test_job_that_runs_has_lasted_until_the_snapshot(store: Store, tenant: int) -> None:
    store.record(tenant, [running("long", start=NOW - 10 * MINUTE), running("short", start=NOW - MINUTE)])
    where = JobFilter(min_duration=5 * MINUTE)
    assert [found[0] for found in every(store, tenant, JobQuery(where=where))] == ["long"]


def test_connection_that_sorted_on_disk_sorts_in_memory_again(store: Store, tenant: int) -> None:
    store.record(tenant, [done()])

    def where_sorted(connection: object) -> tuple[object, ...]:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            pytest.skip("PostgreSQL sorts on disk by itself")
        return *driver.execute("PRAGMA temp_store").fetchone(), *driver.execute("PRAGMA cache_size").fetchone()

    with store.reading() as connection:
        before = where_sorted(connection)
    with store.stream_jobs(tenant, JobQuery()) as found:
        assert where_sorted(found._connection) == (1, -16_000)
    with store.reading() as connection:
        assert where_sorted(connection) == before
