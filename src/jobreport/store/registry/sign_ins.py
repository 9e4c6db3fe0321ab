"""Numbers of sign-ins, by app, address and hour, until they are entries of the audit log: one for each app and hour.

An entry for each single sign-in would make the audit log grow with every client's every token.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, AuditEntry, Detail
from jobreport.store.db import dialect_of, locks
from jobreport.store.registry import audit_log
from jobreport.store.schema.audit import sign_in as table
from jobreport.store.schema.registry import app

Key = tuple[str, str, int]
"""The client ID, empty where there is no such app; the address; the hour (UTC), counted from year 1."""
Counts = Mapping[Key, tuple[int, int]]
"""How often a client was given a token, and how often it was refused."""

ADDRESSES: Final = 20
"""So many addresses an entry lists, those with the most sign-ins; the others are added up."""
_HOUR: Final = 3600 * ticks.PER_SECOND
_SETTLED: Final = 60 * ticks.PER_SECOND
"""How long after its end an hour's counts may still come in."""
_BATCH: Final = 500
_SOME: Final = select(app.c.client_id).where(app.c.client_id.in_(bindparam("clients", expanding=True)))


def hour_of(now: int) -> int:
    """The hour of a time in ticks, counted from year 1."""
    return now // _HOUR


def add(connection: Connection, counts: Counts) -> None:
    """Adds the counts to those that are stored. Client IDs that no app has are counted together."""
    known = _known(connection, {client for client, _, _ in counts if client})
    kept: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for (client, address, hour), numbers in counts.items():
        of = kept[client if client in known else "", address, hour]
        of[0] += numbers[0]
        of[1] += numbers[1]
    insert = dialect_of(connection).insert_or_add(table, "granted", "refused")
    # In the order of the key, so that two processes never wait for each other in a circle.
    for (client, address, hour), (granted, refused) in sorted(kept.items()):
        values = {"client": client, "address": address, "hour": hour, "granted": granted, "refused": refused}
        connection.execute(insert, values)


def _known(connection: Connection, clients: Iterable[str]) -> set[str]:
    listed = sorted(clients)
    found: set[str] = set()
    for first in range(0, len(listed), _BATCH):
        found.update(connection.execute(_SOME, {"clients": listed[first : first + _BATCH]}).scalars())
    return found


def move_to_audit_log(connection: Connection, now: int) -> int:
    """Moves the counts of hours that are over into the audit log, and returns the number of entries.

    `now` is in ticks. Counts that a worker adds late make a second entry for their hour.
    """
    locks.lock(connection, locks.LEASES)
    over = table.c.hour < hour_of(now - _SETTLED)
    counted: defaultdict[tuple[int, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in connection.execute(select(table).where(over)):
        counted[row.hour, row.client][row.address] = row.granted, row.refused
    if not counted:
        return 0
    owners = _owners(connection, {client for _, client in counted})
    entries: list[AuditEntry] = []
    for (hour, client), by_address in sorted(counted.items()):
        for place, action in enumerate((Action.SignedIn, Action.SignInRefused)):
            numbers = {address: counts[place] for address, counts in by_address.items() if counts[place]}
            if not numbers:
                continue
            entries.append(
                AuditEntry(
                    tenant=owners.get(client, SERVICE),
                    at=now,
                    actor=ITSELF,
                    action=action,
                    target=f"app:{client}" if client else "unknown apps",
                    detail=_detail(hour, numbers),
                )
            )
    connection.execute(delete(table).where(over))
    audit_log.append(connection, *entries)
    return len(entries)


def _owners(connection: Connection, clients: Iterable[str]) -> dict[str, int]:
    """The tenant of each app."""
    listed = sorted(clients)
    found: dict[str, int] = {}
    for first in range(0, len(listed), _BATCH):
        of = select(app.c.client_id, app.c.tenant).where(app.c.client_id.in_(listed[first : first + _BATCH]))
        found.update((row.client_id, row.tenant) for row in connection.execute(of))
    return found


def _detail(hour: int, numbers: Mapping[str, int]) -> Detail:
    """The detail of an entry: the hour, how often in all, and how often from each address."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    shown = dict(ordered[:ADDRESSES])
    others = sum(number for _, number in ordered[ADDRESSES:])
    more = {"others": others} if others else {}
    return {"hour": ticks.to_iso(hour * _HOUR, digits=0), "times": sum(numbers.values()), "from": {**shown, **more}}
