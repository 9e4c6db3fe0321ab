"""Copies the file of a store while others use it, opens it to read it, and moves it.

Only for a store in a file (`Dialect.is_shared` is False). SQLite may write more files beside it, `SIDE_FILES`, which
belong to it.
"""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, Connection

from jobreport import atomic_file
from jobreport.store.db.errors import StoreUnavailableError, UnusableStoreError
from jobreport.store.db.sqlite import driver_of, is_busy

SIDE_FILES: Final = ("-wal", "-shm", "-journal")
"""The ends of the names of the files that SQLite writes beside a database."""
_HEADER: Final = b"SQLite format 3\0"
_PAGES: Final = 4096
"""The number of pages that are copied at a time."""


def path_of(url: URL) -> Path | None:
    """Returns the path of the store's file for a parsed URL; None if the store is on a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def url_of(path: Path) -> str:
    """Returns the URL of the store in a file."""
    return f"sqlite:///{quote(str(path.absolute()), safe='/:')}"


def size(connection: Connection) -> int:
    """Returns the size in bytes that the file has, or will have when its log has been written back."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    size: int = connection.exec_driver_sql(pages).scalar_one()
    return size


def copy_store(connection: Connection, partial: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Copies everything that the connection's transaction sees into the empty file `partial`.

    `on_progress` is called with the number of pages that are copied and the number of all pages. Raises
    StoreUnavailableError if the copy cannot be written, UnusableStoreError if the store is damaged.
    """
    _copy(driver_of(connection), partial, on_progress)


def copy_locked_store(path: Path, partial: Path) -> None:
    """Copies the store's file while a transaction of this process, which has written nothing yet, locks it.

    SQLite does not copy through a connection that is in a write transaction, so this function opens another one. Raises
    the errors of `copy_store`.
    """
    with closing(sqlite3.connect(path)) as source:
        _copy(source, partial)


def copy_file(file: Path, partial: Path) -> None:
    """Copies the file of a store. The file is only read. No connection of this process may have it open.

    Raises the errors of `copy_store`.
    """
    with opened(file) as source:
        _copy(source, partial)


def _copy(source: sqlite3.Connection, partial: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    def progress(_status: int, remaining: int, total: int) -> None:
        if on_progress:
            on_progress(total - remaining, total)

    try:
        with closing(sqlite3.connect(partial)) as target:
            source.backup(target, pages=_PAGES, progress=progress, sleep=0.01)
            # Without a log the copy is a single file, which can be read even in a folder that is read-only.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise StoreUnavailableError(f"the copy cannot be written: {error}") from None
    except sqlite3.DatabaseError:
        raise UnusableStoreError("what is to be copied is damaged") from None


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Opens the database in a file to read it. Raises UnusableStoreError if the file is no database, or damaged.

    No other connection of this process may have the file open: when this one is closed, the others lose their locks
    (see `sqlite`).
    """
    with file.open("rb") as raw:
        if raw.read(len(_HEADER)) != _HEADER:
            raise UnusableStoreError("the file is no backup of a store: it is no SQLite database")
    # If there is a log beside the database, it is read too.
    mode = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file.absolute()))}?{mode}", uri=True)) as connection:
            yield connection
    except sqlite3.DatabaseError:
        raise UnusableStoreError("the file is damaged") from None


def faults(file: Path) -> list[str]:
    """Runs SQLite's integrity check of a file, and returns at most five lines about faults."""
    with opened(file) as connection:
        return [line for (line,) in connection.execute("PRAGMA integrity_check(5)") if line != "ok"]


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """Creates a file beside `path` that only its owner can read. It is removed at the end unless `put` has moved it."""
    with ExitStack() as stack:
        with _writable(path):
            partial = stack.enter_context(atomic_file.partial_file(path))
        try:
            yield partial
        finally:
            for end in SIDE_FILES:
                Path(f"{partial}{end}").unlink(missing_ok=True)


def give_owner(partial: Path, path: Path, *, mode: bool = True) -> None:
    """Gives the file `partial` the owner of the file at `path`, and with `mode` its mode too; if there is none, the
    owner of its folder.

    So the user of a service can still open a file that root has restored. (A file that another user restores belongs to
    this user already.) Raises StoreUnavailableError if somebody has put another file in the place of `partial`.
    """
    if not hasattr(os, "fchown"):  # not on Windows
        return
    example = path if path.exists() else path.parent
    with _writable(path):
        like = example.stat()
        # No links are followed: the owner of the folder could put a link to a file of root here, and would get that.
        descriptor = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        ours = os.fstat(descriptor)
        if ours.st_uid != os.geteuid() or ours.st_nlink != 1:
            raise StoreUnavailableError(f"somebody changed {partial} meanwhile")
        if os.geteuid() == 0:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        if mode and example is path:
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
    finally:
        os.close(descriptor)


def put(partial: Path, path: Path) -> None:
    """Moves the complete file to `path`. After a power cut either the old file or the new one is there."""
    with _writable(path):
        atomic_file.put(partial, path)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise StoreUnavailableError(
            f"nothing can be written to the folder of {path}: there is no such folder, so make it first"
        ) from None
    except OSError as error:
        raise StoreUnavailableError(f"nothing can be written to the folder of {path}: {error.strerror}") from None


def move_aside(path: Path, aside: Path) -> None:
    """Gives the store's file, with its log, another name. If the file system has hard links, the old name stays too.

    Raises StoreUnavailableError if another process has the file open, because that process would go on writing to it.
    """
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as old:
        try:
            # SQLite writes the log back into the file only if no other connection has the file open.
            old.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise StoreUnavailableError("the store is in use: stop the server and all that writes to it") from None
        except sqlite3.DatabaseError:
            pass  # damaged: then a restore is just what is needed
    for end in SIDE_FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{end}").rename(f"{aside}{end}")
    try:
        # The file has both names until the new one replaces it. If this process is killed before, the store is still
        # where it was.
        os.link(path, aside)
    except OSError:  # not every file system has such links
        path.rename(aside)
