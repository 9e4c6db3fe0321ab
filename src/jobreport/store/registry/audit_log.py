"""The audit log in the store. An entry about a change is added in the same transaction as the change.

No entry is ever changed or deleted. Each tenant has a chain of entries, and so has the service itself
(`model.audit.SERVICE`). Each entry contains the hash of the entry before it. The head of a chain has the number and the
hash of its last entry; `audit.sealing` signs it later.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, exists, func, insert, or_, select, update

from jobreport.model.audit import ITSELF, SERVICE, START, Action, AuditEntry, Link, link
from jobreport.store.db import locks
from jobreport.store.schema.audit import audit as table
from jobreport.store.schema.audit import audit_head as heads

_HEAD: Final = select(heads.c.number, heads.c.hash).where(heads.c.tenant == bindparam("tenant"))
_LAST: Final = (
    select(table.c.number, table.c.hash)
    .where(table.c.tenant == bindparam("tenant"))
    .order_by(table.c.number.desc())
    .limit(1)
)
_MOVE: Final = (
    update(heads)
    .where(heads.c.tenant == bindparam("of_tenant"))
    .values(number=bindparam("to_number"), hash=bindparam("to_hash"))
)

_LINKS: Final = (
    select(table)
    .where(table.c.tenant == bindparam("tenant"), table.c.number > bindparam("after"))
    .order_by(table.c.number)
    .limit(bindparam("most"))
)
_A_READ: Final = 1000


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a chain: the number and the hash of its last entry.

    `sealed` is the number of the last entry that its `seal` covers, or 0; `key_id` is that of the key of the seal.
    """

    tenant: int
    number: int
    hash: bytes
    sealed: int = 0
    key_id: str | None = None
    seal: str | None = None


def append(connection: Connection, *entries: AuditEntry) -> None:
    """Adds the entries to the chains of their tenants, in the order given.

    Call it only once in a transaction, with all entries, and as late as possible: other transactions that append to the
    same chains wait from here until this one ends.
    """
    # The service's chain always comes last, so that there are no deadlocks.
    by_tenant = {tenant: list(own) for tenant, own in groupby(sorted(entries, key=_place), lambda entry: entry.tenant)}
    started = [tenant for tenant, own in by_tenant.items() if tenant != SERVICE and _extend(connection, tenant, own)]
    now = max((entry.at for entry in entries), default=0)
    # The service's chain names every other chain, so that a whole chain cannot be deleted without a trace.
    noted = [
        AuditEntry(tenant=SERVICE, at=now, actor=ITSELF, action=Action.ChainBegun, detail={"tenant": tenant})
        for tenant in started
    ]
    if of_service := noted + by_tenant.get(SERVICE, []):
        _extend(connection, SERVICE, of_service)


def _place(entry: AuditEntry) -> int:
    return -entry.tenant


def _extend(connection: Connection, tenant: int, entries: list[AuditEntry]) -> bool:
    """Adds the entries to the tenant's chain. Returns True if the chain had no entries before."""
    locks.lock_chain(connection, tenant)
    head = connection.execute(_HEAD, {"tenant": tenant}).first()
    # If somebody deleted the head or the last entries, the chain goes on after what is left. Verifying shows the gap.
    last = connection.execute(_LAST, {"tenant": tenant}).first()
    before, previous = max(((row.number, bytes(row.hash)) for row in (head, last) if row), default=(0, START))
    links: list[Link] = []
    for number, entry in enumerate(entries, before + 1):
        links.append(link(entry, number, previous))
        previous = links[-1].hash
    connection.execute(insert(table), [msgspec.structs.asdict(one) for one in links])
    end = links[-1]
    if head:
        connection.execute(_MOVE, {"of_tenant": tenant, "to_number": end.number, "to_hash": end.hash})
    else:
        connection.execute(insert(heads).values(tenant=tenant, number=end.number, hash=end.hash, sealed=0))
    return not (head or last)


def links(connection: Connection, tenant: int, after: int = 0) -> Iterator[Link]:
    """Gives the entries of the tenant's chain after the number `after`, as they are stored, by number."""
    while rows := connection.execute(_LINKS, {"tenant": tenant, "after": after, "most": _A_READ}).all():
        yield from map(_link, rows)
        after = rows[-1].number


def newest(connection: Connection, tenant: int, most: int, before: int | None = None) -> list[Link]:
    """Returns the last entries of the tenant's chain, newest first, at most so many; only those with a number less than
    `before`, if it is given.
    """
    chosen = select(table).where(table.c.tenant == tenant).order_by(table.c.number.desc()).limit(most)
    if before is not None:
        chosen = chosen.where(table.c.number < before)
    return [_link(row) for row in connection.execute(chosen)]


def _link(row: Row[Any]) -> Link:
    return Link(**dict(row._mapping) | {"previous": bytes(row.previous), "hash": bytes(row.hash)})


