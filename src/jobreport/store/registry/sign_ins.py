"""Counts sign-ins and pings in the store during each hour. After it, the counts become entries of the audit log.

One entry for each sign-in would make the audit log grow with every token. So an app gets one entry for its sign-ins in
an hour, and one for its refused sign-ins. Example: an app that signs in 60 times between 08:00 and 09:00 gets one
entry, with the number 60 and the addresses it came from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from jobreport.model import ticks
from jobreport.model.audit import ITSELF, SERVICE, Action, AuditEntry, Detail
from jobreport.store.db import dialect_of, locks
from jobreport.store.registry import audit_log, operators
from jobreport.store.schema.audit import sign_in as table
from jobreport.store.schema.inboxes import inbox
from jobreport.store.schema.registry import app

Key = tuple[str, str, int]
"""The client ID (empty if no app has it), the address of the client, and the hour (see `hour_of`)."""
Counts = Mapping[Key, tuple[int, int]]
"""For each key, the number of tokens that were given, and the number of sign-ins that were refused."""

OPERATOR: Final = "operator:"
"""Begins the name of an operator among client IDs."""
INBOX: Final = "inbox:"
"""Begins the ID of an inbox among client IDs. Alone, it stands for all addresses that there are not, or not any more,
and for what was refused before anybody looked whose it is.
"""
ADDRESSES: Final = 20
"""An entry lists at most this many addresses, those with the most sign-ins; the others are added up."""
_HOUR: Final = 3600 * ticks.PER_SECOND
_SETTLED: Final = 60 * ticks.PER_SECOND
"""The time to wait after the end of an hour: workers keep counts in memory and write them a little later."""
_BATCH: Final = 500
_SIGN_INS: Final = (Action.SignedIn, Action.SignInRefused)
_PINGS: Final = (Action.Pinged, Action.PingsRefused)
_INBOXES: Final = select(inbox.c.inbox, inbox.c.tenant).where(inbox.c.inbox.in_(bindparam("inboxes", expanding=True)))
_SOME: Final = select(app.c.client_id).where(app.c.client_id.in_(bindparam("clients", expanding=True)))


def hour_of(now: int) -> int:
    """Returns the hour of a time in ticks: the number of whole hours since the start of year 1."""
    return now // _HOUR


def add(connection: Connection, counts: Counts) -> None:
    """Adds the counts to the stored counts. Client IDs that no app has are counted together, under an empty ID.

    An operator's name is a client ID too, after `OPERATOR`, and the ID of an inbox, after `INBOX`.
    """
    known = _known(connection, {client for client, _, _ in counts if client})
    kept: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for (client, address, hour), numbers in counts.items():
        nobody = INBOX if client.startswith(INBOX) else ""
        of = kept[client if client in known else nobody, address, hour]
        of[0] += numbers[0]
        of[1] += numbers[1]
    insert = dialect_of(connection).insert_or_add(table, "granted", "refused")
    # Sorted, so that all processes lock the rows in the same order and cannot deadlock.
    for (client, address, hour), (granted, refused) in sorted(kept.items()):
        values = {"client": client, "address": address, "hour": hour, "granted": granted, "refused": refused}
        connection.execute(insert, values)


def _known(connection: Connection, clients: Iterable[str]) -> set[str]:
    listed = sorted(clients)
    known = {
        one
        for one in listed
        if one.startswith(OPERATOR) and operators.find(connection, one.removeprefix(OPERATOR)) is not None
    }
    known |= {INBOX}.intersection(listed) | _inbox_owners(connection, listed).keys()
    for first in range(0, len(listed), _BATCH):
        known.update(connection.execute(_SOME, {"clients": listed[first : first + _BATCH]}).scalars())
    return known


def move_to_audit_log(connection: Connection, now: int) -> int:
    """Moves the counts of hours that are over into the audit log, and returns the number of new entries.

    `now` is in ticks. If a worker writes counts of an hour after that, they make a second entry for the same hour.
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
        for place, action in enumerate(_PINGS if client.startswith(INBOX) else _SIGN_INS):
            numbers = {address: counts[place] for address, counts in by_address.items() if counts[place]}
            if not numbers:
                continue
            entries.append(
                AuditEntry(
                    tenant=owners.get(client, SERVICE),
                    at=now,
                    actor=ITSELF,
                    action=action,
                    target=_target(client),
                    detail=_detail(hour, numbers),
                )
            )
    connection.execute(delete(table).where(over))
    audit_log.append(connection, *entries)
    return len(entries)


def _owners(connection: Connection, clients: Iterable[str]) -> dict[str, int]:
    """Returns the number of each app's tenant, by client ID."""
    listed = sorted(clients)
    owners = _inbox_owners(connection, listed)
    for first in range(0, len(listed), _BATCH):
        of = select(app.c.client_id, app.c.tenant).where(app.c.client_id.in_(listed[first : first + _BATCH]))
        owners.update((row.client_id, row.tenant) for row in connection.execute(of))
    return owners


def _inbox_owners(connection: Connection, clients: Iterable[str]) -> dict[str, int]:
    """Returns the number of the tenant of each inbox that is named as a client, by that name."""
    named = [client.removeprefix(INBOX) for client in clients if client.startswith(INBOX) and client != INBOX]
    owners: dict[str, int] = {}
    for first in range(0, len(named), _BATCH):
        rows = connection.execute(_INBOXES, {"inboxes": named[first : first + _BATCH]})
        owners.update((f"{INBOX}{row.inbox}", row.tenant) for row in rows)
    return owners


def _target(client: str) -> str:
    if client == INBOX:
        return "unknown addresses"
    if client.startswith((OPERATOR, INBOX)):
        return client
    return f"app:{client}" if client else "unknown apps"


def _detail(hour: int, numbers: Mapping[str, int]) -> Detail:
    """Returns the details of an entry: the hour, the total number, and the number from each address."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    shown = dict(ordered[:ADDRESSES])
    others = sum(number for _, number in ordered[ADDRESSES:])
    more = {"others": others} if others else {}
    return {"hour": ticks.to_iso(hour * _HOUR, digits=0), "times": sum(numbers.values()), "from": {**shown, **more}}
