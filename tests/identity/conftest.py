"""An outside issuer for each test that wants one."""

from collections.abc import Iterator

import pytest
from said import Said


@pytest.fixture
def said() -> Iterator[Said]:
    """An issuer on loopback that the test speaks for."""
    issuer = Said()
    yield issuer
    issuer.close()
