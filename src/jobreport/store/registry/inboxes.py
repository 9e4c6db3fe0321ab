"""Inboxes and ping keys in the store, each under the SHA-256 hash of its secret. The secret itself is in no table."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from jobreport.model.catalog import JobType, ServiceType
from jobreport.store.db import dialect_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.registry import unread
from jobreport.store.schema.inboxes import inbox as table
from jobreport.store.schema.inboxes import inbox_state, ping_key
from jobreport.store.schema.registry import tenant as tenants


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """An inbox: an address for pings, and the plan, service and type of the jobs that come of them.

    `inbox` is its ID, `address` the hash of the address, `sealed` the encrypted address (None: nobody can read it).
    `tool` is the command whose output is in the bodies; empty: what the body itself shows. `longest` is how long a run
    may take, in seconds. `created` is in ticks.
    """

    inbox: str
    tenant: int
    name: str
    slug: str
    address: bytes
    sealed: bytes | None
    plan: str
    service: ServiceType
    type: JobType
    resource: str
    tool: str
    longest: int
    created: int


class InboxState(msgspec.Struct, frozen=True, kw_only=True):
    """What came to an inbox. Times are ticks, 0: never. `run` is the job of the newest run without an ID of its own.

    `started` is when the last start came, `unstarted` when the last end of a run came whose start was not told. `log`
    is the last text that came while no run was open.
    """

    run: str = ""
    pings: int = 0
    last: int = 0
    started: int = 0
    unstarted: int = 0
    log: str = ""

    @property
    def sees(self) -> str:
        """What can be known of its jobs: `runs` if their starts come too, `results` if only ends do, else `nothing`."""
        if not self.last:
            return "nothing"
        return "runs" if self.started > self.unstarted else "results"


class PingKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key below which the inboxes of a tenant have addresses by their slugs. `created` is in ticks."""

    digest: bytes
    tenant: int
    sealed: bytes | None
    created: int


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant and the inbox that an address leads to. `inbox` is None if a ping key is right, but no inbox of its
    tenant has the slug. `tenant_name` is for the log.
    """

    tenant: int
    tenant_name: str
    inbox: Inbox | None


_ACTIVE: Final = (tenants.c.suspended.is_(None), tenants.c.deleted.is_(None))
_BY_ADDRESS: Final = Prepared(
    select(*table.columns, tenants.c.name.label("tenant_name"))
    .join_from(table, tenants, tenants.c.tenant == table.c.tenant)
    .where(table.c.address == bindparam("digest"), *_ACTIVE)
)
_BY_SLUG: Final = Prepared(
    select(*table.columns, tenants.c.name.label("tenant_name"), ping_key.c.tenant.label("whose"))
    .join_from(ping_key, tenants, tenants.c.tenant == ping_key.c.tenant)
    .outerjoin(table, (table.c.tenant == ping_key.c.tenant) & (table.c.slug == bindparam("slug")))
    .where(ping_key.c.digest == bindparam("digest"), *_ACTIVE)
)
_NEWEST: Final = Prepared(
    select(inbox_state.c.run).where(
        inbox_state.c.tenant == bindparam("tenant"), inbox_state.c.inbox == bindparam("inbox")
    )
)
_COLUMNS: Final = len(table.columns)


def by_address(connection: Connection, digest: bytes) -> Addressee | None:
    """Returns the inbox whose address has this hash; None if there is none, or its tenant is not active."""
    for row in _BY_ADDRESS.rows(connection, {"digest": digest}):
        found = _inbox(row[:_COLUMNS])
        return Addressee(tenant=found.tenant, tenant_name=row[_COLUMNS], inbox=found)
    return None


def by_slug(connection: Connection, digest: bytes, slug: str) -> Addressee | None:
    """Returns the inbox with this slug below the ping key with this hash.

    None if there is no such key, or its tenant is not active.
    """
    for row in _BY_SLUG.rows(connection, {"digest": digest, "slug": slug}):
        *columns, name, tenant = row
        return Addressee(tenant=tenant, tenant_name=name, inbox=_inbox(columns) if columns[0] is not None else None)
    return None


def add(connection: Connection, new: Inbox) -> bool:
    """Stores a new inbox. Returns False, and stores nothing, if another inbox of the tenant has its slug."""
    values = msgspec.structs.asdict(new) | {"service": int(new.service), "type": int(new.type)}
    row = connection.execute(dialect_of(connection).insert_or_ignore(table).values(values).returning(table.c.inbox))
    if row.first() is None:
        return False
    state = msgspec.structs.asdict(InboxState())
    connection.execute(insert(inbox_state).values(tenant=new.tenant, inbox=new.inbox, **state))
    return True


def replace_address(connection: Connection, inbox: str, address: bytes, sealed: bytes | None) -> None:
    """Gives an inbox another address."""
    with dialect_of(connection).overwriting(connection):
        connection.execute(update(table).where(table.c.inbox == inbox).values(address=address, sealed=sealed))


def list_inboxes(connection: Connection, tenant: int | None = None) -> tuple[Inbox, ...]:
    """Returns the inboxes of a tenant, or of all, by tenant and name."""
    chosen = select(table).order_by(table.c.tenant, table.c.name, table.c.inbox)
    if tenant is not None:
        chosen = chosen.where(table.c.tenant == tenant)
    return tuple(_inbox(row) for row in connection.execute(chosen))


def number_of(connection: Connection, tenant: int) -> int:
    """Returns how many inboxes the tenant has."""
    return int(connection.execute(select(func.count()).where(table.c.tenant == tenant)).scalar_one())


def states(connection: Connection, tenant: int) -> dict[str, InboxState]:
    """Returns what came to each inbox of the tenant, by its ID."""
    rows = connection.execute(select(inbox_state).where(inbox_state.c.tenant == tenant))
    fields = InboxState.__struct_fields__
    return {row.inbox: InboxState(**{name: row._mapping[name] for name in fields}) for row in rows}


def newest_run(connection: Connection, of: Inbox) -> str:
    """Returns the job of the newest run of the inbox that has no ID of its own; empty if there is none."""
    given = {"tenant": of.tenant, "inbox": of.inbox}
    return next((str(run) for (run,) in _NEWEST.rows(connection, given)), "")


def end(connection: Connection, of: Inbox) -> None:
    """Deletes an inbox, and what of it is unread. Its jobs stay."""
    unread.end_all(connection, of.tenant, of.inbox)
    connection.execute(delete(table).where(table.c.inbox == of.inbox))
    connection.execute(delete(inbox_state).where(inbox_state.c.tenant == of.tenant, inbox_state.c.inbox == of.inbox))


def key_of(connection: Connection, tenant: int) -> PingKey | None:
    """Returns the tenant's ping key; None if it has none."""
    row = connection.execute(select(ping_key).where(ping_key.c.tenant == tenant)).first()
    return PingKey(**row._mapping) if row else None


def put_key(connection: Connection, key: PingKey) -> None:
    """Stores the ping key of a tenant, in the place of an earlier one."""
    end_key(connection, key.tenant)
    connection.execute(insert(ping_key).values(msgspec.structs.asdict(key)))


def end_key(connection: Connection, tenant: int) -> None:
    """Deletes the ping key of a tenant, if it has one."""
    with dialect_of(connection).overwriting(connection):
        connection.execute(delete(ping_key).where(ping_key.c.tenant == tenant))


def end_all(connection: Connection, tenant: int) -> None:
    """Deletes all inboxes of a tenant, what of them is unread, and its ping key."""
    unread.end_all(connection, tenant)
    for one in (table, inbox_state, ping_key):
        connection.execute(delete(one).where(one.c.tenant == tenant))


def _inbox(row: Any) -> Inbox:
    values = dict(zip(Inbox.__struct_fields__, row, strict=True))
    return Inbox(**values | {"service": ServiceType(values["service"]), "type": JobType(values["type"])})
