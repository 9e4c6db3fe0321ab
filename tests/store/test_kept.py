"""Short reads of a shared store: by one statement or several, over connections that stay open, of one moment each."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keeping import DATABASES, done
from naive import QUERIES, filed_jobs
from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.cache.connections import KEPT, Kept
from jobreport.store.db import engine as engines
from jobreport.store.db.postgresql import MOST, POOL
from jobreport.store.query import report
from serving import until

OURS = "application_name = 'jobreport' AND datname = current_database()"


@pytest.fixture(params=[name for name in DATABASES if name != "sqlite"])
def store_url(store_url: str) -> str:
    """These are of what several share."""
    return store_url


@pytest.fixture
def outside(store_url: str) -> Iterator[psycopg.Connection]:
    """A connection that is not the store's."""
    with closing(psycopg.connect(store_url, autocommit=True)) as connection:
        yield connection


def processes(outside: psycopg.Connection) -> set[int]:
    """Those that serve the store's connections."""
    return {row[0] for row in outside.execute(f"SELECT pid FROM pg_stat_activity WHERE {OURS}")}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    jobs=st.lists(filed_jobs(), max_size=12, unique_by=lambda job: job.job_id),
    queries=st.lists(QUERIES, min_size=1, max_size=6),
    whole_days=st.booleans(),
)
def test_a_first_page_by_one_statement_is_that_of_several(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job], queries: list[JobQuery], whole_days: bool
) -> None:
    tenant = new_tenant()
    store.record(tenant, jobs)
    store.record(new_tenant(), jobs)
    for query in queries:
        asked = msgspec.structs.replace(query, search="", page=0)
        if whole_days:
            asked = msgspec.structs.replace(asked, since=midnight(query.since), until=midnight(query.until, -1))
        if report.is_first(asked):
            with store.reading() as connection:
                assert report.first(connection, tenant, asked) == report.report(connection, tenant, asked)


def midnight(moment: int | None, more: int = 0) -> int | None:
    """The beginning of the day, or `more` ticks later."""
    return None if moment is None else moment // ticks.PER_DAY * ticks.PER_DAY + more


def test_what_one_statement_answers() -> None:
    midnight = 739_000 * ticks.PER_DAY
    assert report.is_first(JobQuery())
    assert report.is_first(JobQuery(since=midnight, until=midnight + ticks.PER_DAY - 1))
    assert not report.is_first(JobQuery(since=midnight + 1))
    assert not report.is_first(JobQuery(until=midnight))
    assert not report.is_first(JobQuery(page=1))
    assert not report.is_first(JobQuery(search="x"))


def test_a_connection_that_the_server_has_ended_costs_the_reader_nothing(
    store: Store, tenant: int, outside: psycopg.Connection
) -> None:
    store.record(tenant, [done()])
    assert store.report(tenant, JobQuery()).total == 1
    for query in (JobQuery(), JobQuery(page=1), JobQuery(search="x")):
        assert processes(outside)
        outside.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {OURS}")
        assert store.report(tenant, query).total == (0 if query.search else 1)


@pytest.fixture
def connections(store_url: str) -> Iterator[Kept]:
    engine = engines.make_engine(engines.parse(store_url))
    with closing(Kept(engine)) as kept:
        yield kept
    engine.dispose()


def test_a_read_that_fails_is_not_asked_again(connections: Kept) -> None:
    """It may be the question that the database does not bear."""
    asked = []

    def work(connection: Connection) -> None:
        asked.append(connection)
        connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
        connection.exec_driver_sql("SELECT pg_sleep(10)")

    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="took too long"):
            connections.ask(work, snapshot=True)
    assert len(asked) == 2


def test_as_many_connections_are_kept_as_is_said_and_none_after_the_end(
    store_url: str, outside: psycopg.Connection
) -> None:
    engine = engines.make_engine(engines.parse(store_url))
    with closing(Kept(engine)) as connections, ThreadPoolExecutor(MOST) as threads:
        crowd = threading.Barrier(MOST)
        list(threads.map(lambda _: connections.ask(lambda _: crowd.wait(10), snapshot=False), range(MOST)))
        until(lambda: len(processes(outside)) == POOL + KEPT, "the end of what is beyond those that are kept")
    engine.dispose()
    until(lambda: not processes(outside), "the end of all")


def test_the_total_and_its_page_are_of_one_moment_while_somebody_writes(store: Store, tenant: int) -> None:
    """On the last page there are the jobs that the total says there are."""
    ended = threading.Event()

    def write() -> None:
        for number in range(300):
            store.record(tenant, [done(f"FB{number:04}")])
        ended.set()

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(write)
        while not ended.is_set() and not writer.done():
            for query in (JobQuery(size=1000), JobQuery(size=1000, since=1), JobQuery(size=100, page=1)):
                found = store.report(tenant, query)
                assert len(found.lines) == max(0, min(found.total - query.page * query.size, query.size))
        writer.result()
    assert store.report(tenant, JobQuery()).total == 300
