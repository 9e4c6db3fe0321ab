"""A real Bacula on loopback: a director with its catalog in SQLite, a storage daemon and a client, in one folder.

It runs as an ordinary user. Its jobs are real ones, with what a job may come to.
"""

import contextlib
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from bacula_configuration import Ports, configuration

from connecting import PATIENCE, until

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
_SCHEMA = Path("/usr/share/bacula-director/make_sqlite3_tables")
_ENDED = "TWEefAID"


class Bacula:
    """The three daemons. `catalog` is the file of the director's catalog."""

    def __init__(self, folder: Path, ports: Ports, user: dict[str, Any]) -> None:
        self._folder, self._ports, self._user = folder, ports, user
        self.catalog = folder / "work" / "bacula.db"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Starts daemons, and waits until they answer."""
        for name in names:
            program = shutil.which(f"bacula-{name}", path=_PLACES)
            assert program
            words = [program, "-f", "-c", str(self._folder / f"{name}.conf")]
            self._running[name] = subprocess.Popen(words, stdout=subprocess.DEVNULL, **self._user)
        for name in names:
            until(lambda name=name: _answers(getattr(self._ports, name)), f"bacula-{name}")

    def end(self, *names: str, kill: bool = False) -> None:
        """Ends daemons; `kill`: as a crash would."""
        for name in names:
            running = self._running.pop(name)
            running.kill() if kill else running.terminate()
            running.wait(PATIENCE)

    def close(self) -> None:
        """Ends what runs, also what a director that was killed has left behind: a job that waits at the gate."""
        self.end(*self._running, kill=True)
        with contextlib.suppress(OSError):  # nobody waits
            os.close(os.open(self._folder / "gate", os.O_WRONLY | os.O_NONBLOCK))

    def type(self, *lines: str) -> str:
        """Types lines at the director's console."""
        program = shutil.which("bconsole", path=_PLACES)
        assert program
        words = [program, "-c", str(self._folder / "console.conf")]
        typed = "\n".join([*lines, "quit", ""])
        done = subprocess.run(
            words, input=typed, capture_output=True, text=True, timeout=PATIENCE, check=True, **self._user
        )
        return done.stdout

    def status(self, name: str) -> str:
        """The letter of the newest job of this name; empty if there is none."""
        rows = self._rows("SELECT JobStatus FROM Job WHERE Name = ? ORDER BY JobId DESC LIMIT 1", name)
        return str(rows[0][0]) if rows else ""

    def ended(self, *names: str) -> None:
        """Waits until the newest jobs of these names have ended."""
        for name in names:
            until(lambda name=name: self.status(name) in _ENDED and self.status(name), f"the end of {name}")

    def columns(self, table: str) -> set[str]:
        """The columns of a table of the catalog."""
        return {str(row[1]) for row in self._rows(f"PRAGMA table_info({table})")}

    def open_gate(self) -> None:
        """Lets the job `waits` go on."""
        with contextlib.closing(os.fdopen(os.open(self._folder / "gate", os.O_WRONLY), "w")) as gate:
            gate.write("go\n")

    def _rows(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.catalog}?mode=ro", uri=True, timeout=PATIENCE)) as catalog:
            return catalog.execute(question, values).fetchall()


@contextmanager
def bacula() -> Iterator[Bacula]:
    """A Bacula for as long as the context lasts. Skips where it is not installed."""
    if not shutil.which("bacula-dir", path=_PLACES) or not _SCHEMA.exists():
        said = "there is no Bacula here: apt install bacula-director bacula-director-sqlite3 bacula-sd bacula-fd "
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(f"{said}bacula-console")
    folder = Path(tempfile.mkdtemp(prefix="jobreport-bacula-"))
    user: dict[str, Any] = {"cwd": folder}
    try:
        ports = _prepare(folder)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (folder, *folder.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        started = Bacula(folder, ports, user)
        with closing(started):
            started.start("dir", "fd", "sd")
            yield started
    finally:
        shutil.rmtree(folder)


def _prepare(folder: Path) -> Ports:
    for name in ("work", "files", "volumes"):
        (folder / name).mkdir()
    for number in range(3):
        (folder / "files" / f"{number}.txt").write_text("x" * 1000)
    os.mkfifo(folder / "gate")
    with closing(sqlite3.connect(folder / "work" / "bacula.db")) as catalog:
        catalog.executescript(_SCHEMA.read_text().partition("<<END-OF-DATA\n")[2].partition("\nEND-OF-DATA")[0])
    ports = _free_ports()
    for name, text in configuration(folder, ports).items():
        (folder / name).write_text(text)
    return ports


def _free_ports() -> Ports:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in Ports._fields]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return Ports(*(one.getsockname()[1] for one in sockets))


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except OSError:
        return False
    return True
