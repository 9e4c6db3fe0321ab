"""pgBackRest with many backups in a repository: a file of what it prints, which has all of them at once."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import program

program.sys.path.insert(0, str(program.TESTS / "connectors" / "postgresql"))
from pgbackrest_records import backup, stanza  # noqa: E402 - where it lies, is said above


@contextmanager
def _served(jobs: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="origin-") as folder:
        printed = Path(folder) / "printed"
        printed.write_text(json.dumps([stanza(*map(backup, range(jobs)))], separators=(",", ":")))
        yield str(printed)


def _read(file: str) -> int:
    return sum(len(one["backup"]) for one in json.loads(Path(file).read_bytes()))


program.run(_served, _read)
