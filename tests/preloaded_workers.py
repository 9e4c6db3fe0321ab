"""Forks the workers of a preloaded server from a process that has loaded the program too, and done nothing else.

A server spawns its workers: each is to be its child, and loads the program, which costs nearly a second of processor
time. So a preloaded server first forks a template, as long as it has opened nothing. The template forks at each worker
that the server spawns, twice; who is between them ends at once, and Linux gives the orphan to the server, which said
that it takes orphans. From then on the worker does what a spawned one does.
"""

import ctypes
import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from multiprocessing import util
from pathlib import Path
from typing import Any

NAME = "spawn_main"
"""How these processes are named in /proc, whose command line is that of the fork server."""
_SET_CHILD_SUBREAPER = 36
"""An option of Linux's `prctl`: orphans below this process become its children."""
_FREE = 500
"""No descriptor that a server gives to its workers has this number or a higher one."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Receive = Callable[[socket.socket], tuple[bytes, list[int]]]


def fork_template(receive: Receive) -> None:
    """Lets this process fork its workers instead of spawning them; returns in it alone. `receive`: reads one start."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        _serve_forks(theirs, receive)
    theirs.close()
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    spawn = util.spawnv_passfds

    def fork_or_spawn(path: bytes, words: Sequence[str], descriptors: Sequence[int]) -> int:
        if "--multiprocessing-fork" not in words:
            return spawn(path, words, descriptors)
        # The words before the last are the code that a spawned process runs.
        start = {"code": words[-2], "env": dict(os.environ), "descriptors": list(descriptors)}
        message = json.dumps(start).encode()
        socket.send_fds(ours, [len(message).to_bytes(4, "big")], descriptors)
        ours.sendall(message)
        return int.from_bytes(ours.recv(4), "big")

    util.spawnv_passfds = fork_or_spawn


def _serve_forks(channel: socket.socket, receive: Receive) -> None:
    """Forks at each start that is asked for, until the server has ended."""
    for number in _SIGNALS:  # meant for the server, whose group this process is in
        signal.signal(number, signal.SIG_IGN)
    while True:
        message, descriptors = receive(channel)
        if not message:
            os._exit(0)
        if between := os.fork():
            os.waitpid(between, 0)
            for descriptor in descriptors:
                os.close(descriptor)
            continue
        between = os.getpid()
        if os.fork():
            os._exit(0)
        while os.getppid() == between:
            pass
        _run_worker(channel, json.loads(message), descriptors)


def _run_worker(channel: socket.socket, start: dict[str, Any], descriptors: list[int]) -> None:
    """Runs the worker to its end, and raises SystemExit then."""
    for number in _SIGNALS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        channel.sendall(os.getpid().to_bytes(4, "big"))
    except BrokenPipeError:  # the server was killed meanwhile
        os._exit(1)
    channel.close()
    # Each gets the number that it has in the server; first all get out of the way.
    moved = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FREE) for descriptor in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    for descriptor, number in zip(moved, start["descriptors"], strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(start["env"])
    Path("/proc/self/comm").write_text(NAME)
    sys.argv = ["-c", "--multiprocessing-fork"]
    exec(start["code"], {})
