"""Runs a program that lists jobs, within limits of time, memory and output, and gives its lines as they come."""

import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Final

import msgspec

from jobreport import settings
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.exec.guard import guarded
from jobreport.connectors.limits import MB, ended_with, kill, limit_memory
from jobreport.runner.tools.redact import redact

MAX_LINE: Final = 1024 * 1024
"""The most bytes of a line that a program prints."""
_TOLD: Final = 300  # characters of its last message
_CHUNK: Final = 64 * 1024
_AHEAD: Final = 4  # chunks that are read before they are asked for
_LAST_WORDS: Final = 2.0  # seconds for its last messages, when it has ended


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call of a program may take: `seconds`, and `memory` and `output` in MiB.

    The limit of memory is that of its own data (RLIMIT_DATA), for each process of it; only Linux has it.
    """

    seconds: int
    memory: int
    output: int


def lines(command: Sequence[str], given: object, limits: Limits) -> Iterator[bytes]:
    """Runs a program with `given` as JSON on its standard input, and gives each line of its standard output, without
    its end.

    Its environment is ours, without our own secrets. Raises CannotReadError if it cannot be started, goes beyond a
    limit or does not end with 0. It never outlives this call: what is left of its process group is killed, also if
    this process is. What has left that group cannot hold up this call for longer than the limit.
    """
    try:
        child = subprocess.Popen(  # noqa: S603 - the operator names the program, and no shell reads the command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=settings.environment_without_secrets(),
            start_new_session=True,
        )
    except OSError as error:
        raise CannotReadError(f"{command[0]} cannot be started: {error.strerror or error}") from None
    until = time.monotonic() + limits.seconds
    last: deque[str] = deque(maxlen=1)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    chunks: queue.Queue[bytes] = queue.Queue(_AHEAD)
    reader = threading.Thread(target=_read, args=(child.stdout, chunks), daemon=True)
    messages = threading.Thread(target=_keep_last, args=(child.stderr, last), daemon=True)
    feeder = threading.Thread(target=_feed, args=(child.stdin, msgspec.json.encode(given)), daemon=True)
    try:
        with guarded(child):
            limit_memory(child, limits.memory)
            for helper in (reader, messages, feeder):
                helper.start()
            try:
                yield from _within(chunks, limits.output * MB, until)
                _wait(child, until)
            except TimeoutError:
                raise CannotReadError(f"the program took longer than {limits.seconds} seconds, and was ended") from None
            finally:
                kill(child)
    finally:
        child.wait()
        with suppress(queue.Empty):  # the reader goes on, and finds the end
            while True:
                chunks.get_nowait()
    if child.returncode:
        messages.join(_LAST_WORDS)
        raise CannotReadError(f"the program {ended_with(child.returncode)}{_because(last)}")


def _read(stdout: IO[bytes], chunks: "queue.Queue[bytes]") -> None:
    """Hands on what a program prints as it comes, and nothing at its end."""
    with stdout:
        while chunk := stdout.read1(_CHUNK):  # type: ignore[attr-defined]  # of a pipe
            chunks.put(chunk)
    chunks.put(b"")


def _within(chunks: "queue.Queue[bytes]", most: int, until: float) -> Iterator[bytes]:
    """Gives the lines. Raises CannotReadError for a line that is too long, and for too many bytes; TimeoutError if the
    end has not come `until` then.
    """
    seen, begun = 0, b""
    while chunk := _next(chunks, until):
        seen += len(chunk)
        *whole, begun = (begun + chunk).split(b"\n")
        if any(len(line) > MAX_LINE for line in (*whole, begun)):
            raise CannotReadError(f"the program printed a line of more than {MAX_LINE:,} bytes")
        if seen > most:
            raise CannotReadError(f"the program printed more than {most // MB} MiB")
        yield from whole
    if begun:
        yield begun


def _next(chunks: "queue.Queue[bytes]", until: float) -> bytes:
    left = until - time.monotonic()
    with suppress(queue.Empty):
        if left > 0:
            return chunks.get(timeout=left)
    raise TimeoutError


def _wait(child: "subprocess.Popen[bytes]", until: float) -> None:
    """Waits for the end of a program that prints nothing more. Raises TimeoutError if it has not come `until` then."""
    try:
        child.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None


def _feed(stdin: IO[bytes], text: bytes) -> None:
    with suppress(OSError), stdin:  # it may end without having read it
        stdin.write(text)


def _keep_last(stderr: IO[bytes], last: deque[str]) -> None:
    """Reads all messages, and keeps the last one that is not empty."""
    with stderr:
        while line := stderr.readline(MAX_LINE):
            if text := line.decode("utf-8", "replace").strip():
                last.append(text)


def _because(last: Sequence[str]) -> str:
    return f": {redact(last[0])[:_TOLD]}" if last else ""
