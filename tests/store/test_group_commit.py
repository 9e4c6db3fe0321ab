"""Writes that come together share a transaction, and nothing else: each has its own result and its own fault."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event
from store_contents import count_jobs, list_job_ids

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.store import FinalJobError, Store, StoreUnavailableError, Writer, open_store

START = 639_310_000_000_000_000
CLIENTS = 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/jobs.db", clock=lambda: START)


def job(job_id: str, state: JobState = JobState.Successful) -> Job:
    finish = START + 1 if state.finished else 0
    return Job(
        job_id=job_id,
        service=ServiceType.VM,
        type=JobType.Backup,
        state=state,
        start=START,
        finish=finish,
        observed=START,
    )


def together(store: Store, *calls: Callable[[], object]) -> list[object]:
    """Makes the calls while a transaction is held open, so that all of them wait for it; results or errors."""
    gathered = threading.Barrier(len(calls) + 1)

    def call(function: Callable[[], object]) -> object:
        gathered.wait(30)
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - an outcome like any other here
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        with store.writing():
            outcomes = [pool.submit(call, function) for function in calls]
            gathered.wait(30)
        return [outcome.result(30) for outcome in outcomes]


def test_writes_that_wait_together_share_few_commits_and_all_are_there(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    commits: list[object] = []
    event.listen(store._engine, "commit", commits.append)
    calls = [lambda number=number: store.record(tenant, [job(f"job-{number}")]) for number in range(CLIENTS)]
    outcomes = together(store, *calls)
    assert [outcome.created for outcome in outcomes] == [1] * CLIENTS
    assert count_jobs(store, tenant) == CLIENTS
    # The one held open, the first writer's, and that of all who waited behind it; more where a thread was late.
    assert len(commits) < CLIENTS


def test_a_refused_write_does_not_touch_those_beside_it(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    store.record(tenant, [job("done")])
    reopened = job("done", JobState.InProgress)
    calls = [lambda number=number: store.record(tenant, [job(f"job-{number}")]) for number in range(8)]
    refused, *stored = together(
        store, lambda: store.record(tenant, [job("new"), reopened], Writer(strict=True)), *calls
    )
    assert isinstance(refused, FinalJobError)
    assert [outcome.created for outcome in stored] == [1] * 8
    assert set(list_job_ids(store, tenant)) == {
        "done",
        *(f"job-{number}" for number in range(8)),
    }


def test_a_transaction_that_fails_is_told_to_every_write_in_it_and_none_is_stored(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None

    def no_room(_connection: object) -> None:
        raise StoreUnavailableError("the store's disk is full")

    event.listen(store._engine, "commit", no_room)
    calls = [lambda number=number: store.record(tenant, [job(f"job-{number}")]) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(call) for call in calls]
        assert all(isinstance(outcome.exception(30), StoreUnavailableError) for outcome in outcomes)
    event.remove(store._engine, "commit", no_room)
    assert count_jobs(store, tenant) == 0
    assert store.record(tenant, [job("after")]).created == 1


def test_the_same_jobs_from_many_threads_are_created_once(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    outcomes = together(store, *[lambda: store.record(tenant, [job("one"), job("two")])] * CLIENTS)
    assert sum(outcome.created for outcome in outcomes) == 2
    assert count_jobs(store, tenant) == 2


def test_a_write_that_breaks_the_transaction_takes_no_other_with_it(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    beyond = job("beyond").evolve(size=2**63)  # what the model refuses, and the database cannot hold
    calls = [lambda number=number: store.record(tenant, [job(f"job-{number}")]) for number in range(8)]
    broken, *stored = together(store, lambda: store.record(tenant, [beyond]), *calls)
    assert isinstance(broken, OverflowError)
    assert [outcome.created for outcome in stored] == [1] * 8
    assert count_jobs(store, tenant) == 8


def test_each_correction_of_a_job_is_a_version_even_where_many_share_a_transaction(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    said = [f"attempt {number}" for number in range(CLIENTS)]
    reports = [job("one").evolve(comments=comments) for comments in said]
    outcomes = together(store, *[lambda report=report: store.record(tenant, [report]) for report in reports])
    assert sum(outcome.created for outcome in outcomes) == 1
    assert sum(outcome.updated for outcome in outcomes) == CLIENTS - 1
    history = store.history(tenant, "one")
    assert history is not None
    kept = [history.current.job.comments, *(version.job.comments for version in history.versions)]
    assert sorted(kept) == sorted(said)


def test_a_job_begins_and_ends_in_one_transaction_and_counts_once(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    reports = [job("one", JobState.InProgress), job("one"), *(job(f"job-{number}") for number in range(8))]
    together(store, *[lambda report=report: store.record(tenant, [report]) for report in reports])
    assert count_jobs(store, tenant, states=(JobState.Successful,)) == 9
    assert count_jobs(store, tenant) == 9


def test_jobs_without_an_id_get_one_each_even_where_they_share_a_transaction(store: Store) -> None:
    tenant = store.tenant_id("t", create=True)
    assert tenant is not None
    outcomes = together(store, *[lambda: store.record(tenant, [job("")] * 20)] * CLIENTS)
    job_ids = [job_id for outcome in outcomes for job_id in outcome.job_ids]
    assert len(set(job_ids)) == 20 * CLIENTS
    assert count_jobs(store, tenant) == 20 * CLIENTS
