"""`AsyncJobReportClient`: the calls of the API, each run by the task that makes it."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import anyio
import httpx

from jobreport.client.calls import Calls
from jobreport.client.configured import Configured
from jobreport.client.flow import Alone, Ask, Came, Flow, Found, Pause, Step, Walk, advance

P = ParamSpec("P")
T = TypeVar("T")


def _call(
    call: Callable[Concatenate[Calls, P], Flow[T]],
) -> "Callable[Concatenate[AsyncJobReportClient, P], Coroutine[Any, Any, T]]":
    @wraps(call)
    async def run(self: "AsyncJobReportClient", /, *args: P.args, **keywords: P.kwargs) -> T:
        return await self._run(call(self._calls, *args, **keywords))

    return run


def _walk(
    call: Callable[Concatenate[Calls, P], Walk[T]],
) -> "Callable[Concatenate[AsyncJobReportClient, P], AsyncIterator[T]]":
    @wraps(call)
    def walk(self: "AsyncJobReportClient", /, *args: P.args, **keywords: P.kwargs) -> AsyncIterator[T]:
        return self._walk(call(self._calls, *args, **keywords))

    return walk


class AsyncJobReportClient(Configured):
    """Reads reports and writes jobs. Safe to share between tasks; close it, or use `async with`."""

    find = _call(Calls.find)
    iter_jobs = _walk(Calls.iter_jobs)
    report = _call(Calls.report)
    iter_report = _walk(Calls.iter_report)
    record = _call(Calls.record)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _open(self, **options: Any) -> None:
        self._http = httpx.AsyncClient(**options)
        self._alone = anyio.Lock()

    async def _run(self, flow: Flow[T]) -> T:
        came: Came = None
        try:
            while True:
                came = await self._take(advance(flow, came))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _walk(self, walk: Walk[T]) -> AsyncIterator[T]:
        came: Came = None
        with suppress(StopIteration):
            while True:
                step = advance(walk, came)
                if isinstance(step, Found):
                    for item in step.items:
                        yield item
                    came = None
                else:
                    came = await self._take(step)

    async def _take(self, step: Step) -> Came:
        try:
            match step:
                case Ask(method, url, options):
                    return await self._http.request(method, url, **options)
                case Pause(seconds):
                    await anyio.sleep(seconds)
                case Alone(flow):
                    async with self._alone:
                        await self._run(flow)
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return error
        return None
