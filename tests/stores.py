"""A store's file as a server leaves it that was just started the first time, made once for many tests."""

from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from jobreport.identity.keys import provision
from jobreport.store import open_store


@cache
def _used_store() -> bytes:
    """What the file holds: a new store with its signing key, and nothing else."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "jobs.db"
        with closing(open_store(f"sqlite:///{file}")) as store:
            provision.ensure(store, None)
        return file.read_bytes()


def copy_used_store(file: Path) -> None:
    """Makes `file` a copy, unless it is there. To make a store and its key takes most of a server's first start."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(_used_store())
