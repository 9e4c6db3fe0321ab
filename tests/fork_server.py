"""The process from which programs are started that have not to load any more (`preloaded.py`): it forks at each start.

What it forks runs `jobreport.__main__.main`, or the script that stands in its place. A server's workers are forked too
(`preloaded_workers.py`).
"""

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

LIBRARIES = (
    "alembic.command",
    "alembic.runtime.migration",
    "asyncio",
    "cryptography.x509",
    "httpx",
    "multiprocessing.spawn",
    "rich.table",
    "sqlalchemy.dialects.sqlite",
    "tenacity",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
)
"""What the program loads while it runs, beside its own modules."""
LEFT_OUT = ("jobreport.export.", "jobreport.store.schema.migrations.")
"""Modules of the program that are not loaded with the others: some need packages that not all have, some a store."""


def load() -> None:
    """Loads the program."""
    # As where the installed program is started: without the folder of this file.
    sys.path.remove(str(Path(__file__).parent))
    import jobreport
    from jobreport.cli import cli

    for module in pkgutil.walk_packages(jobreport.__path__, "jobreport."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    with contextlib.suppress(ImportError):  # not every Python has it
        importlib.import_module("uvloop")
    # What Python finds out once in a process, such as whether a list is a `Mapping`, is found out here and not after
    # each fork: with so many classes loaded, it takes most of the time of a short command.
    with contextlib.redirect_stdout(io.StringIO()):
        cli.main(["--version"], standalone_mode=False)
    gc.collect()
    gc.freeze()


def serve_forks(channel: socket.socket) -> None:
    """Forks at each start that is asked for, and tells its end; returns in what is to be the program, nowhere else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended, tell = socket.socketpair()
    for end in (ended, tell):
        end.setblocking(False)
    signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    while True:
        if ended in select.select([channel, ended], [], [])[0]:
            ended.recv(4096)
            _tell_ended(running)
            continue
        message, descriptors = _receive(channel)
        if not message:
            os._exit(0)
        *streams, status = descriptors
        if pid := os.fork():
            running[pid] = status
            for stream in streams:
                os.close(stream)
            continue
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for ours in (channel, ended, tell):
            ours.close()
        for other in running.values():
            os.close(other)
        _become_program(json.loads(message), streams, status)
        return


def _tell_ended(running: dict[int, int]) -> None:
    """Reports each program that has ended by the pipe that came with its start."""
    while running:
        pid, code = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        status = running.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            os.write(status, f"ended {code}\n".encode())
        os.close(status)


def _receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """A start, and its descriptors: of a program three streams, and the pipe for its process ID and its end."""
    head, descriptors, _, _ = socket.recv_fds(channel, 4, 16)
    message = b""
    while len(head) == 4 and len(message) < int.from_bytes(head, "big"):
        message += channel.recv(int.from_bytes(head, "big") - len(message))
    return message, descriptors


def _become_program(start: dict[str, Any], streams: list[int], status: int) -> None:
    """Makes this process one in which the program was just started."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(start["env"])
    time.tzset()
    os.chdir(start["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = start["arguments"]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as Python itself opens them
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - likewise
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - likewise
    # Only now, so that no signal of a test comes before the program could meet it.
    os.write(status, f"pid {os.getpid()}\n".encode())
    os.close(status)
    if "--workers" in sys.argv and sys.platform == "linux":
        preloaded_workers.fork_template(_receive)


def run_program() -> None:
    """Runs the program to its end, of which it leaves out what costs most and nobody sees: to take Python apart."""
    from jobreport.__main__ import main

    try:
        if sys.argv[0].endswith(".py"):
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            main()
        _ended_with.append(0)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _ended_with.append(end.code or 0)
        raise


_ended_with: list[int] = []


def _end_at_once() -> None:
    """Ends the process with its exit code when all else is done that Python does then: threads, `atexit`, streams.

    Where the program did not say a code, or its output cannot be written, the rest is left to Python.
    """
    if _ended_with:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(_ended_with[0] & 0xFF)


if __name__ == "__main__":
    import preloaded_workers  # not where a spawned worker reads this file again

    atexit.register(_end_at_once)  # before all others, so that it comes last
    load()
    serve_forks(socket.socket(fileno=int(sys.argv[1])))
    run_program()
