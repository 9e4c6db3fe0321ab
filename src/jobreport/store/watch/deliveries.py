"""Messages to be delivered, in the store: each goes to each of its channels, until its receivers have it.

A process that sends a message first reserves it for a while, so that no other sends it too. If the process is killed
between sending and storing the result, the message is sent again with the same ID. The messages of a suspended tenant
wait until it is resumed.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select, tuple_, update

from jobreport.model import ticks
from jobreport.model.message import Delivery, Message
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import S, walk
from jobreport.store.schema.deliveries import delivery as table
from jobreport.store.schema.registry import tenant as tenants

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"

_NONE: Final = (0, 0)
FAR: Final = ticks.PER_DAY
"""Whoever holds a message until later than this wrote the time by a wrong clock: it counts no more."""
_earlier: Final = table.alias("earlier")
_IN_USE: Final = ~exists().where(
    tenants.c.tenant == table.c.tenant,
    or_(*(tenants.c[name].is_not(None) for name in ("suspended", "deleted", "purged"))),
).correlate(table)


class Key(msgspec.Struct, frozen=True):
    """Names a delivery: the message of a tenant, to a channel."""

    tenant: int
    message: str
    channel: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this process sends now: how often it was tried with this time, and when first (ticks). `reached`
    are the receivers of the channel that have it already.
    """

    message: Message
    tries: int
    tried: int
    reached: tuple[str, ...] = ()


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that waits, or was given up (`failed`). `due` is when it is tried next, or when it was given up."""

    key: Key
    tenant_name: str
    added: int
    due: int
    tries: int
    error: str
    failed: bool
    message: Message


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries of a channel wait, since when the oldest does (ticks; 0: none), and how many failed; and how
    many are held back, since their tenants are suspended.
    """

    waiting: int
    oldest: int
    failed: int
    held: int = 0


def add(connection: Connection, deliveries: Iterable[Delivery]) -> None:
    """Has messages delivered, from when they came to be. One that a channel was to get before is not added again."""
    rows = [_row(one) for one in deliveries]
    if rows:
        connection.execute(dialect_of(connection).insert_or_ignore(table), rows)


def due(connection: Connection, channel: str, now: int, most: int) -> list[Key]:
    """Returns what is to be tried now on a channel, longest waiting first; of each incident only its first message."""
    free = or_(table.c.held <= now, table.c.held > now + FAR)
    first = ~(
        select(_earlier.c.message)
        .where(
            _earlier.c.state == WAITING,
            *(_earlier.c[name] == table.c[name] for name in ("tenant", "channel", "incident")),
            tuple_(_earlier.c.added, _earlier.c.message) < tuple_(table.c.added, table.c.message),
        )
        .exists()
    )
    rows = connection.execute(
        select(table.c.tenant, table.c.message)
        .where(table.c.state == WAITING, table.c.due <= now, table.c.channel == channel, free, _IN_USE)
        .where(or_(table.c.incident == "", first))
        .order_by(table.c.due, table.c.tenant, table.c.message)
        .limit(most)
    )
    return [Key(row.tenant, row.message, channel) for row in rows]


def take(connection: Connection, key: Key, holder: str, now: int, until: int) -> Taken | None:
    """Takes a delivery for whoever sends it, until then. Returns None if somebody else has it, if it is over, or if its
    tenant is not in use any more.
    """
    row = connection.execute(
        update(table)
        .where(_is(key), table.c.state == WAITING, table.c.due <= now, _IN_USE)
        .where(or_(table.c.held <= now, table.c.held > now + FAR))
        .values(
            holder=holder,
            held=until,
            tries=table.c.tries + 1,
            tried=func.coalesce(func.nullif(table.c.tried, 0), now),
        )
        .returning(table.c.content, table.c.tries, table.c.tried, table.c.reached)
    ).first()
    if row is None:
        return None
    reached = msgspec.json.decode(row.reached, type=tuple[str, ...])
    return Taken(message=message_of(row.content), tries=row.tries, tried=row.tried, reached=reached)


def note_reached(connection: Connection, key: Key, holder: str, reached: Iterable[str], until: int) -> None:
    """Notes which receivers have a message, and prolongs the time for which it is held."""
    known = msgspec.json.encode([*reached]).decode()
    connection.execute(update(table).where(_is(key), table.c.holder == holder).values(reached=known, held=until))


def delivered(connection: Connection, key: Key, holder: str, now: int) -> None:
    """Notes that a channel has taken a message."""
    _end(connection, key, holder, state=DELIVERED, due=now, error="")


def postpone(connection: Connection, key: Key, holder: str, until: int, error: str) -> None:
    """Notes why a try failed, and when the next one is."""
    _end(connection, key, holder, due=until, error=error)


def give_up(connection: Connection, key: Key, holder: str, now: int, error: str) -> None:
    """Notes why a message could not be delivered: it is not tried any more, until somebody has it tried again."""
    _end(connection, key, holder, state=FAILED, due=now, error=error)


