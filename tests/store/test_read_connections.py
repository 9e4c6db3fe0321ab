"""Short reads of a shared store: by one statement or several, over connections that stay open, of one moment each."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest
from databases import DATABASES
from example_jobs import done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import COUNTED, filed_jobs
from sqlalchemy import Connection

from jobreport.model import ticks
from jobreport.model.catalog import JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.cache.connections import MOST as KEPT
from jobreport.store.cache.connections import ReadConnections
from jobreport.store.db import POSTGRESQL, dialect_of
from jobreport.store.db import engine as engines
from jobreport.store.db.postgresql import MOST, POOL
from jobreport.store.query import first_page, pages, totals
from serving import until
from strategies import NOW

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
    wheres=st.lists(COUNTED, min_size=1, max_size=6),
    sort=st.builds(Sort, descending=st.booleans()),
    size=st.integers(1, 5),
    whole_days=st.booleans(),
)
def test_a_first_page_by_one_statement_is_that_of_several(
    store: Store,
    new_tenant: Callable[[], int],
    jobs: list[Job],
    wheres: list[JobFilter],
    sort: Sort,
    size: int,
    whole_days: bool,
) -> None:
    tenant = new_tenant()
    store.record(tenant, jobs)
    store.record(new_tenant(), jobs)
    for where in wheres:
        if whole_days:
            where = replace(where, since=midnight(where.since), until=midnight(where.until, -1))
        query = JobQuery(where=where, sort=sort, size=size)
        with store.reading() as connection:
            if by := first_page.plan(dialect_of(connection), query):
                found = pages.find(connection, tenant, query, NOW)
                assert first_page.read_at_once(connection, tenant, by) == found
                assert first_page.read(connection, tenant, by, totals.total) == found


def midnight(moment: int | None, more: int = 0) -> int | None:
    """The beginning of the day, or `more` ticks later."""
    return None if moment is None else moment // ticks.PER_DAY * ticks.PER_DAY + more


def test_what_one_statement_answers() -> None:
    midnight = 739_000 * ticks.PER_DAY

    def is_first(page: int = 0, **where: Any) -> bool:
        return first_page.plan(POSTGRESQL, JobQuery(where=JobFilter(**where), page=page)) is not None

    assert is_first()
    assert is_first(since=midnight, until=midnight + ticks.PER_DAY - 1)
    assert is_first(services=(ServiceType.VM,), types=(JobType.Backup,))
    assert not is_first(services=(ServiceType.VM,))
    assert not is_first(since=midnight + 1)
    assert not is_first(until=midnight)
    assert not is_first(page=1)
    assert not is_first(search="x")


def test_a_connection_that_the_server_has_ended_costs_the_reader_nothing(
    store: Store, tenant: int, outside: psycopg.Connection
) -> None:
    store.record(tenant, [done()])
    assert store.list_jobs(tenant, JobQuery()).total == 1
    for query in (JobQuery(), JobQuery(page=1), JobQuery(where=JobFilter(search="x"))):
        assert processes(outside)
        outside.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {OURS}")
        assert store.list_jobs(tenant, query).total == (0 if query.where.search else 1)


@pytest.fixture
def connections(store_url: str) -> Iterator[ReadConnections]:
    engine = engines.make_engine(engines.parse(store_url))
    with closing(ReadConnections(engine)) as kept:
        yield kept
    engine.dispose()


def test_a_read_that_fails_is_not_asked_again(connections: ReadConnections) -> None:
    """It may be the question that the database does not bear."""
    asked = []

    def work(connection: Connection) -> None:
        asked.append(connection)
        connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
        connection.exec_driver_sql("SELECT pg_sleep(10)")

    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="took too long"):
            connections.read(work, snapshot=True)
    assert len(asked) == 2


def test_as_many_connections_are_kept_as_is_said_and_none_after_the_end(
    store_url: str, outside: psycopg.Connection
) -> None:
    engine = engines.make_engine(engines.parse(store_url))
    with closing(ReadConnections(engine)) as connections, ThreadPoolExecutor(MOST) as threads:
        crowd = threading.Barrier(MOST)
        list(threads.map(lambda _: connections.read(lambda _: crowd.wait(10), snapshot=False), range(MOST)))
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
            for query in (
                JobQuery(size=1000),
                JobQuery(where=JobFilter(since=1), size=1000),
                JobQuery(size=100, page=1),
            ):
                found = store.list_jobs(tenant, query)
                assert len(found.lines) == max(0, min(found.total - query.page * query.size, query.size))
        writer.result()
    assert store.list_jobs(tenant, JobQuery()).total == 300
