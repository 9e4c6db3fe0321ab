"""The process from which programs are started that have not to load any more (`preloaded.py`): it forks at each start.

What it forks runs `jobreport.__main__.main`, or the script that stands in its place. A server's workers are forked too
(`preloaded_workers.py`).
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
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

    for module in pkgutil.walk_packages(jobreport.__path__, "jobreport."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    with contextlib.suppress(ImportError):  # not every Python has it
        importlib.import_module("uvloop")
    gc.collect()
    gc.freeze()


def serve_forks(channel: socket.socket) -> None:
    """Forks at each start that is asked for; returns in what is to be the program, and in no other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, descriptors = _receive(channel)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not message:
            os._exit(0)
        if os.fork() == 0:
            channel.close()
            if _become_program(json.loads(message), descriptors):
                return
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def _receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """A start, and its descriptors: of a program three streams, and the pipe for its process ID and its end."""
    head, descriptors, _, _ = socket.recv_fds(channel, 4, 16)
    message = b""
    while len(head) == 4 and len(message) < int.from_bytes(head, "big"):
        message += channel.recv(int.from_bytes(head, "big") - len(message))
    return message, descriptors


def _become_program(start: dict[str, Any], descriptors: list[int]) -> bool:
    """Forks once more: True in what is the program from now on; the other process waits for its end and reports it."""
    *streams, status = descriptors
    if pid := os.fork():
        for stream in streams:
            os.close(stream)
        with contextlib.suppress(BrokenPipeError):
            os.write(status, f"ended {os.waitpid(pid, 0)[1]}\n".encode())
        return False
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
    return True


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
