"""A MariaDB server on loopback, for catalogs that are there."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from connecting import PATIENCE, until

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"


class MariaDb:
    """The server: its port, and what its root says by its socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    def run(self, *statements: str, values: list[Any] | None = None) -> None:
        """Runs statements as root; `values` are those of the only one."""
        with pymysql.connect(unix_socket=f"{self._folder}/socket", user="root", autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement, values)

    def answers(self) -> bool:
        """Whether it has come up."""
        try:
            self.run("SELECT 1")
        except pymysql.OperationalError:
            return False
        return True


@contextmanager
def mariadb() -> Iterator[MariaDb]:
    """A server for as long as the context lasts. Skips where it is not installed."""
    programs = [shutil.which(name, path=_PLACES) for name in ("mariadb-install-db", "mariadbd", "my_print_defaults")]
    if not all(programs):
        said = "there is no MariaDB here: apt install mariadb-server-core mariadb-client-core"
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(said)
    folder = Path(tempfile.mkdtemp(prefix="jobreport-mariadb-"))
    user: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    server = MariaDb(folder)
    usual = ["--no-defaults", f"--datadir={folder}/data"]
    try:
        root = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
        subprocess.run([str(programs[0]), *usual, *root], timeout=PATIENCE, check=True, **user)
        listening = ["--bind-address=127.0.0.1", f"--port={server.port}", f"--socket={folder}/socket"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", f"--pid-file={folder}/pid"]
        with subprocess.Popen([str(programs[1]), *usual, *listening, *quick], **user) as running:
            try:
                until(server.answers, "MariaDB")
                yield server
            finally:
                running.kill()
    finally:
        shutil.rmtree(folder)