def fail_others(
    connection: Connection, tenant: int, channel: str, now: int, error: str, next_try: Callable[[int, int], int | None]
) -> int:
    """Notes that a channel takes nothing, for all of a tenant that is due: each counts as tried, without a try of its
    own. `next_try` says by how often and since when it was tried when it is tried next; None: it is given up. Returns
    how many were given up.
    """
    mine = (table.c.tenant == tenant, table.c.channel == channel, table.c.state == WAITING, table.c.due <= now)
    free = or_(table.c.held <= now, table.c.held > now + FAR)
    rows = connection.execute(select(table.c.message, table.c.tries, table.c.tried).where(*mine, free)).all()
    changes = []
    for row in rows:
        tried = row.tried or now
        at = next_try(row.tries + 1, tried)
        changes.append(
            {"which": row.message, "counted": row.tries + 1, "first": tried, "at": now if at is None else at}
            | {"becomes": FAILED if at is None else WAITING}
        )
    if changes:
        connection.execute(
            update(table)
            .where(*mine, free, table.c.message == bindparam("which"))
            .values(
                tries=bindparam("counted"),
                tried=bindparam("first"),
                due=bindparam("at"),
                state=bindparam("becomes"),
                error=error,
            ),
            changes,
        )
    return sum(change["becomes"] == FAILED for change in changes)


def tenants_due(connection: Connection, channel: str, now: int) -> list[int]:
    """Returns the tenants of which something is due on a channel."""
    mine = (table.c.state == WAITING, table.c.channel == channel, table.c.due <= now, _IN_USE)
    chosen = _in_order(select(table.c.tenant)).where(*mine).distinct().order_by(table.c.tenant)
    return [*connection.execute(chosen).scalars()]


def undelivered(connection: Connection, *, failed: bool, most: int) -> list[Undelivered]:
    """Returns what was given up (`failed`) or tried in vain so far, the oldest first."""
    chosen = table.c.state == FAILED if failed else and_(table.c.state == WAITING, table.c.error != "", _IN_USE)
    rows = connection.execute(
        select(table, tenants.c.name.label("tenant_name"))
        .join(tenants, tenants.c.tenant == table.c.tenant)
        .where(chosen)
        .order_by(table.c.added, table.c.message, table.c.channel)
        .limit(most)
    )
    return [
        Undelivered(
            key=Key(row.tenant, row.message, row.channel),
            failed=failed,
            message=message_of(row.content),
            **{name: row._mapping[name] for name in ("tenant_name", "added", "due", "tries", "error")},
        )
        for row in rows
    ]


def backlog(connection: Connection) -> dict[str, Backlog]:
    """Returns how much of each channel waits or was given up, by its name; without those of which nothing is."""
    waiting = _numbers(connection, table.c.state == WAITING, _IN_USE)
    held = _numbers(connection, table.c.state == WAITING, ~_IN_USE)
    given_up = _numbers(connection, table.c.state == FAILED)
    return {
        channel: Backlog(
            waiting=waiting.get(channel, _NONE)[0],
            oldest=waiting.get(channel, _NONE)[1],
            failed=given_up.get(channel, _NONE)[0],
            held=held.get(channel, _NONE)[0],
        )
        for channel in sorted({*waiting, *held, *given_up})
    }


def failed(connection: Connection) -> dict[int, int]:
    """Returns how many messages were given up of each tenant that has such."""
    chosen = _in_order(select(table.c.tenant, func.count())).where(table.c.state == FAILED).group_by(table.c.tenant)
    return {tenant: int(number) for tenant, number in connection.execute(chosen)}


def _numbers(connection: Connection, *which: ColumnElement[bool]) -> dict[str, tuple[int, int]]:
    """Returns how many of these there are of each channel that has some, and when the oldest was added (ticks)."""
    counted = func.count().label("number"), func.min(table.c.added).label("oldest")
    chosen = _in_order(select(table.c.channel, *counted)).where(*which).group_by(table.c.channel)
    return {row.channel: (int(row.number), int(row.oldest)) for row in connection.execute(chosen)}


def _in_order(statement: S) -> S:
    """Returns the statement with a hint: what was delivered is far more than what waits, and need not be read."""
    return walk(statement, table, "delivery_due")


def _row(one: Delivery) -> dict[str, Any]:
    message = one.message
    return {
        "tenant": message.tenant,
        "message": message.id,
        "channel": one.channel,
        "incident": message.incident,
        "added": message.at,
        "state": WAITING,
        "due": message.at,
        "tries": 0,
        "tried": 0,
        "error": "",
        "reached": "[]",
        "holder": "",
        "held": 0,
        "content": msgspec.json.encode(message).decode(),
    }


def _end(connection: Connection, key: Key, holder: str, **values: object) -> None:
    mine = update(table).where(_is(key), table.c.state == WAITING, table.c.holder == holder)
    connection.execute(mine.values(holder="", held=0, **values))


def _is(key: Key) -> ColumnElement[bool]:
    return and_(*(table.c[name] == getattr(key, name) for name in ("tenant", "message", "channel")))


def message_of(content: str) -> Message:
    """Returns the message that a row has as JSON."""
    return msgspec.json.decode(content, type=Message)
