"""One PostgreSQL with its backup tools for all tests of a file."""

from collections.abc import Iterator

import pytest
from postgresql_tools import Tools, tools


@pytest.fixture(scope="module")
def real() -> Iterator[Tools]:
    with tools() as running:
        yield running
