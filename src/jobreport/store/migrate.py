"""Migrations: upgrades the tables of a store to the schema of this version of Jobreport, with Alembic.

A store in a file is copied before. For a store on a server, backups are the task of its administrator.
"""

import shutil
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, inspect, select
from sqlalchemy import table as table_of

from jobreport.atomic_file import PARTIAL_FILES
from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, AuditEntry
from jobreport.store import backfill
from jobreport.store.db import citus, dialect_of, locks, store_file
from jobreport.store.db.errors import OtherVersionError, StoreUnavailableError, UnusableStoreError
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import trigrams
from jobreport.store.registry import audit_log

FOLDER: Final = Path(__file__).parent / "schema" / "migrations"

_BEFORE_TRIGRAMS: Final = "0001"
"""The revision that had no index of parts of job IDs yet."""
_VERSION: Final = table_of("alembic_version", column("version_num"))
_CURRENT: Final = Prepared(select(_VERSION.c.version_num))


@cache
def revisions() -> tuple[str, ...]:
    """Returns the revisions of the schema that this version knows, oldest first. Their files' names begin with them.

    Alembic is not asked: loading it takes about an eighth of a server's start.
    """
    return tuple(sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py")))


def is_behind(connection: Connection) -> bool:
    """Whether the store needs migrations. It only reads.

    Raises UnusableStoreError if the database is of another program or of a newer version, or cannot contain a store.
    """
    dialect_of(connection).require_usable(connection)
    known, current = revisions(), _revision(connection)
    if current == known[-1]:
        return False
    if current is None and (foreign := inspect(connection).get_table_names()):
        raise UnusableStoreError(
            f"this database is not a store of Jobreport (it has a table {foreign[0]!r}); choose another"
        )
    if current is not None and current not in known:
        raise UnusableStoreError("this store was written by a newer version of Jobreport; upgrade the program")
    return True


def may_change(connection: Connection, *, migrate: bool | None, create: bool) -> bool:
    """Whether tables that are behind may be made or changed; `jobreport.store.open_store` has these two parameters."""
    if migrate:
        return True
    if dialect_of(connection).is_shared:
        return False
    return migrate is None or (create and _revision(connection) is None)


def upgrade(connection: Connection, *, copy_before: bool) -> Path | None:
    """Runs all missing migrations, within the connection's transaction. Raises the errors of `is_behind`.

    With `copy_before`, a file of an older version is copied before, and the path of the copy is returned. Raises
    StoreUnavailableError if the copy cannot be made; then nothing has changed.
    """
    from alembic import command
    from alembic.config import Config

    locks.lock(connection, locks.REGISTRY)
    if not is_behind(connection):
        return None
    version = _revision(connection)
    copied = (
        _copy_aside(connection, version) if copy_before and version and not dialect_of(connection).is_shared else None
    )
    dialect_of(connection).lift_time_limits(connection)
    citus.change_shards_in_turn(connection)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, "head")
        if version == _BEFORE_TRIGRAMS and not dialect_of(connection).has_trigram_index:
            trigrams.rebuild(connection)
        if version:
            to = str(_revision(connection))
            detail = {"from": version, "to": to}
            entry = AuditEntry(tenant=SERVICE, at=now_ticks(), actor=ITSELF, action=Action.StoreMigrated, detail=detail)
            audit_log.append(connection, entry)
    except BaseException:
        # The store stays as it was, so the copy is not needed. A service that fails to start again and again must not
        # fill the disk with copies.
        if copied:
            copied.unlink()
        raise
    return copied


def _copy_aside(connection: Connection, version: str) -> Path:
    """Copies the store's file to a new file beside it, and returns its path.

    The transaction keeps others from writing, and must not have written anything yet.
    """
    path = store_file.path_of(connection.engine.url)
    assert path
    # Nobody else can be copying now. These are of upgrades that were killed: they must not fill the disk.
    for leftover in path.parent.glob(PARTIAL_FILES):
        if leftover.name.startswith(f".{path.name}.before-upgrade-"):
            leftover.unlink(missing_ok=True)
    size = store_file.size(connection)
    if (free := shutil.disk_usage(path.parent).free) < size:
        raise StoreUnavailableError(
            f"the store is of an older version, and there is no room to copy it before its upgrade: "
            f"{size:,} bytes are needed in {path.parent}, {free:,} are free"
        )
    aside = Path(f"{path}.before-upgrade-{version}-{ticks.to_datetime(now_ticks()):%Y%m%d%H%M%S}")
    with store_file.partial_file(aside) as partial:
        store_file.copy_locked_store(path, partial)
        store_file.give_owner(partial, path, mode=False)
        store_file.put(partial, aside)
    return aside


def require_version(connection: Connection) -> None:
    """Raises OtherVersionError if the tables of an open store are not those of this version any more.

    Each transaction that writes asks this: a server of an older version would not keep what the new tables need.
    """
    if _CURRENT.rows(connection, {}) != [(revisions()[-1],)]:
        raise OtherVersionError


def require_current(connection: Connection) -> None:
    """Raises UnusableStoreError if the tables are not those of this version, or are not filled yet."""
    current = _revision(connection)
    if current != revisions()[-1]:
        if not current:
            raise UnusableStoreError(
                "the store is not migrated: it has no tables yet. If a server is just starting for the first time, try "
                "again in a moment; otherwise run `jobreport migrate` with the same --store"
            )
        raise UnusableStoreError(
            "the store is not migrated to this version of Jobreport: stop every server of the older version, and run "
            "`jobreport migrate` with the same --store"
        )
    if backfill.position(connection):
        raise UnusableStoreError(
            "the store's upgrade to this version of Jobreport is not complete: run `jobreport migrate` with the same "
            "--store, it goes on from where it was; if it is running already, wait until it ends"
        )


def _revision(connection: Connection) -> str | None:
    """Returns the revision of the store's tables; None if Alembic has never created any."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
    return revision
