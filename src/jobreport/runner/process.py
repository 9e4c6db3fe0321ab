"""A command in; its process, with its output passed through byte by byte and its lines handed on, out."""

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final

from jobreport.runner.lines import Lines
from jobreport.runner.tools.base import Stream

_CHUNK: Final = 65_536
_TICK: Final = 0.25  # seconds between two looks at whether the command has ended
_QUIET: Final = 2.0

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126


class NotStartedError(Exception):
    """The command could not be started; `exit_code` is what a shell would give."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class Process:
    """A running command. Its standard input is ours; `ended` is set when it has ended, with `returncode` then set.

    `outputs` are our own descriptors for its stdout and stderr, None for one that is closed. `on_lines` is called
    from two threads, one a stream; what it raises is told to `warn` once and then no more lines are handed on.
    `started` is told at once how to send the command a signal, before a line of it is passed on.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str] | None,
        outputs: tuple[int | None, int | None],
        on_lines: Callable[[Stream, Sequence[str]], None],
        started: Callable[[Callable[[int], None]], None],
        warn: Callable[[str], None],
    ) -> None:
        self._on_lines = on_lines
        self._warn = warn
        self.ended = threading.Event()
        try:
            # The command exactly as it was given, no shell; bufsize 0 so that nothing waits in between.
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - running it is the purpose
                list(argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, env=environment
            )
        except FileNotFoundError:
            raise NotStartedError(f"command not found: {argv[0]}", NOT_FOUND) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotStartedError(f"the command could not be started: {argv[0]}: {reason}", NOT_EXECUTABLE) from None
        started(self.send_signal)
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._pumps = [
            threading.Thread(target=self._pump, args=(self._popen.stdout, outputs[0], "stdout"), daemon=True),
            threading.Thread(target=self._pump, args=(self._popen.stderr, outputs[1], "stderr"), daemon=True),
        ]
        for thread in (*self._pumps, threading.Thread(target=self._wait, daemon=True)):
            thread.start()

    @property
    def returncode(self) -> int | None:
        """The exit code, minus the signal's number where one ended it, None while it runs."""
        return self._popen.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to the command alone; nothing happens when it has ended."""
        try:
            self._popen.send_signal(number)
        except (OSError, ValueError) as error:  # such as sudo's, which is another user's; Windows knows few signals
            reason = getattr(error, "strerror", None) or error
            self._warn(f"cannot pass signal {number} on to the command: {reason}")

    @property
    def drained(self) -> bool:
        """Whether all of its output has been passed on."""
        return not any(thread.is_alive() for thread in self._pumps)

    def join(self, seconds: float) -> None:
        """Waits up to `seconds` for the end of its output."""
        until = time.monotonic() + seconds
        for thread in self._pumps:
            thread.join(max(0.0, until - time.monotonic()))

    def _wait(self) -> None:
        self._popen.wait()
        self.ended.set()

    def _pump(self, source: IO[bytes], output: int | None, stream: Stream) -> None:
        """Passes on what arrives when it arrives, then hands on the lines in it."""
        lines = Lines()
        handing_on = True
        with source:
            while chunk := self._read(source):
                if output is not None:
                    try:
                        _write_all(output, chunk)
                    except BrokenPipeError:
                        return  # closing our end tells the command, as its reader would have done
                    except OSError as error:
                        output = None
                        self._warn(f"cannot pass on {stream}: {error.strerror or error}")
                handing_on = handing_on and self._hand_on(stream, lines.feed(chunk))
        if handing_on:
            self._hand_on(stream, lines.end())

    def _hand_on(self, stream: Stream, lines: list[str]) -> bool:
        try:
            self._on_lines(stream, lines)
        except Exception as error:  # noqa: BLE001 - a reading that fails must not stop the backup
            self._warn(f"the output can be read no further: {type(error).__name__}")
            return False
        return True

    def _read(self, source: IO[bytes]) -> bytes:
        """The next bytes; none at the end, and none when the command has ended and a process that it left behind
        holds its output open without using it."""
        if os.name != "posix":  # pipes cannot be polled there
            return os.read(source.fileno(), _CHUNK)
        poll = select.poll()
        poll.register(source.fileno(), select.POLLIN)
        quiet = 0.0
        while not poll.poll(_TICK * 1000):
            quiet = quiet + _TICK if self.ended.is_set() else 0.0
            if quiet >= _QUIET:
                return b""
        return os.read(source.fileno(), _CHUNK)


def _write_all(output: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        try:
            view = view[os.write(output, view) :]
        except BlockingIOError:  # somebody who shares our output made it non-blocking
            select.select([], [output], [])
