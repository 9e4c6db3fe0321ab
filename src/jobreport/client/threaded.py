"""`JobReportClient`: the calls of the API, each run by the thread that makes it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

import httpx

from jobreport.client.answers import completeness_of, total_of
from jobreport.client.calls import Calls
from jobreport.client.configured import Configured
from jobreport.client.flow import Alone, Ask, Came, Flow, Items, Pause, Step, Walk, advance
from jobreport.client.question import ExportQuestion, Pairs
from jobreport.client.report import Download
from jobreport.client.sending import as_connection_failure

P = ParamSpec("P")
T = TypeVar("T")


def _call(call: Callable[Concatenate[Calls, P], Flow[T]]) -> "Callable[Concatenate[JobReportClient, P], T]":
    @wraps(call)
    def run(self: "JobReportClient", /, *args: P.args, **keywords: P.kwargs) -> T:
        return self._run(call(self._calls, *args, **keywords))

    return run


def _walk(call: Callable[Concatenate[Calls, P], Walk[T]]) -> "Callable[Concatenate[JobReportClient, P], Iterator[T]]":
    @wraps(call)
    def walk(self: "JobReportClient", /, *args: P.args, **keywords: P.kwargs) -> Iterator[T]:
        return self._walk(call(self._calls, *args, **keywords))

    return walk


class JobReportClient(Configured):
    """Reads reports and writes jobs. Safe to share between threads; close it, or use `with`."""

    find = _call(Calls.find)
    iter_jobs = _walk(Calls.iter_jobs)
    search = _call(Calls.search)
    history = _call(Calls.history)
    report = _call(Calls.report)
    iter_report = _walk(Calls.iter_report)
    summary = _call(Calls.summary)
    find_series = _call(Calls.find_series)
    series = _walk(Calls.series)
    one_series = _call(Calls.one_series)
    find_incidents = _call(Calls.find_incidents)
    incidents = _walk(Calls.incidents)
    change_incident = _call(Calls.change_incident)
    tenants_summary = _call(Calls.tenants_summary)
    connectors = _call(Calls.connectors)
    record = _call(Calls.record)
    expect = _call(Calls.expect)

    @contextmanager
    @wraps(Calls.open_export)
    def export(
        self, parameters: Pairs = (), /, **question: Unpack[ExportQuestion]
    ) -> Iterator[Download[Iterator[bytes]]]:
        response = self._run(self._calls.open_export(parameters, **question))
        try:
            yield Download(total_of(response), self._pieces(response), completeness_of(response))
        finally:
            response.close()

    def close(self) -> None:
        """Closes every connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, **options: Any) -> None:
        self._http = httpx.Client(**options)
        self._alone = threading.Lock()

    def _run(self, flow: Flow[T]) -> T:
        came: Came = None
        try:
            while True:
                came = self._take(advance(flow, came))
        except StopIteration as end:
            result: T = end.value
            return result

    def _walk(self, walk: Walk[T]) -> Iterator[T]:
        came: Came = None
        with suppress(StopIteration):
            while True:
                step = advance(walk, came)
                if isinstance(step, Items):
                    yield from step.items
                    came = None
                else:
                    came = self._take(step)

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        with as_connection_failure(self.url):
            yield from response.iter_bytes()

    def _take(self, step: Step) -> Came:
        try:
            match step:
                case Ask(method, url, options, stream):
                    request = self._http.build_request(method, url, **options)
                    response = self._http.send(request, stream=stream)
                    if not response.is_success:
                        response.read()
                    return response
                case Pause(seconds):
                    time.sleep(seconds)
                case Alone(flow):
                    with self._alone:
                        self._run(flow)
        except Exception as error:  # noqa: BLE001 - the flow decides what it means
            return error
        return None
