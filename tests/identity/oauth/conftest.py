"""An external issuer for each test that wants one, and a service that trusts it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stub_issuer import StubIssuer
from token_shapes import OURS

from clocks import Running
from jobreport.identity.oauth.tokens import Tokens
from jobreport.identity.oauth.trust import parse_trusted
from jobreport.store import Store, open_store
from stores import copy_used_store


@pytest.fixture
def issuer() -> Iterator[StubIssuer]:
    """An issuer on loopback that the test speaks for."""
    issuer = StubIssuer()
    yield issuer
    issuer.close()


@pytest.fixture
def running() -> Running:
    return Running()


@pytest.fixture
def trusting_store(tmp_path: Path, running: Running) -> Iterator[Store]:
    file = tmp_path / "jobs.db"
    copy_used_store(file)
    opened = open_store(f"sqlite:///{file}", clock=running)
    for name in ("acme", "default"):
        opened.tenant_id(name, create=True)
    yield opened
    opened.close()


@pytest.fixture
def trusting(trusting_store: Store, issuer: StubIssuer) -> Callable[[str], Tokens]:
    """A service that trusts the issuer with these settings."""

    def trust(settings: str = "audience=jobreport tenant=acme") -> Tokens:
        return Tokens(trusting_store, OURS, trusted=[parse_trusted(f"{issuer.url} {settings}")])

    return trust
