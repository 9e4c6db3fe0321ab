"""Runs a program that lists jobs, within limits of time, memory and output, and gives its lines as they come."""

import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Final

import msgspec

from jobreport import settings
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.limits import MB, kill, limit_memory
from jobreport.runner.tools.redact import redact

MAX_LINE: Final = 1024 * 1024
"""The most bytes of a line that a program prints."""
_TOLD: Final = 300  # characters of its last message


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call of a program may take: `seconds`, and `memory` and `output` in MiB.

    The limit of memory is that of its own data (RLIMIT_DATA), for each process of it; only Linux has it.
    """

    seconds: int
    memory: int
    output: int


def lines(command: Sequence[str], given: object, limits: Limits) -> Iterator[bytes]:
    """Runs a program with `given` as JSON on its standard input, and gives each line of its standard output.

    Its environment is ours, without our own secrets. Raises CannotReadError if it cannot be started, goes beyond a
    limit or does not end with 0. It never outlives this call: what is left of its process group is killed.
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
    late = threading.Event()
    clock = threading.Timer(limits.seconds, _stop, (child, late))
    last: deque[str] = deque(maxlen=1)
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        limit_memory(child, limits.memory)
        messages = threading.Thread(target=_keep_last, args=(child.stderr, last), daemon=True)
        feeder = threading.Thread(target=_feed, args=(child.stdin, msgspec.json.encode(given)), daemon=True)
        for helper in (clock, messages, feeder):
            helper.start()
        yield from _within(child.stdout, limits.output * MB)
        child.wait()
        messages.join()
    finally:
        clock.cancel()
        kill(child)
        child.wait()
        if child.stdout:
            child.stdout.close()
    if late.is_set():
        raise CannotReadError(f"the program took longer than {limits.seconds} seconds, and was ended")
    if child.returncode:
        raise CannotReadError(f"the program ended with {_said(child.returncode)}{_because(last)}")


def _within(output: IO[bytes], most: int) -> Iterator[bytes]:
    """Gives the lines. Raises CannotReadError for a line that is too long, and for too many bytes."""
    seen = 0
    while line := output.readline(MAX_LINE + 1):
        seen += len(line)
        if len(line) > MAX_LINE:
            raise CannotReadError(f"the program printed a line of more than {MAX_LINE:,} bytes")
        if seen > most:
            raise CannotReadError(f"the program printed more than {most // MB} MiB")
        yield line


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


def _said(code: int) -> str:
    if code > 0:
        return f"exit code {code}"
    try:
        return f"the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"the signal {-code}"


def _stop(child: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    kill(child)
