"""Both clients behind one face, so that each test of the API holds for threads and for tasks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from misbehaving import Misbehaving

from jobreport.client import AsyncJobReportClient, Download, JobReportClient
from runs import SECRET, Recorder
from serving import App


class InTasks:
    """`AsyncJobReportClient`, each of its calls in a task of one event loop; called like the other."""

    def __init__(self, portal: BlockingPortal, *words: Any, **options: Any) -> None:
        self._portal = portal
        self.client = portal.call(partial(AsyncJobReportClient, *words, **options))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if name.startswith("iter_") or name in ("series", "incidents"):
            return lambda *words, **question: iter(self._portal.call(self._all, found(*words, **question)))
        return (
            (lambda *words, **question: self._portal.call(partial(found, *words, **question)))
            if callable(found)
            else found
        )

    @contextmanager
    def export(self, *words: Any, **question: Any) -> Iterator[Download[Iterator[bytes]]]:
        with self._portal.wrap_async_context_manager(self.client.export(*words, **question)) as download:
            step = partial(self._portal.call, anext, download.pieces, b"")
            yield Download(download.total, iter(step, b""), download.completeness)

    def __repr__(self) -> str:
        return repr(self.client).replace("AsyncJobReportClient", "JobReportClient")

    async def _all(self, walk: Any) -> list[Any]:
        return [item async for item in walk]

    def close(self) -> None:
        self._portal.call(self.client.aclose)


class Connect(Protocol):
    """Makes a client, which is closed in the end."""

    def __call__(self, *words: Any, **options: Any) -> Any: ...


@pytest.fixture(params=["threads", "tasks"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes the one client, or the other."""
    with ExitStack() as stack:
        make: Callable[..., Any] = JobReportClient
        if request.param == "tasks":
            make = partial(InTasks, stack.enter_context(start_blocking_portal()))

        def connected(*words: Any, **options: Any) -> Any:
            client = make(*words, **options)
            stack.callback(client.close)
            return client

        yield connected


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()
    yield found
    found.close()


@pytest.fixture
def client(recorder: Recorder, connect: Connect) -> Any:
    """A client of the recorder, that tries once."""
    return connect(recorder.url, "app", SECRET, timeout=5, retries=0)


@pytest.fixture
def misbehaving() -> Iterator[Misbehaving]:
    with Misbehaving() as found:
        yield found


@pytest.fixture
def asking(app: App, connect: Connect) -> Any:
    """A client of the running server, as the test's app."""
    return connect(app.server.url, app.client_id, app.secret)
