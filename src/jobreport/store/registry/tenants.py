"""Tenants: made, found, and marked as suspended, as deleted, or as purged (deleted for good)."""

from enum import Enum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from jobreport.model import ticks
from jobreport.model.audit import SERVICE
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store.db import locks
from jobreport.store.schema.registry import tenant as table
from jobreport.store.schema.rows import storable

_TIMES: Final = ("suspended", "deleted", "purge_after", "purged")


class Standing(Enum):
    """Whether a tenant's apps may ask and report."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    PURGED = "purged"


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant by number and name. Times are ticks, 0 for what has not happened."""

    number: int
    name: str
    created: int
    suspended: int = 0
    deleted: int = 0
    purge_after: int = 0
    purged: int = 0

    @property
    def standing(self) -> Standing:
        """Whether it is active, or what was done to it last."""
        return standing(self)

    @property
    def unfinished(self) -> bool:
        """Whether a purge of it has begun and has not ended: it goes on, or something interrupted it."""
        return bool(self.purged) and not self.name.endswith(f"#{self.number}")

    def unusable(self) -> str:
        """Why nobody may ask or report for the tenant, and what to do; empty where everybody may."""
        match self.standing:
            case Standing.SUSPENDED:
                return f"the tenant {self.name} is suspended; jobreport tenant resume {self.name} ends that"
            case Standing.DELETED:
                until = ticks.to_iso(self.purge_after, digits=0)
                return (
                    f"the tenant {self.name} is deleted; until {until}, or until somebody purges it, "
                    f"jobreport tenant resume {self.name} brings it back"
                )
            case Standing.PURGED:
                return f"the tenant {self.name} was deleted for good"
        return ""


def standing(row: Any) -> Standing:
    """The standing of a tenant, from a row or a value with its times."""
    if row.purged:
        return Standing.PURGED
    if row.deleted:
        return Standing.DELETED
    return Standing.SUSPENDED if row.suspended else Standing.ACTIVE


def find(connection: Connection, name: str) -> Tenant | None:
    """The tenant called `name`, whatever its standing; None where there is none."""
    if not storable(name):
        return None
    row = connection.execute(select(table).where(table.c.name == name)).first()
    return _tenant(row) if row else None


def find_for_update(connection: Connection, name: str) -> Tenant | None:
    """`find` for a transaction that changes the tenant: no other one changes the registry until this one ends."""
    locks.lock(connection, locks.REGISTRY)
    return find(connection, name)


def by_number(connection: Connection, number: int) -> Tenant | None:
    """The tenant with this number, whatever its standing; None where there is none."""
    row = connection.execute(select(table).where(table.c.tenant == number)).first()
    return _tenant(row) if row else None


def list_tenants(connection: Connection) -> tuple[Tenant, ...]:
    """All tenants, whatever their standing, by name."""
    return tuple(_tenant(row) for row in connection.execute(select(table).order_by(table.c.name, table.c.tenant)))


def add(connection: Connection, name: str, now: int) -> tuple[Tenant, bool]:
    """The tenant called `name`, whatever its standing; and whether it was made just now."""
    locks.lock(connection, locks.REGISTRY)
    found = find(connection, name)
    if found is not None:
        return found, False
    number: int = connection.execute(select(func.coalesce(func.max(table.c.tenant), 0) + 1)).scalar_one()
    new = Tenant(number=SERVICE if name == SERVICE_NAME else number, name=name, created=now)
    connection.execute(insert(table).values(tenant=new.number, name=name, created=now))
    return new, True


def set_times(connection: Connection, number: int, **times: int) -> None:
    """Sets some of the tenant's times (ticks; 0: it has not happened, or is taken back)."""
    values = {name: value or None for name, value in times.items()}
    connection.execute(update(table).where(table.c.tenant == number).values(values))


def free_name(connection: Connection, tenant: Tenant) -> None:
    """Frees the name of a tenant that was purged: the tenant is called NAME#NUMBER from now on.

    The row stays, so that no other tenant ever gets the number, and the audit log still has a name for it.
    """
    renamed = f"{tenant.name}#{tenant.number}"
    connection.execute(update(table).where(table.c.tenant == tenant.number).values(name=renamed))


def _tenant(row: Row[Any]) -> Tenant:
    times = {name: getattr(row, name) or 0 for name in _TIMES}
    return Tenant(number=row.tenant, name=row.name, created=row.created, **times)
