"""Runs the processes that serve: one, or several on one socket. A process that ends is replaced.

A worker that does not answer for a while may only be busy, or the machine may be, so it is given a minute. A worker
that has ended is noticed within half a second, even while another does not answer.
"""

import os
import pickle
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

SILENT_SECONDS: Final = 60
"""The time, in seconds, after which a worker that does not answer is killed and replaced."""
_LONGEST_LOOK: Final = 1.0
"""The most seconds that one check adds to a worker's silence. While this process itself was suspended, it could not ask
the workers, so that time does not count."""
_START_BEAT: Final = 0.05
"""Seconds between two checks, until all workers serve for the first time."""

_log = structlog.get_logger()


class Server(uvicorn.Server):
    """A server of one process. It says once that it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Does as the base class, then says once that the server listens."""
        await super().startup(sockets)
        if self.started:
            self._announce()


class _Health:
    """What the main process knows about one worker."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._silent, self._looked, self._asked = 0.0, time.monotonic(), False
        self.serves = False
        """Whether the worker has reported that it serves."""

    def fault(self, silent_seconds: float) -> str | None:
        """Returns why the worker has to be replaced; None if it need not be. Never waits."""
        now = time.monotonic()
        self._silent += min(now - self._looked, _LONGEST_LOOK)
        self._looked = now
        if not self._process.process.is_alive():
            return _ending(self._process.exitcode)
        pipe = self._process.parent_conn
        try:
            while pipe.poll():
                self.serves = bool(pipe.recv())
                self._silent, self._asked = 0.0, False
            if not self._asked:
                pipe.send(b"ping")
                self._asked = True
        except (OSError, EOFError, pickle.UnpicklingError):
            return "its pipe is broken"
        return f"it did not answer for {silent_seconds:g} seconds" if self._silent > silent_seconds else None


class Workers(Multiprocess):
    """Several server processes on the same sockets. It says once that all of them listen."""

    silent_seconds: float = SILENT_SECONDS

    def __init__(self, config: uvicorn.Config, listeners: list[socket.socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets=listeners)
        self._announce, self._announced = announce, False
        self._health: dict[Process, _Health] = {}

    def handle_hup(self) -> None:
        """Lets each worker load a renewed certificate; if there is no certificate, replaces each worker."""
        if not self.config.is_ssl:
            super().handle_hup()
            return
        for process in self.processes:
            if process.pid and process.exitcode is None:
                os.kill(process.pid, signal.SIGHUP)

    def init_processes(self) -> None:
        """Starts all workers, and waits until all of them serve or the server is told to stop."""
        super().init_processes()
        while not self._announced and not self.should_exit.wait(_START_BEAT):
            self.handle_signals()
            self.keep_subprocess_alive()

    def keep_subprocess_alive(self) -> None:
        """Replaces each worker that has ended or hangs, and logs why. Called every half second."""
        self._health = {process: self._health.get(process) or _Health(process) for process in self.processes}
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            reason = self._health[process].fault(self.silent_seconds)
            if reason is None:
                continue
            process.kill()
            process.join()
            if process.exitcode == STARTUP_FAILURE:
                _log.error("worker cannot start; the server stops", pid=process.pid)
                self.should_exit.set()
                return
            _log.error("worker lost; another is started", pid=process.pid, reason=reason)
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()
        if not self._announced and all(self._serves(process) for process in self.processes):
            self._announced = True
            self._announce()

    def _serves(self, process: Process) -> bool:
        return process in self._health and self._health[process].serves


def _ending(code: int | None) -> str:
    """Says in words how a process with this exit code ended; the code is as `multiprocessing` gives it."""
    if code is None or code >= 0:
        return f"it ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"it was ended by {name}"
