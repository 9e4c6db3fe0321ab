"""What the tests of this folder share: a store that any process may begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import postgres
from serving import typed


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store: a file that is not there yet, and a database of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store/jobs.db"
        return
    with postgres.database(request.getfixturevalue("postgres_url")) as url:
        assert typed("migrate", "--store", url).returncode == 0
        yield url
