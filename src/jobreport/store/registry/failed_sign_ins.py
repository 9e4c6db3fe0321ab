"""Sign-ins that were refused, counted by client, address and minute, so that every worker of a store knows them."""

from typing import Final

from sqlalchemy import Connection, delete, select

from jobreport.model import ticks
from jobreport.store.db import dialect_of
from jobreport.store.schema.audit import refusal

ANY_CLIENT: Final = ""
"""Stands for all clients of an address together."""
PER_MINUTE: Final = 60 * ticks.PER_SECOND


def minute_of(now: int) -> int:
    """The minute of a time in ticks, counted from year 1."""
    return now // PER_MINUTE


def refused(connection: Connection, client: str, address: str, minute: int) -> tuple[int, int]:
    """How often the client was refused at the address in this minute, and how often any client was there."""
    rows = connection.execute(
        select(refusal.c.client, refusal.c.count.label("failures")).where(
            refusal.c.client.in_((client, ANY_CLIENT)), refusal.c.address == address, refusal.c.minute == minute
        )
    )
    counts: dict[str, int] = {row.client: row.failures for row in rows}
    return counts.get(client, 0), counts.get(ANY_CLIENT, 0)


def count(connection: Connection, client: str, address: str, minute: int) -> tuple[int, int]:
    """Adds one refusal to both counts, and gives them; counts of earlier minutes are taken away with the first."""
    insert = dialect_of(connection).insert_or_add(refusal, "count").returning(refusal.c.count)
    found = []
    # In one order, so that nobody waits for whom he keeps waiting.
    for name in (ANY_CLIENT, client):
        values = {"client": name, "address": address, "minute": minute, "count": 1}
        found.append(int(connection.execute(insert, values).scalar_one()))
    if found[0] == 1:
        connection.execute(delete(refusal).where(refusal.c.minute < minute - 1))
    return found[1], found[0]
