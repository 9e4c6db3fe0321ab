"""The process that reads an origin for another process: it opens the origin, and answers the other's requests.

It reads a little ahead of what the other has taken, but not far, so that its memory does not grow.
"""

import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Final, NoReturn

from msgspec.structs import replace

from jobreport.clock import now_ticks
from jobreport.connectors.base import CannotReadError, Kind, Stream
from jobreport.connectors.reading import Reading, here
from jobreport.connectors.reading.messages import REQUESTS, Answer, Ended, Failed, Find, Read, StreamList, asked, encode

AHEAD: Final = 4 * 1024 * 1024
"""When so many bytes wait to be taken, the origin is not read on."""
_AGAIN: Final = 0.2
"""The seconds after which this process is told again to end."""


def serve(
    kind: Kind,
    settings: Any,
    origin: str,
    requests: "Connection[Any, Any]",
    answers: "Connection[Any, Any]",
    others: "Sequence[Connection[Any, Any]]",
) -> None:
    """Opens an origin, and answers until nobody asks any more. `others` are the ends that are not this process's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks is told of it too, and then lets go
    signal.signal(signal.SIGTERM, _end)
    for end in others:
        end.close()
    asking, told = _asked(requests), _Outbox(answers)
    try:
        with here.opened(kind, settings, origin, now_ticks) as reading:
            _answer(reading, asking, told)
    except CannotReadError as error:
        while asking.get():  # whatever is asked
            told.put(Failed(str(error)))


def _answer(reading: Reading, asking: "queue.Queue[bytes]", told: "_Outbox") -> NoReturn:
    streams: dict[str, Stream] = {}
    while True:
        request = REQUESTS.decode(asking.get())
        try:
            match request:
                case Find():
                    streams = {stream.name: stream for stream in reading.streams()}
                    told.put(StreamList([_plain(stream) for stream in streams.values()]))
                case Read():
                    for seen in reading.look(streams[request.stream], asked(request)):
                        told.put(seen)
                    told.put(Ended())
        except CannotReadError as error:
            told.put(Failed(str(error)))


def _plain(stream: Stream) -> Stream:
    return replace(stream, about=None)


def _asked(requests: "Connection[Any, Any]") -> "queue.Queue[bytes]":
    """Returns what is asked, one after another. When nobody can ask any more, this process ends."""
    found: queue.Queue[bytes] = queue.Queue()
    main = threading.get_ident()

    def take() -> None:
        try:
            while True:
                found.put(requests.recv_bytes())
        except (EOFError, OSError):
            while True:  # one that comes just before the thread begins to wait would not wake it
                signal.pthread_kill(main, signal.SIGTERM)
                time.sleep(_AGAIN)

    threading.Thread(target=take, daemon=True).start()
    return found


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the origin is let go of in peace
    raise SystemExit


class _Outbox:
    """Answers that wait to be taken. Whoever puts more while there are `AHEAD` bytes of them waits."""

    def __init__(self, answers: "Connection[Any, Any]") -> None:
        self._answers = answers
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._send, daemon=True).start()

    def put(self, answer: Answer) -> None:
        """Has it sent."""
        message = encode(answer)
        with self._changed:
            self._changed.wait_for(lambda: self._bytes < AHEAD)
            self._waiting.append(message)
            self._bytes += len(message)
            self._changed.notify_all()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                message = self._waiting.popleft()
            try:
                self._answers.send_bytes(message)
            except OSError:  # nobody takes it any more: so nobody asks, either
                return
            with self._changed:
                self._bytes -= len(message)
                self._changed.notify_all()
