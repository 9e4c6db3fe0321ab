"""An embedded store's file in; a copy of it, whole and on disk or not there at all, out."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError

SIDE_FILES: Final = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database, by the ends of the names."""
_PAGES: Final = 4096


def copy(source: sqlite3.Connection, partial: Path, moved: Callable[[int, int], None] | None = None) -> None:
    """Copies the whole database into the empty file `partial`; `moved` is told the pages done and all of them.

    StoreUnavailableError where it cannot be written, UnusableStoreError where `source` is damaged.
    """

    def progress(_status: int, remaining: int, total: int) -> None:
        if moved:
            moved(total - remaining, total)

    try:
        with closing(sqlite3.connect(partial)) as target:
            source.backup(target, pages=_PAGES, progress=progress, sleep=0.01)
            # The copy is to be one file, that can be read where nothing may be written.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise StoreUnavailableError(f"the copy cannot be written: {error}") from None
    except sqlite3.DatabaseError:
        raise UnusableStoreError("what is to be copied is damaged") from None


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new file of its owner alone in the folder of `path`, which is gone in the end if it was not moved away."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    except OSError as error:
        raise StoreUnavailableError(f"nothing can be written to the file's folder: {error.strerror}") from None
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for side in ("", *SIDE_FILES):
            Path(f"{name}{side}").unlink(missing_ok=True)


def put(partial: Path, path: Path) -> None:
    """Moves a whole file into place, so that a power cut leaves the old one or the new one."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    with suppress(OSError):  # not every system can sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
