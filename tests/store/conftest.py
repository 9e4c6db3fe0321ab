"""A store under test, its clock in the test's hand, and a tenant of the test's own."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from keeping import DATABASES, Clock

import citus
import postgres
from jobreport.store import Store, open_store
from jobreport.store.distribute import distribute


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    url: str = request.getfixturevalue({"postgresql": "migrated", "citus": "distributed"}[request.param])
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
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(store_url, clock=clock)
    yield opened
    opened.close()


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
