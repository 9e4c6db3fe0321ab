"""Locks that a transaction holds until it ends. Take one before you read what you are going to change.

SQLite has one writer at a time anyway, so there they cost nothing. In PostgreSQL they are advisory locks: each
statement after one sees what the transaction that held it before has committed.

Nobody waits in a circle: a transaction takes one lock of a tenant at the most, then the locks of audit chains.
"""

from typing import Final

from sqlalchemy import Connection

from jobreport.store.db import dialect_of

REGISTRY: Final = 0
"""Tenants, app registrations, signing keys and the schema. A tenant's own number, from 1, stands for its jobs."""
LEASES: Final = -1
"""The leases of services, and the heartbeat of the watch for stalled jobs."""

# Keep our numbers apart from those of another program in the same database.
_SPACE: Final = 0x4A52
_CHAINS: Final = 0x4A53


def lock(connection: Connection, number: int) -> None:
    """Waits until no other transaction holds `REGISTRY`, `LEASES`, or the jobs of the tenant with this number."""
    dialect_of(connection).lock(connection, _SPACE, number)


def lock_chain(connection: Connection, tenant: int) -> None:
    """Waits for the tenant's chain of the audit log. It is the last lock that a transaction takes."""
    dialect_of(connection).lock(connection, _CHAINS, tenant)
