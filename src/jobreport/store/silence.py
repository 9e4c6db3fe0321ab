"""The time in, the jobs that died in silence marked as Failed; time in which no service ran does not count."""

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, case, insert, select, update

from jobreport.model import ticks
from jobreport.model.verdict import presume_failed
from jobreport.store.rows import WHOLE, stored
from jobreport.store.schema import job as table
from jobreport.store.schema import pulse
from jobreport.store.write import write

_BATCH = 500
_PULSE = "silence"
_SET_BACK = 3600 * ticks.PER_SECOND
"""A beat so far in the future was made by a wrong clock, which must not stop the watch until then."""


def listen(connection: Connection, now: int, tolerance: int) -> int:
    """One beat of the watch: how many jobs were presumed to have failed. Times are ticks.

    Nobody could hear a job while no service was beating. So where the last beat is longer ago than
    `tolerance`, every deadline moves on by the time that was not listened to.
    """
    last = connection.execute(select(pulse.c.ticks).where(pulse.c.name == _PULSE)).scalar()
    if last is None:
        connection.execute(insert(pulse).values(name=_PULSE, ticks=now))
        last = 0
    if now <= last < now + _SET_BACK:  # another process beat already, perhaps by a clock that is a little ahead
        return 0
    connection.execute(update(pulse).where(pulse.c.name == _PULSE).values(ticks=now))
    if now - last > tolerance:
        heard_later = case((table.c.heard > last, table.c.heard), else_=last)
        connection.execute(
            update(table).where(table.c.deadline.is_not(None)).values(deadline=table.c.deadline + now - heard_later)
        )
    return _presume(connection, now)


def _presume(connection: Connection, now: int) -> int:
    overdue: Select[Any] = (
        select(*WHOLE, table.c.tenant).where(table.c.deadline < now).order_by(table.c.tenant).limit(_BATCH)
    )
    presumed = 0
    while rows := connection.execute(overdue).all():
        for tenant, own in groupby(rows, key=lambda row: row.tenant):
            silent = [stored(row) for row in own]
            write(connection, tenant, [(old, presume_failed(old)) for old in silent], now)
        presumed += len(rows)
    return presumed
