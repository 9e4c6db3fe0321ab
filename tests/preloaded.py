"""Starts the program from a process that has loaded it already, for tests that do not ask how it loads.

A start costs a second of processor time or two, nearly all of it for loading. So one process, the fork server
(`fork_server.py`), loads the program once and forks at each start. What is forked has the arguments, the environment,
the folder, the streams and a session of its own, and ends as any program does. Tests of loading itself, of signals
meanwhile, or of descriptors that are handed down start the program really, and so does one test of each command
(`tests/e2e/test_cli_processes.py`).
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
READ_WHEN_LOADED = ("PYTHON", "LC_", "LANG")
"""How the names of variables begin that Python reads when it starts: a process that was forked would not heed them."""
FORK_SERVER = Path(__file__).with_name("fork_server.py")


def can_start(environment: Mapping[str, str]) -> bool:
    """Whether the program would behave in this environment as one that was really started in it."""
    names = {name for name in {*environment, *os.environ} if name.startswith(READ_WHEN_LOADED)}
    return all(environment.get(name) == os.environ.get(name) for name in names)


class PreloadedProgram:
    """A started program: the part of `subprocess.Popen` that tests use, in bytes."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path | str | None = None,
        stdin: int | IO[bytes] = DEVNULL,
        stdout: int | IO[bytes] = PIPE,
        stderr: int | IO[bytes] = PIPE,
    ) -> None:
        self.returncode: int | None = None
        handed_over: list[int] = []
        streams = [self._stream(given, number, handed_over) for number, given in enumerate((stdin, stdout, stderr))]
        self.stdin, self.stdout, self.stderr = streams
        reading, writing = os.pipe()
        self._status = os.fdopen(reading, "rb", buffering=0)
        start = {"arguments": [os.fspath(one) for one in arguments], "env": dict(env), "cwd": str(cwd or Path.cwd())}
        message = json.dumps(start).encode()
        with _one_start_at_a_time:
            channel = _fork_server()
            socket.send_fds(channel, [len(message).to_bytes(4, "big")], [*handed_over, writing])
            channel.sendall(message)
        for descriptor in (*handed_over, writing):
            os.close(descriptor)
        self.pid = self._read_status("pid")

    def _stream(self, given: int | IO[bytes], number: int, handed_over: list[int]) -> IO[bytes] | None:
        """Our end of a stream, if it is a pipe; the program's end is added to `handed_over`."""
        if given == PIPE:
            reading, writing = os.pipe()
            handed_over.append(writing if number else reading)
            return os.fdopen(reading, "rb") if number else os.fdopen(writing, "wb")
        if given == subprocess.STDOUT:
            handed_over.append(os.dup(handed_over[1]))
        elif given == DEVNULL:
            handed_over.append(os.open(os.devnull, os.O_RDWR))
        else:
            handed_over.append(os.dup(given if isinstance(given, int) else given.fileno()))
        return None

    def _read_status(self, what: str) -> int:
        name, _, number = self._status.readline().decode().partition(" ")
        assert name == what, f"the fork server has ended, or its program before it was one: {name!r}"
        return int(number)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.returncode = os.waitstatus_to_exitcode(self._read_status("ended"))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended; `TimeoutExpired` after so many seconds."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("jobreport", timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(self._read_status("ended"))
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, if it runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, given: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Writes to it, reads all that it prints, and waits for its end."""
        printed: dict[int, bytes] = {}

        def read(number: int, stream: IO[bytes]) -> None:
            printed[number] = stream.read()

        streams = [(number, stream) for number, stream in ((1, self.stdout), (2, self.stderr)) if stream]
        readers = [threading.Thread(target=read, args=one, daemon=True) for one in streams]
        for reader in readers:
            reader.start()
        if self.stdin:
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(given or b"")
        deadline = None if timeout is None else time.monotonic() + timeout
        for reader in readers:
            reader.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired("jobreport", timeout or 0)
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return printed.get(1, b""), printed.get(2, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self.wait()


_one_start_at_a_time = threading.Lock()
_channels: list[socket.socket] = []


def _fork_server() -> socket.socket:
    """The connection to this process's fork server, which is started when it is needed first, and ends with us."""
    if not _channels:
        ours, theirs = socket.socketpair()
        with theirs:
            words = [sys.executable, FORK_SERVER, str(theirs.fileno())]
            # It has its three streams whatever a test did to ours, so that no descriptor of a start is one of them.
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
            )
        _channels.append(ours)

        def end() -> None:
            ours.close()
            process.wait()

        atexit.register(end)
    return _channels[0]
