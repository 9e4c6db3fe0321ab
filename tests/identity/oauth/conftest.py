"""An external issuer for each test that wants one, and a service that trusts it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from stub_issuer import StubIssuer
from token_shapes import OURS

from clocks import Running
from jobreport.identity.oauth.tokens import Tokens
from jobreport.identity.oauth.trust import parse_trusted
from jobreport.store import Store, open_store


@pytest.fixture
def issuer() -> Iterator[StubIssuer]:
    """An issuer on loopback that the test speaks for."""
    issuer = StubIssuer()
    yield issuer
    issuer.close()


@pytest.fixture
def running() -> Running:
    return Running()


@pytest.fixture(scope="session")
def file_with_key(new_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store's file that has the service's signing key: to make one takes longer than most of these tests."""
    file = Path(shutil.copy(new_file, tmp_path_factory.mktemp("signing")))
    with closing(open_store(f"sqlite:///{file}", clock=Running())) as opened:
        Tokens(opened, OURS)
    return file


@pytest.fixture
def trusting_store(file_with_key: Path, tmp_path: Path, running: Running) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{shutil.copy(file_with_key, tmp_path)}", clock=running)
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
