"""Backs up a store in a file while others read and write it, and restores such a backup."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import func, select

from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, Actor, AuditEntry
from jobreport.store import Store, StoreError, UnusableStoreError, open_store
from jobreport.store.admin import addresses
from jobreport.store.admin.addresses import Addresses
from jobreport.store.admin.check import CheckResult, check
from jobreport.store.db import engine, store_file
from jobreport.store.registry import audit_log, operator_links, sessions
from jobreport.store.schema.jobs import job
from jobreport.store.schema.registry import tenant as tenants

_OTHER_KIND: Final = "only a store in a file is backed up so; use the database's own tools for this one"


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The number of jobs in a backup, and its size in bytes."""

    jobs: int
    bytes: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of jobs and tenants in the restored store, and of kept counts that were repaired.

    `aside` is the new name of the store that was there before; empty if there was none. `addresses` of inboxes and ping
    keys are valid, `ended` were ended on the way. `compared`: the store that was there told which.
    """

    jobs: int
    tenants: int
    repaired: int
    aside: str
    addresses: int = 0
    ended: int = 0
    compared: bool = False


class OccupiedStoreError(StoreError):
    """Raised if the store that is to be replaced is not empty."""


def backup(
    store: Store, path: Path, *, force: bool = False, on_progress: Callable[[int, int], None] | None = None
) -> BackedUp:
    """Writes one consistent snapshot of `store` to `path`. Only the owner can read the file.

    The file appears under its name only when it is complete, on disk, and has been checked. `on_progress` is called
    with the number of pages that are copied and the number of all pages. Raises FileExistsError if there is a file at
    `path`, unless `force`; StoreError if the backup cannot be written.
    """
    if path.exists() and not force:
        raise FileExistsError(path)
    if store.is_shared:
        raise UnusableStoreError(_OTHER_KIND)
    with store_file.partial_file(path) as partial:
        with store.reading() as connection:
            jobs: int = connection.execute(select(func.count()).select_from(job)).scalar_one()
            # This transaction sees one snapshot, so the copy does not have to start again when somebody writes.
            store_file.copy_store(connection, partial, on_progress)
        faults = store_file.faults(partial)
        copied = _jobs_in(partial)
        if faults or copied != jobs:
            raise StoreError(f"the backup is not what it should be: {'; '.join(faults) or f'{copied} jobs of {jobs}'}")
        store_file.put(partial, path)
    return BackedUp(jobs=jobs, bytes=path.stat().st_size)


def _jobs_in(file: Path) -> int:
    with store_file.opened(file) as connection:
        (jobs,) = connection.execute("SELECT count(*) FROM job").fetchone()
    return int(jobs)


def restore(
    file: Path, url: str, *, replace: bool = False, end_addresses: bool = False, by: Actor = ITSELF
) -> Restored:
    """Puts a copy of the backup `file` in the place of the store at `url`. `file` itself is only read.

    Addresses of inboxes, and ping keys, become those of the store that is replaced, if that can be read: what was
    replaced or revoked after the backup stays so. `end_addresses` ends all of them.

    The audit log of the restored store gets an entry about this, and the sessions of all operators are ended. The new
    file gets the owner and the mode of the file that it replaces; if there was none, the owner of its folder.

    Raises OccupiedStoreError if the store at `url` is not empty, unless `replace`: then it gets another name. Raises
    UnusableStoreError if the file is damaged, is no store, or was written by a newer version; StoreUnavailableError if
    the store is in use. After an error nothing has changed.
    """
    path = store_file.path_of(engine.parse(url))
    if path is None:
        raise UnusableStoreError(_OTHER_KIND)
    if path.exists() and path.samefile(file):
        raise UnusableStoreError("the file is the store itself")
    _require_ours(file)
    if not replace and _is_occupied(path):
        raise OccupiedStoreError(f"there is a store with something in it at {path}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with store_file.partial_file(path) as partial:
        store_file.copy_file(file, partial)
        with closing(open_store(store_file.url_of(partial), create=False, copy_before=False)) as store:
            result = check(store, repair=True)
            if result.faults:
                raise UnusableStoreError(f"the file is damaged: {result.faults[0]}")
            found, compared = _addresses(store, path, end=end_addresses)
            _note(store, result, found, by)
        store_file.give_owner(partial, path)
        aside = _put_aside(path)
        store_file.put(partial, path)
    return Restored(
        jobs=result.jobs,
        tenants=result.tenants,
        repaired=len(result.differences),
        aside=aside,
        addresses=found.valid,
        ended=found.ended,
        compared=compared,
    )


def _addresses(restored: Store, path: Path, *, end: bool) -> tuple[Addresses, bool]:
    """Mends the addresses of inboxes. Returns them, and whether the store at `path` told which were valid last."""
    with restored.writing() as connection:
        if end:
            return addresses.end_all(connection), False
        try:
            with (
                closing(open_store(store_file.url_of(path), create=False, migrate=False)) as replaced,
                replaced.reading() as before,
            ):
                # An empty store says nothing about the addresses of another.
                if before.execute(select(tenants.c.tenant).limit(1)).first() is not None:
                    return addresses.carry(connection, before), True
        except StoreError:
            pass  # none, or one that cannot be read
        return addresses.of(connection), False


def _note(store: Store, found: CheckResult, left: Addresses, by: Actor) -> None:
    with store.writing() as connection:
        # Some of them may have been ended since the backup was made.
        ended = sessions.end_everybodys(connection)
        operator_links.end_all(connection)
        entry = AuditEntry(
            tenant=SERVICE,
            at=store.clock(),
            actor=by,
            action=Action.StoreRestored,
            detail={
                "jobs": found.jobs,
                "repaired": len(found.differences),
                "sessionsEnded": ended,
                "addressesEnded": left.ended,
            },
        )
        audit_log.append(connection, entry)


def _require_ours(file: Path) -> None:
    """Raises UnusableStoreError if the file is not a store."""
    with store_file.opened(file) as source:
        ours = source.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'job')")
        if ours.fetchone() != (2,):
            raise UnusableStoreError("the file is no backup of a store: it is another program's database")


def _is_occupied(path: Path) -> bool:
    """Whether there is something at `path`, other than an empty file or an empty store of this version."""
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with (
            closing(open_store(store_file.url_of(path), create=False, migrate=False)) as store,
            store.reading() as connection,
        ):
            return connection.execute(select(tenants.c.tenant).limit(1)).first() is not None
    except StoreError:
        return True


def _put_aside(path: Path) -> str:
    """Gives the store at `path` another name, and returns this name; empty if there was no store."""
    if not path.exists():
        return ""
    aside = f"{path}.before-restore-{ticks.to_datetime(now_ticks()):%Y%m%d%H%M%S}"
    store_file.move_aside(path, Path(aside))
    return aside
