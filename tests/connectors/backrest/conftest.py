"""A Backrest instance on loopback, and looks at it as `jobreport.toml` would have them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from backrest_looks import Look, Serve, wanted
from fakes.backrest.backrest_server import Instance
from fakes.loopback import Answer, serving

from clocks import Clock
from jobreport.connectors.collect import PassResult, collect
from jobreport.store import Store


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves instances; whatever they were asked and answered is held against Backrest's messages, in every test."""
    served: list[Answer] = []
    with ExitStack() as held:

        def serve(answer: Answer) -> str:
            served.append(answer)
            return held.enter_context(serving(answer))

        yield serve
    assert [fault for one in served if isinstance(one, Instance) for fault in one.faults] == []


@pytest.fixture
def instance(clock: Clock) -> Instance:
    return Instance(clock)


@pytest.fixture
def url(instance: Instance, serve: Serve) -> str:
    return serve(instance)


@pytest.fixture
def look(store: Store, tenant: int, clock: Clock, url: str) -> Look:
    """Looks once, a minute after the last time: at the instance, or at another one."""

    def look(at: str = url, **settings: Any) -> PassResult:
        clock.pass_by(60)
        return collect(store, tenant, wanted(at, f"of {at.rpartition(':')[2]}", **settings))

    return look
