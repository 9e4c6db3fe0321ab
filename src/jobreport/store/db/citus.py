"""Citus: PostgreSQL on several nodes, with the tables split by tenant. Nobody needs it; docs/how-to/citus.md."""

from sqlalchemy import Connection


def is_installed(connection: Connection) -> bool:
    """Whether the database is one of a Citus cluster."""
    if connection.dialect.name != "postgresql":
        return False
    found = connection.exec_driver_sql("SELECT count(*) FROM pg_extension WHERE extname = 'citus'").scalar_one()
    return bool(found)


def is_worker(connection: Connection) -> bool:
    """Whether it is a worker and not the coordinator.

    Each node has advisory locks of its own, so writers that went through several would not know of each other.
    """
    if not is_installed(connection):
        return False
    return bool(connection.exec_driver_sql("SELECT groupid FROM pg_dist_local_group").scalar())


def change_shards_in_turn(connection: Connection) -> None:
    """Changes the shards of a table one after another in this transaction; without Citus it has no effect.

    Several statements may then change and read the same tables. Citus refuses that where it changed them in parallel.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