def link_at(connection: Connection, tenant: int, number: int) -> Link | None:
    """Returns the entry with this number, as it is stored; None if there is none."""
    link = next(links(connection, tenant, number - 1), None)
    return link if link and link.number == number else None


def since(connection: Connection, moment: int, tenant: int | None = None) -> list[Link]:
    """Returns the entries from `moment` (ticks) on, of one chain or of all chains, in the order of their times."""
    chosen = chains(connection) if tenant is None else (tenant,)
    later = select(table.c.number).where(table.c.tenant == bindparam("tenant"), table.c.at >= moment)
    links_since: list[Link] = []
    for one in chosen:
        # If a clock was set back, a later entry can have an earlier time. So reading begins at the first entry that is
        # late enough, and each entry after it is compared.
        first = connection.execute(later.order_by(table.c.number).limit(1), {"tenant": one}).scalar()
        if first is not None:
            links_since += [link for link in links(connection, one, first - 1) if link.at >= moment]
    return sorted(links_since, key=lambda link: (link.at, link.tenant, link.number))


def chains(connection: Connection) -> tuple[int, ...]:
    """Returns the tenants of all chains, also of those without entries or without a head. The service comes last."""
    numbers = {*connection.execute(select(table.c.tenant).distinct()).scalars()}
    numbers.update(connection.execute(select(heads.c.tenant)).scalars())
    return tuple(sorted(numbers, reverse=True))


def head(connection: Connection, tenant: int) -> Head | None:
    """Returns the head of the tenant's chain, as it is stored; None if there is none."""
    row = connection.execute(select(heads).where(heads.c.tenant == tenant)).first()
    return Head(**dict(row._mapping) | {"hash": bytes(row.hash)}) if row else None


def unsealed(connection: Connection, key_id: str | None = None) -> tuple[int, ...]:
    """Returns the tenants whose chain is not sealed up to its head, or not with this key. The service comes last."""
    wanting = heads.c.sealed != heads.c.number
    if key_id is not None:
        wanting = or_(wanting, heads.c.key_id.is_(None), heads.c.key_id != key_id)
    return tuple(connection.execute(select(heads.c.tenant).where(wanting).order_by(heads.c.tenant.desc())).scalars())


def is_any_sealed(connection: Connection) -> bool:
    """Whether any chain has a seal."""
    return connection.execute(select(heads.c.tenant).where(heads.c.seal.is_not(None)).limit(1)).first() is not None


def chain_starts(connection: Connection) -> list[tuple[int, int]]:
    """Returns each tenant whose chain the service's own chain names, and the number of the entry that names it."""
    noted = select(table.c.number, table.c.detail).where(
        table.c.tenant == SERVICE, table.c.action == Action.ChainBegun.value
    )
    rows = connection.execute(noted.order_by(table.c.number))
    return [(tenant, row.number) for row in rows if (tenant := started_chain(row.detail)) is not None]


def started_chain(detail: str) -> int | None:
    """Returns the tenant that an entry about the start of a chain names; None if the entry was damaged."""
    try:
        return msgspec.json.decode(detail, type=dict[str, int]).get("tenant")
    except msgspec.MsgspecError:
        return None


def size(connection: Connection) -> int:
    """Returns the number of entries of all chains together, from their heads."""
    return int(connection.execute(select(func.coalesce(func.sum(heads.c.number), 0))).scalar_one())


def changed_heads(connection: Connection, since: int) -> list[Head]:
    """Returns the heads of all chains that have an entry of `since` (ticks) or later, except the service's own."""
    later = exists().where(table.c.tenant == heads.c.tenant, table.c.at >= since)
    rows = connection.execute(select(heads).where(heads.c.tenant != SERVICE, later).order_by(heads.c.tenant))
    return [Head(**dict(row._mapping) | {"hash": bytes(row.hash)}) for row in rows]


def latest(connection: Connection, action: Action) -> int | None:
    """Returns the time of the last entry of this kind in the service's own chain, in ticks; None if there is none."""
    mine = select(table.c.at).where(table.c.tenant == SERVICE, table.c.action == action.value)
    number: int | None = connection.execute(mine.order_by(table.c.number.desc()).limit(1)).scalar()
    return number


def service_links(connection: Connection, action: Action) -> Iterator[Link]:
    """Gives the entries of this kind in the service's own chain."""
    return (link for link in links(connection, SERVICE) if link.action == action.value)


def seal(connection: Connection, head: Head, key_id: str, seal: str) -> None:
    """Stores the seal of a head. The caller must hold the lock of the chain (`locks.lock_chain`)."""
    connection.execute(
        update(heads).where(heads.c.tenant == head.tenant).values(sealed=head.number, key_id=key_id, seal=seal)
    )
