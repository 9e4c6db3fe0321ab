"""Leases: only one process of a store at a time does the work of a service, as long as it has the service's lease."""

from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.schema.jobs import lease

_AHEAD: Final = 3600 * ticks.PER_SECOND
"""If a lease ends more than this after the latest possible end, it was taken by a process with a wrong clock. It is
ignored, since otherwise nobody could do the work until then."""
_SET: Final = update(lease).where(lease.c.name == bindparam("of")).values(ticks=bindparam("until"))


def acquire(store: Store, name: str, seconds: int) -> bool:
    """Takes the lease called `name` for `seconds`. Returns False if another process has it."""
    now = store.clock()
    until = now + seconds * ticks.PER_SECOND
    with store.writing() as connection:
        locks.lock(connection, locks.LEASES)
        taken = connection.execute(select(lease.c.ticks).where(lease.c.name == name)).scalar()
        if taken is None:
            connection.execute(insert(lease).values(name=name, ticks=until))
            return True
        if now < taken < until + _AHEAD:
            return False
        connection.execute(_SET, {"of": name, "until": until})
    return True


def extend(store: Store, name: str, seconds: int) -> None:
    """Extends a lease that this process has: it then ends `seconds` from now."""
    with store.writing() as connection:
        connection.execute(_SET, {"of": name, "until": store.clock() + seconds * ticks.PER_SECOND})


def release(store: Store, name: str) -> None:
    """Ends a lease that this process has."""
    with store.writing() as connection:
        connection.execute(delete(lease).where(lease.c.name == name))
