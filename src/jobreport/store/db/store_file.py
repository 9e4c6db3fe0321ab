"""The file of a store: copied while others use it, looked into, and moved.

Only for a store in a file (`Dialect.is_shared` is False). SQLite may have further files beside it, `SIDE_FILES`, which
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
"""The ends of the names of what SQLite writes beside a database."""
_HEADER: Final = b"SQLite format 3\0"
_PAGES: Final = 4096
"""Pages that are copied at a time."""


def path_of(url: URL) -> Path | None:
    """Where the file of a parsed URL is; None where the store is on a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def url_of(path: Path) -> str:
    """The URL of the store in a file."""
    return f"sqlite:///{quote(str(path.absolute()), safe='/:')}"


def size(connection: Connection) -> int:
    """The size in bytes that the file has, or will have when its log is written back."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    found: int = connection.exec_driver_sql(pages).scalar_one()
    return found


def copy_store(connection: Connection, partial: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Copies all that the connection's transaction sees into the empty file `partial`.

    `on_progress` is told the pages copied and all of them. StoreUnavailableError where the copy cannot be written,
    UnusableStoreError where the store is damaged.
    """
    _copy(driver_of(connection), partial, on_progress)


def copy_locked_store(path: Path, partial: Path) -> None:
    """Copies the store's file while a transaction of this process, which has written nothing yet, locks it.

    SQLite copies nothing through a connection that is about to write, so this opens another one. Errors: see
    `copy_store`.
    """
    with closing(sqlite3.connect(path)) as source:
        _copy(source, partial)


def copy_file(file: Path, partial: Path) -> None:
    """Copies the file of a store, which is only read, and which no connection of this process has open.

    Errors: see `copy_store`.
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
            # Without a log, the copy is one file, and can be read where nothing may be written.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise StoreUnavailableError(f"the copy cannot be written: {error}") from None
    except sqlite3.DatabaseError:
        raise UnusableStoreError("what is to be copied is damaged") from None


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The database in a file, to be read only. UnusableStoreError where it is no database, or damaged.

    No other connection of this process may have the file open: closing it takes their locks away (see `sqlite`).
    """
    with file.open("rb") as raw:
        if raw.read(len(_HEADER)) != _HEADER:
            raise UnusableStoreError("the file is no backup of a store: it is no SQLite database")
    # A database whose writer has left a log beside it is read with that log.
    mode = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file.absolute()))}?{mode}", uri=True)) as connection:
            yield connection
    except sqlite3.DatabaseError:
        raise UnusableStoreError("the file is damaged") from None


def faults(file: Path) -> list[str]:
    """What SQLite's own check of a file complains of, five lines at the most."""
    with opened(file) as connection:
        return [line for (line,) in connection.execute("PRAGMA integrity_check(5)") if line != "ok"]


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """A new file of its owner alone beside `path`, which is removed in the end unless `put` has moved it."""
    with ExitStack() as stack:
        with _writable(path):
            partial = stack.enter_context(atomic_file.partial_file(path))
        try:
            yield partial
        finally:
            for end in SIDE_FILES:
                Path(f"{partial}{end}").unlink(missing_ok=True)


def give_owner(partial: Path, path: Path) -> None:
    """Gives the file `partial` the owner and mode of the file at `path`; if there is none, the owner of its folder.

    So the user of a service can still open what root puts into place. Another user than root owns it already.
    StoreUnavailableError if somebody has put another file into the place of `partial`.
    """
    if not hasattr(os, "fchown"):  # not on Windows
        return
    found = path if path.exists() else path.parent
    with _writable(path):
        like = found.stat()
        # The folder may belong to a user who puts a link to a file of root's here, and would be given that file.
        descriptor = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        ours = os.fstat(descriptor)
        if ours.st_uid != os.geteuid() or ours.st_nlink != 1:
            raise StoreUnavailableError(f"somebody changed {partial} meanwhile")
        if os.geteuid() == 0:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        if found is path:
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
    finally:
        os.close(descriptor)


def put(partial: Path, path: Path) -> None:
    """Moves the whole file into place, so that after a power cut there is the old one or the new one."""
    with _writable(path):
        atomic_file.put(partial, path)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(f"nothing can be written to the folder of {path}: {error.strerror}") from None


def move_aside(path: Path, aside: Path) -> None:
    """Gives the store's file, with its log, another name. The old name stays too, where the file system has hard links.

    StoreUnavailableError where another process has it open: that one would go on writing to it.
    """
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as old:
        try:
            # SQLite writes the log back into the file only for the last one who has it open.
            old.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise StoreUnavailableError("the store is in use: stop the server and all that writes to it") from None
        except sqlite3.DatabaseError:
            pass  # damaged: a good reason to restore
    for end in SIDE_FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{end}").rename(f"{aside}{end}")
    try:
        # Under both names until the other file is put in place: killed in between, this leaves the store where it was.
        os.link(path, aside)
    except OSError:  # not every file system has such links
        path.rename(aside)
