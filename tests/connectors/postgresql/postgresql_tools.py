"""A PostgreSQL with pgBackRest and barman beside it, as their users set them up, in one folder."""

import getpass
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import postgres
from installed import installed
from postgres import Postgres
from serving import PATIENCE, until

_PGBACKREST = """
[global]
repo1-path={folder}/repo
lock-path={folder}/lock
log-path={folder}/log-pgbackrest
log-level-file=off
log-level-console=info
compress-type=none
[demo]
pg1-path={folder}/data
pg1-socket-path={folder}
pg1-user=tests
pg1-database=postgres
"""
_BARMAN = """
[barman]
barman_user = {user}
barman_home = {folder}/barman
log_file = {folder}/log-barman
path_prefix = {programs}
[{server}]
description = {server}
conninfo = host={folder} user=tests dbname=postgres
streaming_conninfo = host={folder} user=tests dbname=postgres
backup_method = postgres
archiver = on
immediate_checkpoint = true
{more}
"""


class Tools:
    """pgBackRest and barman on one server of PostgreSQL."""

    def __init__(self, server: Postgres) -> None:
        self.server, self.folder = server, server.folder
        self.pgbackrest = [installed("pgbackrest", "pgbackrest"), f"--config={self._configured('pgbackrest')}"]
        self.barman = [installed("barman", "barman"), "-c", self._configured("barman")]
        self.slow_barman = [*self.barman[:2], self._configured("slow", "bandwidth_limit = 100")]
        self._incoming = self.folder / "barman" / "main" / "incoming"
        self._incoming.mkdir(parents=True)
        self.execute(f"ALTER SYSTEM SET archive_command = 'cp %p {self._incoming}/%f'")
        self.execute("SELECT pg_reload_conf()")
        self._incoming.chmod(0o777)  # PostgreSQL may be another user

    def _configured(self, name: str, more: str = "") -> str:
        file = self.folder / f"{name}.conf"
        text = _PGBACKREST if name == "pgbackrest" else _BARMAN
        file.write_text(
            text.format(
                folder=self.folder,
                programs=self.server.programs,
                user=getpass.getuser(),
                server="main",
                more=more,
            )
        )
        return str(file)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement, and returns its rows."""
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def run(self, *words: str) -> str:
        """Runs a command, which must end well; returns what it prints."""
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def back_up(self, kind: str) -> str:
        """Has pgBackRest make a backup, and returns its label. It is not asked to archive, which is barman's here."""
        words = ("--stanza=demo", f"--type={kind}", "--start-fast", "--no-archive-check", "backup")
        printed = self.run(*self.pgbackrest, *words)
        return printed.partition("new backup label = ")[2].split()[0]

    def archive(self) -> None:
        """Has PostgreSQL end its log, and barman take it."""
        self.execute("SELECT pg_switch_wal()")
        until(lambda: list(self._incoming.iterdir()), "a log for barman")
        self.run(*self.barman, "archive-wal", "main")

    def has_started(self) -> bool:
        """Whether barman has noted a backup as begun: to look into its file is quicker than to ask it."""
        noted = (self.folder / "barman" / "main").rglob("*backup.info")
        return any("status=STARTED" in file.read_text() for file in noted)

    def listed(self) -> list[dict[str, Any]]:
        """The backups of barman."""
        found: list[dict[str, Any]] = json.loads(self.run(*self.barman, "-f", "json", "list-backups", "main"))["main"]
        return found


@contextmanager
def tools() -> Iterator[Tools]:
    """PostgreSQL with its tools, all from the system's packages, which fit together. Skips where one is not there."""
    installed("pgbackrest", "pgbackrest")
    installed("barman", "barman")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    programs = Path(os.environ[postgres.PROGRAMS]) if postgres.PROGRAMS in os.environ else found and found[-1].parent
    if not programs:
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)("apt install postgresql")
    with postgres.postgres(programs, "-k", archive_mode="on") as server:
        yield Tools(server)
