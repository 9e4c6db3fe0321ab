"""Reads an origin in a process of its own, which already reads the next jobs while this process stores the last ones.

The process is forked, so it must be started before a store is opened and before other threads run. It ends when this
process closes the connection to it or ends in any other way.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from jobreport.connectors.base import CannotReadError, Kind, Look, Stream
from jobreport.connectors.limits import ended_with
from jobreport.connectors.reading import Reading, Seen
from jobreport.connectors.reading.messages import ANSWERS, Answer, Ended, Failed, Find, StreamList, asking, encode
from jobreport.connectors.reading.serve import serve

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

_SECONDS: Final = 4
"""How long it may take to let go of the origin, and to end what it has started."""


@contextmanager
def begun(kind: Kind, settings: Any, origin: str) -> Iterator[Reading | None]:
    """Begins to open an origin; if that fails, the first question says why. `origin` is what its jobs bear if they bear
    none. Gives None where processes cannot be forked safely.
    """
    if sys.platform != "linux":
        yield None
        return
    fork = multiprocessing.get_context("fork")
    (their_requests, requests), (answers, their_answers) = fork.Pipe(duplex=False), fork.Pipe(duplex=False)
    process = fork.Process(
        target=serve, args=(kind, settings, origin, their_requests, their_answers, (requests, answers)), daemon=True
    )
    process.start()
    their_requests.close()
    their_answers.close()
    try:
        yield _Apart(process, requests, answers)
    finally:
        requests.close()  # by that it ends
        answers.close()
        process.join(_SECONDS)
        process.kill()
        process.join()


class _Apart:
    """An origin that another process reads."""

    def __init__(
        self, process: "ForkProcess", requests: "Connection[Any, Any]", answers: "Connection[Any, Any]"
    ) -> None:
        self._process, self._requests, self._answers = process, requests, answers

    def streams(self) -> list[Stream]:
        found = self._ask(encode(Find()))
        assert isinstance(found, StreamList)
        return found.streams

    def look(self, stream: Stream, look: Look) -> Iterator[Seen]:
        answer = self._ask(encode(asking(stream, look)))
        while not isinstance(answer, Ended):
            assert isinstance(answer, Seen)
            yield answer
            answer = self._next()

    def _ask(self, request: bytes) -> Answer:
        try:
            self._requests.send_bytes(request)
        except OSError:
            raise self._lost() from None
        return self._next()

    def _next(self) -> Answer:
        try:
            answer: Answer = ANSWERS.decode(self._answers.recv_bytes())
        except (EOFError, OSError):
            raise self._lost() from None
        if isinstance(answer, Failed):
            raise CannotReadError(answer.why)
        return answer

    def _lost(self) -> CannotReadError:
        self._process.join(_SECONDS)
        how = ended_with(self._process.exitcode) if self._process.exitcode else "ended"
        return CannotReadError(f"the process that reads the origin {how}")
