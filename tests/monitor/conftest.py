"""A server for the tests of the monitor, and the people who may see it."""

from collections.abc import Iterator

import pytest
from forging_provider import ForgingProvider
from people import QUICK_PASSWORDS, add_operator
from provided import served

from serving import Server, program_with, serve


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a proxy on this machine, so that a test says from which address it asks.

    It has two tenants, acme and globex; and the operators anna (admin) and olga (operator), who see both, vera (viewer
    of acme), ada (admin of acme) and gus (viewer of globex).
    """
    folder = tmp_path_factory.mktemp("monitored")
    options = ("--log-format", "json", "--trusted-proxy", "127.0.0.1")
    with serve(folder, *options, program=program_with(folder, *QUICK_PASSWORDS)) as server:
        server.provider(make=["acme", "globex"])
        add_operator(server, "anna", "--all-tenants", "--role", "admin")
        add_operator(server, "olga", "--tenants", "acme,globex", "--role", "operator")
        add_operator(server, "vera", "--tenants", "acme")
        add_operator(server, "ada", "--tenants", "acme", "--role", "admin")
        add_operator(server, "gus", "--tenants", "globex")
        yield server


@pytest.fixture(scope="module")
def lasting_provider() -> Iterator[ForgingProvider]:
    provider = ForgingProvider()
    yield provider
    provider.close()


@pytest.fixture
def provider(lasting_provider: ForgingProvider, tenant: str) -> ForgingProvider:
    """A good provider, which signs in somebody whom no other test knows."""
    lasting_provider.reset()
    lasting_provider.claims |= {"sub": tenant, "preferred_username": tenant}
    return lasting_provider


@pytest.fixture(scope="module")
def provided(lasting_provider: ForgingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("provided"), lasting_provider) as found:
        yield found
