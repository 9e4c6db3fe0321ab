"""Failed sign-ins, counted by client, address and minute, for the rate limit of the token endpoint.

They are in the store so that the limit counts for all worker processes together.
"""

from typing import Final

from sqlalchemy import Connection, delete, select

from jobreport.model import ticks
from jobreport.store.db import dialect_of
from jobreport.store.schema.audit import failed_sign_in

ANY_CLIENT: Final = ""
"""Stands for all clients of an address together."""
PER_MINUTE: Final = 60 * ticks.PER_SECOND


def minute_of(now: int) -> int:
    """Returns the minute of a time in ticks: the number of whole minutes since the start of year 1."""
    return now // PER_MINUTE


def failures(connection: Connection, client: str, address: str, minute: int) -> tuple[int, int]:
    """Returns how often the client failed to sign in from the address in this minute, and how often all clients did."""
    table = failed_sign_in.c
    both = table.client.in_((client, ANY_CLIENT)), table.address == address, table.minute == minute
    rows = connection.execute(select(table.client, table.count.label("failures")).where(*both))
    counts: dict[str, int] = {row.client: row.failures for row in rows}
    return counts.get(client, 0), counts.get(ANY_CLIENT, 0)


def add_failure(connection: Connection, client: str, address: str, minute: int) -> tuple[int, int]:
    """Adds one to both counts of `failures`, and returns them. Counts of earlier minutes are deleted."""
    insert = dialect_of(connection).insert_or_add(failed_sign_in, "count").returning(failed_sign_in.c.count)
    failures = []
    # Always in this order, so that two transactions never wait for each other.
    for name in (ANY_CLIENT, client):
        values = {"client": name, "address": address, "minute": minute, "count": 1}
        failures.append(int(connection.execute(insert, values).scalar_one()))
    if failures[0] == 1:
        connection.execute(delete(failed_sign_in).where(failed_sign_in.c.minute < minute - 1))
    return failures[1], failures[0]
