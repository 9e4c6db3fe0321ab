"""A clock in the test's hand, and a store in a file that goes by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clocks import Clock
from jobreport.store import Store, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/jobs.db", clock=clock)
    yield opened
    opened.close()
