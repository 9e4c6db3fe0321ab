"""Duplicati's server on loopback, and looks at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from duplicati_looks import Look, wanted
from fakes.duplicati.duplicati_server import Server
from fakes.loopback import serving

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.store import Store


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("secret\n")
    return str(file)


@pytest.fixture
def server(clock: Clock) -> Server:
    return Server(clock)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """Whatever it answers is held against what Duplicati declares, in every test."""
    with serving(server) as url:
        yield url
    assert server.faults == []


@pytest.fixture
def look(store: Store, tenant: int, clock: Clock, url: str, password: str) -> Look:
    def look(**settings: Any) -> PassResult:
        clock.pass_by(60)
        return collect(store, tenant, wanted(url, password, **settings))

    return look
