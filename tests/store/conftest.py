"""A store under test, its clock in the test's hand, and a tenant of the test's own."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from databases import DATABASES
from example_operators import added
from statements import Recorded, recorded, unbound
from watched_tenant import DAY, DUE, MIDNIGHT, MINUTE, Watched

import citus
import postgres
import rsa_keys
from clocks import Clock
from jobreport.identity.operators.passwords import Passwords
from jobreport.store import Store, open_store
from jobreport.store.admin.distribute import distribute
from jobreport.store.registry import tenants
from jobreport.store.registry.operators import Operator

# The tests that say what a store does for who asks and reports; others look behind it by statements of their own.
CONTRACT = {
    "test_reasons",
    "test_audit",
    "test_event_loop_reader",
    "test_group_commit",
    "test_index_laws",
    "test_keyset_pages",
    "test_list_filters",
    "test_list_jobs",
    "test_read_connections",
    "test_search",
    "test_search_laws",
    "test_statements",
    "test_job_ids",
    "test_record",
    "test_stalled_jobs",
    "test_concurrent_writes",
    "test_store_summary",
    "test_summary_cache",
}


@pytest.fixture
def file_url(new_file: Path, tmp_path: Path) -> str:
    """A store in a file, for tests of SQLite alone."""
    return f"sqlite:///{shutil.copy(new_file, tmp_path)}"


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return _emptied(request, tmp_path)


def _emptied(request: pytest.FixtureRequest, folder: Path) -> str:
    """A store without a row, of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('new_file'), folder)}"
    if request.param == "citus":
        url = str(request.getfixturevalue("distributed"))
        citus.empty(url)
        return url
    url = str(request.getfixturevalue("migrated"))
    postgres.empty(url)
    return url


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[str]:
    """A store on PostgreSQL that the tests of this process take turns in."""
    with postgres.database(postgres_url) as url:
        open_store(url, migrate=True).close()
        yield url


@pytest.fixture(scope="session")
def distributed() -> Iterator[str]:
    """A store over the nodes of a cluster that the tests of this process take turns in."""
    with citus.database(citus.GIVEN) as url:
        with closing(open_store(citus.few_shards(url), migrate=True)) as store:
            distribute(store)
        yield url


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without a table in it."""
    with postgres.database(postgres_url) as url:
        yield url


@pytest.fixture
def _sent() -> Iterator[Recorded]:
    """What reaches the test's store; under a name that no test's parameter has."""
    with recorded() as found:
        yield found


@pytest.fixture
def statements(_sent: Recorded) -> Recorded:
    """What reaches the test's store, whichever way."""
    return _sent


@pytest.fixture
def store(request: pytest.FixtureRequest, store_url: str, clock: Clock, _sent: Recorded) -> Iterator[Store]:
    """A store; and each statement that a test of the contract has it run is narrowed to a tenant."""
    opened = open_store(store_url, clock=clock)
    _sent.clear()
    yield opened
    opened.close()
    _require_narrowed(request, _sent)


def _require_narrowed(request: pytest.FixtureRequest, sent: Recorded) -> None:
    if request.module.__name__ in CONTRACT:
        unnarrowed = {sql: tables for dialect, sql in set(sent) if (tables := unbound(dialect, sql))}
        assert not unnarrowed


class _OwnClock:
    """Goes by the clock of whichever test runs."""

    of_test: Callable[[], int] = Clock()

    def __call__(self) -> int:
        return self.of_test()


@pytest.fixture(scope="module", params=DATABASES)
def _opened_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, _OwnClock, Recorded]]:
    clock = _OwnClock()
    with (
        recorded() as sent,
        closing(open_store(_emptied(request, tmp_path_factory.mktemp("shared")), clock=clock)) as store,
    ):
        yield store, clock, sent


@pytest.fixture
def shared_store(
    request: pytest.FixtureRequest, clock: Clock, _opened_once: tuple[Store, _OwnClock, Recorded]
) -> Iterator[Store]:
    """A store for all tests of a module, where each asks about a tenant of its own alone.

    To open one, and to prepare its statements anew, takes longer than most of such tests.
    """
    store, clock_of_store, sent = _opened_once
    clock_of_store.of_test = clock
    sent.clear()
    yield store
    _require_narrowed(request, sent)


@pytest.fixture
def new_tenant(store: Store) -> Callable[[], int]:
    """Makes a tenant that has no jobs yet."""

    def make() -> int:
        number = store.tenant_id(uuid.uuid4().hex, create=True)
        assert number is not None
        return number

    return make


@pytest.fixture
def tenant(new_tenant: Callable[[], int]) -> int:
    """A tenant that no other test knows."""
    return new_tenant()


@pytest.fixture
def hashing() -> Passwords:
    """Hashes that cost little."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def reused_keys() -> Iterator[None]:
    """Signing keys that cost nothing; no store here outlives its test."""
    with rsa_keys.reused():
        yield


@pytest.fixture
def anna(store: Store, hashing: Passwords) -> Operator:
    """A viewer of all tenants."""
    return added(store, hashing, "Anna")


@pytest.fixture
def watched(store: Store, clock: Clock, tenant: int) -> Watched:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found
    return Watched(store, clock, found.name, tenant)


@pytest.fixture
def nightly(watched: Watched) -> Watched:
    """Runs each night at 02:00 in Berlin, the last time on the 22nd; and that was judged."""
    for night in (3, 2, 1):
        watched.ran(DUE - night * DAY + MINUTE)
    watched.expect(plan="nightly", cron=("0 2 * * *",), zone="Europe/Berlin", grace="1h")
    watched.told(MIDNIGHT)
    return watched
