"""The name of what only one process does at a time in; whether it is this one's turn out."""

from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import locks
from jobreport.store.schema.jobs import pulse

_AHEAD: Final = 3600 * ticks.PER_SECOND
"""A turn that lasts so much longer was taken by a wrong clock, which must not stop everybody until then."""
_SET: Final = update(pulse).where(pulse.c.name == bindparam("of")).values(ticks=bindparam("until"))


def take(store: Store, name: str, seconds: int) -> bool:
    """Whether it is this process's turn: nobody else's is for so many seconds then, unless it is given back."""
    now = store.clock()
    until = now + seconds * ticks.PER_SECOND
    with store.writing() as connection:
        locks.lock(connection, locks.LEASES)
        taken = connection.execute(select(pulse.c.ticks).where(pulse.c.name == name)).scalar()
        if taken is None:
            connection.execute(insert(pulse).values(name=name, ticks=until))
            return True
        if now < taken < until + _AHEAD:
            return False
        connection.execute(_SET, {"of": name, "until": until})
    return True


def extend(store: Store, name: str, seconds: int) -> None:
    """Goes on with a turn that was taken, for so many seconds from now."""
    with store.writing() as connection:
        connection.execute(_SET, {"of": name, "until": store.clock() + seconds * ticks.PER_SECOND})


def give_back(store: Store, name: str) -> None:
    """Ends a turn that was taken."""
    with store.writing() as connection:
        connection.execute(delete(pulse).where(pulse.c.name == name))
