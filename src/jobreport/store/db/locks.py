"""What a transaction is about to change in; the right to be the only one that does, until the transaction ends, out.

SQLite has one writer at a time anyway. In PostgreSQL whoever reads, judges and writes takes one of these locks
before he reads; each statement after that sees what the one before him committed.
"""

from typing import Final

from sqlalchemy import Connection, Integer, bindparam, func, select

REGISTRY: Final = 0
"""Tenants, app registrations, signing keys and the schema. A tenant's own number, from 1, stands for its jobs."""
WATCH: Final = -1
"""The pulse of the watch for silent jobs."""

# Keep our numbers apart from those of another program in the same database.
_SPACE: Final = 0x4A52
_CHAINS: Final = 0x4A53
_LOCK: Final = select(func.pg_advisory_xact_lock(bindparam("space", type_=Integer), bindparam("what", type_=Integer)))


def alone(connection: Connection, what: int) -> None:
    """Waits until no other transaction holds `what`, and holds it until this one ends.

    Who holds one lock of a tenant asks for no other, and there is one watch: nobody waits in a circle.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"space": _SPACE, "what": what})


def chain(connection: Connection, tenant: int) -> None:
    """The same for the tenant's chain of the audit log, beside any other lock: it is the last that is asked for."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"space": _CHAINS, "what": tenant})
