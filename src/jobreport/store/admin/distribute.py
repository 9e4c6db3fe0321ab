"""Distributes the tables of a store over the nodes of a Citus cluster, split by tenant."""

from typing import Final

import msgspec
from sqlalchemy import Connection, Table, text

from jobreport.store import Store
from jobreport.store.db import citus, dialect_of, locks
from jobreport.store.db.errors import UnusableStoreError
from jobreport.store.schema.registry import tenant as tenants

_TABLES: Final = tenants.metadata.sorted_tables
"""Our tables. Each comes after the tables to which it has foreign keys."""
_KEY: Final = "tenant"
_NODES: Final = text(
    "SELECT count(*) FILTER (WHERE groupid = 0) AS known, count(*) FILTER (WHERE shouldhaveshards) AS holders"
    " FROM pg_dist_node WHERE isactive AND noderole = 'primary'"
)
_PLACED: Final = text(
    "SELECT relname FROM citus_tables JOIN pg_class ON pg_class.oid = table_name"
    " WHERE citus_table_type IN ('distributed', 'reference')"
)
_SPLIT: Final = text("SELECT create_distributed_table(:name, :key, colocate_with => :beside)")
_COPY: Final = text("SELECT create_reference_table(:name)")
_CLEAR: Final = text("SELECT truncate_local_data_after_distributing_table(:name)")


class Distributed(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the tables that this call split by tenant, and of those that it copied to every node."""

    split: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()


def distribute(store: Store) -> Distributed:
    """Distributes every table that is not distributed yet, with its rows, in one transaction. Writers wait for it.

    All rows of a tenant are put on one node, so that its jobs and their counts change in one transaction there. The few
    rows that all tenants share are copied to every node. Raises UnusableStoreError if there is no cluster.
    """
    with store.writing() as connection:
        if not citus.is_installed(connection):
            raise UnusableStoreError(
                "only a store on a Citus cluster can be distributed: this database has not the extension citus"
            )
        _require_nodes(connection)
        dialect_of(connection).lift_time_limits(connection)
        citus.change_shards_in_turn(connection)
        locks.lock(connection, locks.REGISTRY)
        placed = _placed(connection)
        copied = tuple(table.name for table in _TABLES if table.name not in placed and not belongs_to_tenant(table))
        split = tuple(table.name for table in _TABLES if table.name not in placed and belongs_to_tenant(table))
        for name in copied:
            connection.execute(_COPY, {"name": name})
        # The rows of one tenant must be on the same node in all tables.
        beside = next((table.name for table in _TABLES if table.name in placed and belongs_to_tenant(table)), "none")
        for name in split:
            connection.execute(_SPLIT, {"name": name, "key": _KEY, "beside": beside})
            beside = name
        for name in (*split, *copied):
            # Citus only hides the old rows on the coordinator; without this they would take up space for ever.
            connection.execute(_CLEAR, {"name": name})
    return Distributed(split=split, copied=copied)


def belongs_to_tenant(table: Table) -> bool:
    """Whether each row of the table belongs to a tenant: its primary key begins with the tenant's number.

    The table of tenants itself is shared by all, so it does not count.
    """
    return table is not tenants and table.primary_key.columns[0].name == _KEY


def is_distributed(store: Store) -> bool:
    """Whether tables of the store are distributed. Then tables that a later version adds must be distributed too."""
    with store.reading() as connection:
        return citus.is_installed(connection) and not _placed(connection).isdisjoint(table.name for table in _TABLES)


def _placed(connection: Connection) -> set[str]:
    return set(connection.execute(_PLACED).scalars())


def _require_nodes(connection: Connection) -> None:
    nodes = connection.execute(_NODES).one()
    if not nodes.known:
        raise UnusableStoreError(
            "the coordinator does not know its own address: run SELECT citus_set_coordinator_host('name') in it"
        )
    if not nodes.holders:
        raise UnusableStoreError(
            "the cluster has no node for the tables: run SELECT citus_add_node('name', 5432) in it"
        )
