"""What every test may use: a running server, and in it a tenant of the test's own."""

import asyncio
import gc
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import postgres
from chromium import launched, shown
from clocks import Clock
from jobreport.store import Store, open_store
from serving import App, Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Who starts the tests in the background may ignore hangups, interrupts and quits, and what they start would inherit it.
for name in {"SIGHUP", "SIGQUIT"} & {*dir(signal)}:
    signal.signal(getattr(signal, name), signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Each of the many processes that the tests start would compile the whole program again where nobody keeps the bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# No test asks a server outside this machine, and to read the certificates of the usual authorities, as each HTTP client
# would, costs more than all else that a short command does. This folder has none.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
# Nearly all that these processes make is freed at once; to look for the rest at each 700 objects took a twentieth.
gc.set_threshold(10_000)
# A law is not a time limit: a machine may be busy. Whoever works here looks at other examples each time; a check of a
# change looks at the same ones, so that it tells of the change.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("JOBREPORT_TEST_EXAMPLES", "unhurried"))


def pytest_collection_finish() -> None:
    """Nothing of the tests that were collected is garbage before the end, so nobody looks through them again."""
    gc.freeze()


@pytest.fixture(scope="session")
def _launched() -> "Iterator[tuple[Browser, asyncio.AbstractEventLoop]]":
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def browser(_launched: "tuple[Browser, asyncio.AbstractEventLoop]") -> "Iterator[Browser]":
    """Chromium, started once, for all tests of a module that need it."""
    with shown(*_launched) as found:
        yield found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for all tests of a session (or of a worker process of it)."""
    with serve(tmp_path_factory.mktemp("server"), "--log-format", "json", preloaded=False) as running:
        yield running


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file as it is when it was just made. A test takes a copy: to make one takes ten times as long."""
    file = tmp_path_factory.mktemp("new") / "jobs.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def new_store(new_file: Path, tmp_path: Path) -> str:
    """The URL of a new store in a file, for commands that make none."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return f"sqlite:///{shutil.copy(new_file, folder / 'jobs.db')}"


@pytest.fixture
def clock() -> Clock:
    """A clock that the test sets."""
    return Clock()


@pytest.fixture
def store(new_file: Path, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A new store in a file, which goes by the test's clock."""
    opened = open_store(f"sqlite:///{shutil.copy(new_file, tmp_path)}", clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of a PostgreSQL server in which the tests may make databases of their own."""
    if given := os.environ.get(postgres.URL):
        yield given
        return
    with postgres.postgres() as running:
        yield running.url


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test knows."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def app(server: Server, tenant: str) -> App:
    """An app that may read and write the jobs of the test's tenant."""
    return server.app(tenant)


@pytest.fixture(scope="session")
def idle(server: Server) -> App:
    """An app for requests that store nothing, whose tenant stays empty."""
    return server.app("idle")
