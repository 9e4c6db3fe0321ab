"""Starts a command, passes on what it prints, and waits for its end.

An output that nobody reads is the command's own: it gets our descriptor, and meets a full disk or a reader that went
away as it would without us. One that is read comes through a pipe. What then becomes of our own output, the command
cannot see, so it has to be told: by the end of the pipe.
"""

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final

import msgspec

from jobreport.runner.lines import Lines
from jobreport.runner.tools.base import Stream
from jobreport.runner.tools.redact_words import redact_command

_CHUNK: Final = 65_536
_TICK: Final = 0.25  # seconds between two looks at whether the command has ended
_QUIET: Final = 2.0

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
NOT_WRITTEN: Final = 1
READER_GONE: Final = 141  # as SIGPIPE


class NotStartedError(Exception):
    """The command could not be started; `exit_code` is what a shell would give."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One of the command's outputs: our `descriptor` for it, None where it is closed, and whether it is `read`."""

    descriptor: int | None
    read: bool


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """What the command printed on `stream` and we could not write, and why; `exit_code` is what a program ends with
    that meets the like itself."""

    stream: Stream
    reason: str
    exit_code: int


class Process:
    """A running command. Its standard input is ours; `ended` is set when it has ended, with `returncode` then set.
    Where `stderr` is None it goes the way of `stdout`, and both stay in their order.

    `on_lines` is called from two threads, one a stream that is read; what it raises is told to `warn` once and then
    no more lines are handed on. `started` is told at once how to send the command a signal, before a line of it is
    passed on. Raises NotStartedError.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str] | None,
        stdout: Output,
        stderr: Output | None,
        on_lines: Callable[[Stream, Sequence[str]], None],
        started: Callable[[Callable[[int], None]], None],
        warn: Callable[[str], None],
    ) -> None:
        self._on_lines = on_lines
        self._warn = warn
        self._lost: dict[Stream, Lost] = {}
        self.ended = threading.Event()
        try:
            # The command exactly as it was given, no shell; bufsize 0 so that nothing waits in between. Descriptors
            # that were handed to us are handed on; of our own none is inherited.
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - running it is the purpose
                list(argv),
                stdout=subprocess.PIPE if stdout.read else None,
                stderr=subprocess.STDOUT if stderr is None else subprocess.PIPE if stderr.read else None,
                bufsize=0,
                env=environment,
                close_fds=False,
            )
        except FileNotFoundError:
            raise NotStartedError(f"command not found: {_named(argv)}", NOT_FOUND) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotStartedError(
                f"the command could not be started: {_named(argv)}: {reason}", NOT_EXECUTABLE
            ) from None
        started(self.send_signal)
        self._pumps = [
            threading.Thread(target=self._pump, args=(source, output.descriptor, stream), daemon=True)
            for source, output, stream in (
                (self._popen.stdout, stdout, "stdout"),
                (self._popen.stderr, stderr, "stderr"),
            )
            if source is not None and output is not None
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

    @property
    def lost(self) -> list[Lost]:
        """The outputs that could not be passed on to their end, stdout first."""
        return [self._lost[stream] for stream in ("stdout", "stderr") if stream in self._lost]

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
        passing_on, handing_on = output, True
        with source:
            while chunk := self._read(source):
                closes = False
                if passing_on is not None and (error := _write_all(passing_on, chunk)) is not None:
                    self._lost[stream] = _lost(stream, error)
                    # The end of the pipe tells the command, as its own write would have done. But messages that
                    # nobody can keep stop no command by themselves, and this one shall not be the worse for us.
                    closes = stream == "stdout" or isinstance(error, BrokenPipeError)
                    passing_on = None
                handing_on = handing_on and self._hand_on(stream, lines.feed(chunk))
                if closes:
                    break
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


def _named(argv: Sequence[str]) -> str:
    """The program's name, without a password where somebody gave a whole line as one."""
    return redact_command(argv)[0]


def _lost(stream: Stream, error: OSError) -> Lost:
    if isinstance(error, BrokenPipeError):
        return Lost(stream=stream, reason="its reader went away", exit_code=READER_GONE)
    return Lost(stream=stream, reason=error.strerror or str(error), exit_code=NOT_WRITTEN)


def _write_all(output: int, chunk: bytes) -> OSError | None:
    """Writes all of `chunk`, or gives the reason why it could not."""
    view = memoryview(chunk)
    while view:
        try:
            view = view[os.write(output, view) :]
        except BlockingIOError:  # somebody who shares our output made it non-blocking
            select.select([], [output], [])
        except OSError as error:
            return error
    return None
