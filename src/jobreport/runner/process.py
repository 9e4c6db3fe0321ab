"""Starts a command, passes on its output, and waits for its end.

An output that nobody reads goes to the command directly: it gets our descriptor, and notices a full disk or a closed
pipe as it would without us. An output that we read comes through a pipe, and has messages on it. Messages that cannot
be written are left out, and the command goes on: most tools finish their backup on a full disk for messages. Only where
the reader has gone do we close the pipe, as the command would then meet the end of it without us, too.
"""

import errno
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final

import msgspec

from jobreport.runner.command_lines.redact_words import redact_command
from jobreport.runner.lines import Lines
from jobreport.runner.program import SHELL, NotFoundError, find, is_script
from jobreport.runner.tools.base import Stream

_CHUNK: Final = 65_536
_TICK: Final = 0.25  # seconds between two looks at whether the command has ended
_QUIET: Final = 2.0

# glibc's posix_spawn starts a program with the signals 32 and 33 ignored. Python's documentation names this attribute.
setattr(subprocess, "_USE_POSIX_SPAWN", False)  # noqa: B010 - its types do not have it

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126


class NotStartedError(Exception):
    """Raised if the command could not be started. `exit_code` is the code that a shell would give."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """An output of the command: our `descriptor` for it (None if it is closed), and whether it is `read`."""

    descriptor: int | None
    read: bool


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """Says that messages of the command on `stream` could not be written, and why; `reader_gone`: because nobody reads
    them any more.
    """

    stream: Stream
    reason: str
    reader_gone: bool


class Process:
    """A running command. Its standard input is ours. When it has ended, `returncode` and then `ended` is set. If
    `stderr` is None, it goes where `stdout` goes, and the order of both is kept.

    `on_lines` is called from two threads, one for each stream that is read. Its first exception is passed to `warn`,
    and no more lines are passed to it. `started` is called at once, before any line is passed on, with the function
    that sends the command a signal. Raises NotStartedError.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str] | None,
        stdout: Output,
        stderr: Output | None,
        on_lines: Callable[[Stream, Sequence[str]], None],
        started: Callable[[Callable[[int], bool]], None],
        warn: Callable[[str], None],
    ) -> None:
        self._on_lines = on_lines
        self._warn = warn
        self._lost: dict[Stream, Lost] = {}
        self.ended = threading.Event()
        self._popen = _start(argv, environment, stdout, stderr)
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
        """The exit code; minus the signal's number if a signal ended the command; None while it runs."""
        return self._popen.returncode

    def send_signal(self, number: int) -> bool:
        """Sends a signal to the command only; 0 sends none. Returns whether the command still ran."""
        if self._has_ended():
            return False
        if number:
            try:
                self._popen.send_signal(number)
            except (OSError, ValueError) as error:  # such as sudo's, which is another user's; Windows knows few signals
                reason = getattr(error, "strerror", None) or error
                self._warn(f"cannot pass signal {number} on to the command: {reason}")
        return True

    def _has_ended(self) -> bool:
        """Whether the command has ended, also in the moment before another thread learns of it."""
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # that thread has just learnt of it
            return True

    @property
    def drained(self) -> bool:
        """Whether all of its output has been passed on."""
        return not any(thread.is_alive() for thread in self._pumps)

    @property
    def lost(self) -> list[Lost]:
        """Returns the outputs of which a part could not be written, stdout first."""
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
        """Passes on output as soon as it arrives, then passes the lines in it to `on_lines`."""
        lines = Lines()
        handing_on, reader_gone = True, False
        with source:
            while not reader_gone and (chunk := self._read(source)):
                if output is not None and (error := _write_all(output, chunk)) is not None:
                    # The next messages are tried again, as the command would do: there may be room by then.
                    self._lost.setdefault(stream, _lost(stream, error))
                    reader_gone = isinstance(error, BrokenPipeError)
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
        """Returns the next bytes; no bytes at the end, or if the command has ended and a process that it left behind
        keeps its output open without writing.
        """
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
    """Returns the program's name, without a password if somebody gave a whole command line as one word."""
    return redact_command(argv)[0]


def _start(
    argv: Sequence[str], environment: Mapping[str, str] | None, stdout: Output, stderr: Output | None
) -> "subprocess.Popen[bytes]":
    """Starts the command exactly as it was given. Descriptors that were handed to us are handed on; of our own none is
    inherited.
    """

    def start(words: Sequence[str], program: str | None) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - running it is the purpose
            list(words),
            executable=program,
            stdout=subprocess.PIPE if stdout.read else None,
            stderr=subprocess.STDOUT if stderr is None else subprocess.PIPE if stderr.read else None,
            bufsize=0,  # nothing waits in between
            env=environment,
            close_fds=False,
        )

    program = None
    try:
        program = find(argv[0], environment)
        try:
            return start(argv, program)
        except OSError as error:
            path = program or argv[0]
            if os.name != "posix" or error.errno != errno.ENOEXEC or not is_script(path):
                raise
        # A script without `#!`: every shell runs it by /bin/sh, for which a path must not look like an option.
        return start([SHELL, f"./{path}" if path.startswith("-") else path, *argv[1:]], None)
    except NotFoundError:
        raise _not_found(argv) from None
    except FileNotFoundError:
        if not os.path.isfile(program or argv[0]):  # noqa: PTH113 - it may be empty
            raise _not_found(argv) from None
        reason = "the program that its first line names after #! was not found"
        raise _not_started(argv, reason, NOT_FOUND) from None
    except (OSError, ValueError) as error:
        raise _not_started(argv, getattr(error, "strerror", None) or error, NOT_EXECUTABLE) from None


def _not_found(argv: Sequence[str]) -> NotStartedError:
    whole_line = len(argv) == 1 and " " in argv[0].strip()
    hint = ": the command and its arguments must be separate words, without quotes around them all"
    return NotStartedError(f"command not found: {_named(argv)}{hint if whole_line else ''}", NOT_FOUND)


def _not_started(argv: Sequence[str], reason: object, exit_code: int) -> NotStartedError:
    return NotStartedError(f"the command could not be started: {_named(argv)}: {reason}", exit_code)


def _lost(stream: Stream, error: OSError) -> Lost:
    gone = isinstance(error, BrokenPipeError)
    reason = "its reader went away" if gone else error.strerror or str(error)
    return Lost(stream=stream, reason=reason, reader_gone=gone)


def _write_all(output: int, chunk: bytes) -> OSError | None:
    """Writes all of `chunk`. Returns the error if it could not."""
    view = memoryview(chunk)
    while view:
        try:
            view = view[os.write(output, view) :]
        except BlockingIOError:  # somebody who shares our output made it non-blocking
            select.select([], [output], [])
        except OSError as error:
            return error
    return None
