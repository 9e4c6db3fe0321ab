"""What was done in; the audit log with one more entry out, in the transaction that did it. Nothing is ever taken out.

Each tenant has a chain of its own, and the service has one (`model.audit.SERVICE`). The head of a chain is sealed
afterwards, by who has the key (`identity.seal`).
"""

from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from jobreport.model.audit import ITSELF, SERVICE, START, Action, Entry, Link, link
from jobreport.store import locks
from jobreport.store.schema_audit import audit as table
from jobreport.store.schema_audit import audit_head as heads

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


def append(connection: Connection, *entries: Entry) -> None:
    """Adds the entries to the chains of their tenants, each in the order given.

    To be called once in a transaction, with all that it did, and after whatever else it waits for: others who
    append to the same chains wait from here until it ends.
    """
    # The service's chain comes last, always, so that nobody waits in a circle.
    by_tenant = {tenant: list(own) for tenant, own in groupby(sorted(entries, key=_place), lambda entry: entry.tenant)}
    begun = [tenant for tenant, own in by_tenant.items() if tenant != SERVICE and _extend(connection, tenant, own)]
    now = max((entry.at for entry in entries), default=0)
    # So that a whole chain cannot go without a trace.
    noted = [
        Entry(tenant=SERVICE, at=now, actor=ITSELF, action=Action.ChainBegun, detail={"tenant": tenant})
        for tenant in begun
    ]
    if of_service := noted + by_tenant.get(SERVICE, []):
        _extend(connection, SERVICE, of_service)


def _place(entry: Entry) -> int:
    return -entry.tenant


def _extend(connection: Connection, tenant: int, entries: list[Entry]) -> bool:
    """Adds the entries to the tenant's chain; whether it begins with them."""
    locks.chain(connection, tenant)
    head = connection.execute(_HEAD, {"tenant": tenant}).first()
    # A head, or a tail, that somebody took away must not stop the service: what is left goes on, and verifying tells.
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
