"""Runs a program that lists jobs, within limits of time, memory and output, and gives what it prints as it comes."""

import os
import queue
import re
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

import msgspec

from jobreport import settings
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.guard import guarded
from jobreport.connectors.limits import MB, ended_with, kill, limit_memory, terminate
from jobreport.runner.command_lines.redact_words import hide, secrets_in
from jobreport.runner.redact import redact
from jobreport.runner.text import clean

MAX_LINE: Final = 1024 * 1024
"""The most bytes of a line that a program prints."""
_TOLD: Final = 300  # characters of what it says of its failure
_KEPT: Final = 20  # lines of its messages
_CHUNK: Final = 64 * 1024
_AHEAD: Final = 4  # chunks that are read before they are asked for
_LAST_WORDS: Final = 2.0  # seconds for its last messages, when it has ended
_GRACE: Final = 2.0  # seconds to let go of what it holds, when it is ended
_REASON: Final = re.compile(r"(?:fatal|\w*error|critical)\b", re.IGNORECASE)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one call of a program may take: `seconds`, and `memory` and `output` in MiB.

    The limit of memory is that of its own data (RLIMIT_DATA), for each process of it; only Linux has it.
    """

    seconds: int = 600
    memory: int = 1024
    output: int = 1024


def check_call(argv: Sequence[str], example: str, **limits: int) -> None:
    """Raises ValueError if settings name no program, or a limit that is not above 0. `example` names one, in TOML."""
    if not argv or not argv[0]:
        raise ValueError(f"command must name a program, such as {example}")
    for name, limit in limits.items():
        if limit < 1:
            raise ValueError(f"{name} must be more than 0")


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a program. No shell reads `argv`. `given` is its standard input.

    Its environment is ours, without our own secrets, with `environment` over it: there, and never in `argv`, are the
    secrets that it needs. `name` is what messages call it. `lacking` finds in what it says on standard error that it
    did not print all, although it ends with 0.
    """

    argv: Sequence[str]
    name: str = "the program"
    given: bytes = b""
    environment: Mapping[str, str] = {}
    limits: Limits = Limits()
    lacking: re.Pattern[str] | None = None


def output(command: Command) -> bytes:
    """Returns all that a program prints. For what fits into memory; `limits.output` says how much that is.

    Raises CannotReadError as `chunks` does.
    """
    return b"".join(chunks(command))


def lines(command: Command) -> Iterator[bytes]:
    """Gives each line that a program prints, without its end.

    Raises CannotReadError as `chunks` does, and for a line of more than MAX_LINE bytes.
    """
    begun = b""
    for chunk in chunks(command):
        *whole, begun = (begun + chunk).split(b"\n")
        if any(len(line) > MAX_LINE for line in (*whole, begun)):
            raise CannotReadError(f"{command.name} printed a line of more than {MAX_LINE:,} bytes")
        yield from whole
    if begun:
        yield begun


def chunks(command: Command) -> Iterator[bytes]:
    """Runs a program, and gives what it prints on its standard output as it comes.

    Raises CannotReadError if it cannot be started, goes beyond a limit, does not end with 0 or says that something is
    lacking; with the reason that it gives on standard error. It never outlives this call: what is left of its process
    group is killed, also if this process is. What has left that group cannot hold up this call for longer than the
    limit.
    """
    limits, most = command.limits, command.limits.output * MB
    child = _started(command)
    until = time.monotonic() + limits.seconds
    last: deque[str] = deque(maxlen=_KEPT)
    lacking: deque[str] = deque(maxlen=1)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    printed: queue.Queue[bytes] = queue.Queue(_AHEAD)
    reader = threading.Thread(target=_read, args=(child.stdout, printed), daemon=True)
    messages = threading.Thread(target=_keep_last, args=(child.stderr, last, command.lacking, lacking), daemon=True)
    feeder = threading.Thread(target=_feed, args=(child.stdin, command.given), daemon=True)
    seen = 0
    try:
        with guarded(child):
            limit_memory(child, limits.memory)
            for helper in (reader, messages, feeder):
                helper.start()
            try:
                while chunk := _next(printed, until):
                    yield chunk
                    seen += len(chunk)
                    if seen > most:
                        raise CannotReadError(f"{command.name} printed more than {limits.output} MiB")
                _wait(child, until)
            except TimeoutError:
                said = f"{command.name} took longer than {limits.seconds} seconds, and was ended"
                raise CannotReadError(said) from None
            finally:
                _end(child)
    finally:
        with suppress(subprocess.TimeoutExpired):  # behind sudo it is another user's, whom we cannot end
            child.wait(_GRACE)
        with suppress(queue.Empty):  # the reader goes on, and finds the end
            while True:
                printed.get_nowait()
    if child.returncode or command.lacking:
        messages.join(_LAST_WORDS)
    if child.returncode:
        raise CannotReadError(f"{command.name} {ended_with(child.returncode)}{_because(last, command.environment)}")
    if lacking:
        raise CannotReadError(f"{command.name} did not list all{_because(lacking, command.environment)}")


def _started(command: Command) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the operator names the program, and no shell reads the command
            command.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**settings.environment_without_secrets(), **command.environment},
            start_new_session=True,
        )
    except OSError as error:
        raise CannotReadError(f"{command.argv[0]} cannot be started: {error.strerror or error}") from None


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Ends a program. One that has not come to its end is told first, so that it can let go of locks."""
    if child.poll() is None:
        terminate(child)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
    kill(child)


def _read(stdout: IO[bytes], chunks: "queue.Queue[bytes]") -> None:
    """Hands on what a program prints as it comes, and nothing at its end."""
    with stdout:
        while chunk := os.read(stdout.fileno(), _CHUNK):
            chunks.put(chunk)
    chunks.put(b"")


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


def _keep_last(stderr: IO[bytes], last: deque[str], lacking: re.Pattern[str] | None, found: "deque[str]") -> None:
    """Reads all messages, and keeps the last that are not empty; those that say that something is lacking in `found`,
    too.
    """
    with stderr:
        while line := stderr.readline(MAX_LINE):
            if text := line.decode("utf-8", "replace").strip():
                last.append(text)
                if lacking and lacking.search(text):
                    found.append(text)


def _because(last: Sequence[str], environment: Mapping[str, str]) -> str:
    """Returns why a program failed: its last message that says that it tells an error, since advice may follow; else
    its last message.
    """
    said = [_message(text) for text in last]
    reason = next((text for text in reversed(said) if _REASON.match(text)), said[-1] if said else "")
    return f": {redact(hide(clean(reason), secrets_in(environment)))[:_TOLD]}" if reason else ""


def _message(text: str) -> str:
    """Returns what a message says, of which some programs make an object of JSON."""
    with suppress(msgspec.MsgspecError):
        return msgspec.json.decode(text, type=_Message).message
    return text


class _Message(msgspec.Struct):
    message: str
