"""A store in, one file that holds all of it out, while others write; and such a file back into its place."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
from sqlalchemy import func, select

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store, StoreError, StoreUnavailableError, UnusableStoreError, open_store
from jobreport.store.admin.check import Checked, check
from jobreport.store.db import engine, file_copy
from jobreport.store.registry import audit_log
from jobreport.store.schema.jobs import job
from jobreport.store.schema.registry import tenant as tenants

_HEADER: Final = b"SQLite format 3\0"
_OTHER_KIND: Final = "only a store in a file is backed up so; use the database's own tools for this one"


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, and its size in bytes."""

    jobs: int
    bytes: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put into place; `repaired` counts that were wrong; where the store went that was there before."""

    jobs: int
    tenants: int
    repaired: int
    aside: str


class OccupiedStoreError(StoreError):
    """There is a store with something in it where another is to go."""


def backup(
    store: Store, path: Path, *, force: bool = False, moved: Callable[[int, int], None] | None = None
) -> BackedUp:
    """Writes all of `store`, as it is at one moment, to `path`: readable by its owner alone, on disk when it returns.

    `path` is only there once it is whole and was read again. `moved` is told the pages done and all of them.
    FileExistsError where it exists already, unless `force`; StoreError where it cannot be written.
    """
    if path.exists() and not force:
        raise FileExistsError(path)
    with file_copy.beside(path) as partial:
        with store.reading() as connection:
            if connection.dialect.name != "sqlite":
                raise UnusableStoreError(_OTHER_KIND)
            jobs: int = connection.execute(select(func.count()).select_from(job)).scalar_one()
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            # This transaction holds its moment, so that no writer makes the copy begin again.
            file_copy.copy(source, partial, moved)
        with closing(sqlite3.connect(partial)) as target:
            faults = [line for (line,) in target.execute("PRAGMA integrity_check(5)") if line != "ok"]
            (copied,) = target.execute("SELECT count(*) FROM job").fetchone()
        if faults or copied != jobs:
            raise StoreError(f"the backup is not what it should be: {'; '.join(faults) or f'{copied} jobs of {jobs}'}")
        file_copy.put(partial, path)
    return BackedUp(jobs=jobs, bytes=path.stat().st_size)


def restore(file: Path, url: str, *, replace: bool = False, by: Actor = ITSELF) -> Restored:
    """Puts the backup `file` into the place of the store at `url`; `file` itself is only read.

    Its audit log says so from then on.

    OccupiedStoreError where there is a store with something in it, unless `replace`: then that one is put aside.
    UnusableStoreError for a file that is damaged, foreign or of a newer version, StoreUnavailableError where the
    store is in use: nothing was changed then.
    """
    parsed = engine.parse(url)
    if parsed.get_backend_name() != "sqlite":
        raise UnusableStoreError(_OTHER_KIND)
    path = Path(str(parsed.database))
    if path.exists() and path.samefile(file):
        raise UnusableStoreError("the file is the store itself")
    _require_ours(file)
    if not replace and _occupied(path):
        raise OccupiedStoreError(f"there is a store with something in it at {path}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file_copy.beside(path) as partial:
        with closing(_opened(file)) as source:
            file_copy.copy(source, partial)
        with closing(open_store(_url(partial), create=False, keep=False)) as store:
            found = check(store, repair=True)
            if found.faults:
                raise UnusableStoreError(f"the file is damaged: {found.faults[0]}")
            _note(store, found, by)
        aside = _put_aside(path)
        file_copy.put(partial, path)
    return Restored(jobs=found.jobs, tenants=found.tenants, repaired=len(found.differences), aside=aside)


def _note(store: Store, found: Checked, by: Actor) -> None:
    entry = AuditEntry(
        tenant=SERVICE,
        at=store.clock(),
        actor=by,
        action=Action.StoreRestored,
        detail={"jobs": found.jobs, "repaired": len(found.differences)},
    )
    with store.writing() as connection:
        audit_log.append(connection, entry)


def _require_ours(file: Path) -> None:
    """UnusableStoreError for what is no store; the file is only read."""
    with file.open("rb") as raw:
        if raw.read(len(_HEADER)) != _HEADER:
            raise UnusableStoreError("the file is no backup of a store: it is no SQLite database")
    try:
        with closing(_opened(file)) as source:
            ours = source.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'job')")
            if ours.fetchone() != (2,):
                raise UnusableStoreError("the file is no backup of a store: it is another program's database")
    except sqlite3.DatabaseError:
        raise UnusableStoreError("the file is damaged") from None


def _opened(file: Path) -> sqlite3.Connection:
    """A database that is only read. One whose writer has left a log beside it is read with that log."""
    mode = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?{mode}", uri=True)


def _occupied(path: Path) -> bool:
    """Whether there is anything at `path` but an empty store of this version."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(open_store(_url(path), create=False, migrate=False)) as store, store.reading() as connection:
            return connection.execute(select(tenants.c.tenant).limit(1)).first() is not None
    except StoreError:
        return True


def _put_aside(path: Path) -> str:
    """Gives the store at `path` another name, which it returns; empty where there is none.

    StoreUnavailableError where somebody else has it open: he would go on writing to what is no longer the store.
    """
    if not path.exists():
        return ""
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as old:
        try:
            # Only for the last who has it open does the log go into the file.
            old.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreUnavailableError("the store is in use: stop the server and all that writes to it") from None
        except sqlite3.DatabaseError:
            pass  # damaged: a good reason to restore
    aside = f"{path}.before-restore-{ticks.to_datetime(now_ticks()):%Y%m%d%H%M%S}"
    for side in file_copy.SIDE_FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{side}").rename(f"{aside}{side}")
    try:
        # Under both names until the other is in place: killed in between, this leaves the store where it was.
        os.link(path, aside)
    except OSError:  # not every file system has such links
        path.rename(aside)
    return aside


def _url(path: Path) -> str:
    return f"sqlite:///{quote(str(path.absolute()), safe='/:')}"
