"""Reads an origin in this process, and makes what it tells ready to be stored."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
import structlog
from msgspec import UNSET
from msgspec.structs import replace

from jobreport.connectors.base import MAX_STREAM_NAME, CannotReadError, Connector, Kind, Look, Page, Stream
from jobreport.connectors.names import undated, without_dates
from jobreport.connectors.reading import Reading, Seen
from jobreport.connectors.refusals import fitting, unforeseen, why_refused, words
from jobreport.model.job import Job

_log = structlog.get_logger()


@contextmanager
def opened(kind: Kind, settings: Any, origin: str, clock: Callable[[], int]) -> Iterator[Reading]:
    """Opens an origin. `origin` is what its jobs bear if they bear none, `clock` this machine's (ticks). Raises
    CannotReadError.
    """
    stack = ExitStack()
    with _told("connector not opened", origin=origin):
        connector = stack.enter_context(kind.open(settings))
    try:
        yield Here(connector, origin, clock)
    finally:
        try:
            stack.close()
        except Exception as error:  # noqa: BLE001 - a library's, after all has been read
            _log.error("connector not closed", origin=origin, exc_info=error)


class Here:
    """An origin that this process reads."""

    def __init__(self, connector: Connector, origin: str, clock: Callable[[], int]) -> None:
        self._connector, self._origin, self._clock = connector, origin, clock

    def streams(self) -> list[Stream]:
        """Returns the streams that the origin has now."""
        with _told("streams not found", origin=self._origin):
            return found_streams(self._connector)

    def look(self, stream: Stream, look: Look) -> Iterator[Seen]:
        """Gives what a stream has, to its end."""
        with _told("stream not read", origin=self._origin, stream=stream.name):
            pages = self._connector.read(stream, look)
        while True:
            asked = self._clock()
            with _told("stream not read", origin=self._origin, stream=stream.name):
                if (page := next(pages, None)) is None:
                    return
                seen = self._seen(page, stream, asked)
            yield seen

    def _seen(self, page: Page, stream: Stream, asked: int) -> Seen:
        jobs, unstorable, newest = [], [], 0
        for one in page.jobs:
            job = self._ours(one, stream, asked)
            newest = max(newest, job.start, job.finish)
            if wrong := why_refused(job):
                unstorable.append(fitting(wrong))
            else:
                jobs.append(job)
        return Seen(
            jobs=jobs,
            unstorable=unstorable,
            unreadable=[fitting(reason) for reason in page.refused],
            gone=page.gone,
            withdrawn=page.withdrawn,
            next_runs=[replace(run, plan=undated(run.plan)) for run in page.next_runs],
            state=None if page.state is UNSET else _text(page.state),
            clock=page.clock,
            newest=newest,
        )

    def _ours(self, job: Job, stream: Stream, asked: int) -> Job:
        # Whoever told of a job at first may have seen less than the list in which it is now, but not more.
        sees = stream.sees if stream.sees.rank > job.sees.rank else job.sees
        # What is said to be observed later than now would be right whatever is told of the job until then.
        observed = min(job.observed or asked, self._clock())
        return without_dates(job, origin=job.origin or self._origin, observed=observed, sees=sees)


def found_streams(connector: Connector) -> list[Stream]:
    """Returns the streams of a connector. Raises CannotReadError if they cannot be told apart."""
    streams = list(connector.streams())
    names = [stream.name for stream in streams]
    if twice := next((name for name, times in Counter(names).items() if times > 1), None):
        raise CannotReadError(f"two streams are called {twice}")
    for name in names:
        if not 1 <= len(name) <= MAX_STREAM_NAME:
            raise CannotReadError(f"a stream has a name of {len(name)} characters, and may have 1 to {MAX_STREAM_NAME}")
        if not name.isprintable():
            raise CannotReadError(f"the stream {name!r} has a name that cannot be printed")
    return streams


@contextmanager
def _told(event: str, **about: str) -> Iterator[None]:
    """Turns whatever a library raises into a CannotReadError, and logs it."""
    try:
        yield
    except CannotReadError as error:
        raise CannotReadError(words(error)) from error
    except Exception as error:
        _log.error(event, **about, exc_info=error)
        raise CannotReadError(unforeseen(error)) from error


def _text(state: Any) -> str:
    return "" if state is None else msgspec.json.encode(state).decode()
