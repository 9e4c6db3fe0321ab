"""Locks that a transaction holds until it ends. Take a lock before you read the rows that you are going to change.

SQLite has only one writer at a time, so there the locks do nothing. In PostgreSQL they are advisory locks. A statement
after the lock sees everything that earlier holders of the lock have committed.

There are no deadlocks: a transaction takes the lock of the registry first, then that of a tenant, and after it the
locks of audit chains. The few that take the locks of several tenants take them in the order of their numbers.
"""

from typing import Final

from sqlalchemy import Connection

from jobreport.store.db import dialect_of

REGISTRY: Final = 0
"""The lock for tenants, app registrations, signing keys and the schema. The lock for the jobs of a tenant is the
tenant's number, from 1."""
LEASES: Final = -1
"""The lock for the leases of services, and for the heartbeat of the watch for stalled jobs."""
FAILURES: Final = -2
"""The lock for the failed sign-ins of operators."""

# These keep our locks apart from those of another program in the same database.
_SPACE: Final = 0x4A52
_CHAINS: Final = 0x4A53


def lock(connection: Connection, number: int) -> None:
    """Waits for a lock and takes it: `REGISTRY`, `LEASES`, `FAILURES`, or that of the jobs of the tenant with this
    number.
    """
    dialect_of(connection).lock(connection, _SPACE, number)


def lock_chain(connection: Connection, tenant: int) -> None:
    """Waits for the lock of the tenant's audit chain and takes it. No other kind of lock may be taken after it."""
    dialect_of(connection).lock(connection, _CHAINS, tenant)
