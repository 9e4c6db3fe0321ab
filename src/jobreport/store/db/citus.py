"""Citus: PostgreSQL on several nodes, with the tables split by tenant. It is optional; see docs/how-to/citus.md."""

from sqlalchemy import Connection


def is_installed(connection: Connection) -> bool:
    """Whether the database belongs to a Citus cluster."""
    if connection.dialect.name != "postgresql":
        return False
    found = connection.exec_driver_sql("SELECT count(*) FROM pg_extension WHERE extname = 'citus'").scalar_one()
    return bool(found)


def is_worker(connection: Connection) -> bool:
    """Whether the node is a worker of a Citus cluster, not the coordinator. A store must not be opened on a worker.

    Each node has its own advisory locks. So writers on different nodes would not wait for each other.
    """
    if not is_installed(connection):
        return False
    return bool(connection.exec_driver_sql("SELECT groupid FROM pg_dist_local_group").scalar())


def change_shards_in_turn(connection: Connection) -> None:
    """Makes this transaction change the shards of a table one after another. Without Citus it has no effect.

    Then several statements may change and read the same tables. Citus refuses that after it changed shards in parallel.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
