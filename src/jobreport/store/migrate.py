"""A connection in; its tables brought to this version's schema, or a sentence why they cannot be."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from jobreport.store import locks, postgresql
from jobreport.store.errors import UnusableStoreError

FOLDER: Final = Path(__file__).parent / "migrations"


def is_behind(connection: Connection) -> bool:
    """Whether migrations are missing; reads only.

    UnusableStoreError for a foreign database, for one of a newer version, and for one that cannot be a store.
    """
    if connection.dialect.name == "postgresql":
        postgresql.check(connection)
    script = ScriptDirectory(str(FOLDER))
    current = _revision(connection)
    if current == script.get_current_head():
        return False
    if current is None and (foreign := inspect(connection).get_table_names()):
        raise UnusableStoreError(
            f"this database is not a store of Jobreport (it has a table {foreign[0]!r}); choose another"
        )
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise UnusableStoreError("this store was written by a newer version of Jobreport; upgrade the program")
    return True


def upgrade(connection: Connection) -> None:
    """Runs every migration that is missing, within the connection's transaction; errors of `is_behind`."""
    locks.alone(connection, locks.REGISTRY)
    if is_behind(connection):
        postgresql.be_patient(connection)
        postgresql.shard_by_shard(connection)
        command.upgrade(_config(connection), "head")


def require_current(connection: Connection) -> None:
    """UnusableStoreError where the tables are not those of this version."""
    if _revision(connection) != ScriptDirectory(str(FOLDER)).get_current_head():
        raise UnusableStoreError(
            "the store is not migrated to this version of Jobreport: run `jobreport migrate` with the same --store"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
