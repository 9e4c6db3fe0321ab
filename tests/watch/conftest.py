"""A store under test, on every kind of database, with its clock in the test's hand."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import postgres
from clocks import Clock
from jobreport.store import Store, open_store


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Iterator[str]:
    """A store on PostgreSQL that the tests of this process take turns in."""
    with postgres.database(postgres_url) as url:
        open_store(url, migrate=True).close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('new_file'), tmp_path)}"
    url: str = request.getfixturevalue("migrated")
    postgres.empty(url)
    return url


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    with closing(open_store(store_url, clock=clock)) as opened:
        yield opened
