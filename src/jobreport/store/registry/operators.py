"""Operators in the store: the accounts of the people who sign in to the monitor, and the tenants that they may see."""

import secrets
import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from jobreport.model.roles import Role
from jobreport.store.db import locks
from jobreport.store.schema.operators import operator as table
from jobreport.store.schema.operators import operator_link, operator_session, operator_tenant
from jobreport.store.schema.rows import storable


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """An operator. Times are ticks; `disabled` is 0 if the account is not. `password`: the hash; None if there is none.

    `issuer` and `subject`: the provider that vouches for this person, and by which name; empty if the password does.
    `tenants`: the numbers of the tenants that this person may see, unless it is all of them (`all_tenants`).
    """

    number: int
    name: str
    role: Role
    password: str | None
    created: int
    disabled: int = 0
    all_tenants: bool = False
    tenants: tuple[int, ...] = ()
    issuer: str = ""
    subject: str = ""

    def __repr__(self) -> str:
        return f"Operator(number={self.number}, name={self.name!r})"

    @property
    def reach(self) -> frozenset[int] | None:
        """The numbers of the tenants that this person may see; None for all."""
        return None if self.all_tenants else frozenset(self.tenants)


def fold(name: str) -> str:
    """Returns the form of a name by which operators are found: case, and how Unicode writes a letter, do not count."""
    return unicodedata.normalize("NFKC", name).casefold()


def find(connection: Connection, name: str) -> Operator | None:
    """Returns the operator with this name, also if disabled; None if there is none."""
    if not storable(name):
        return None
    row = connection.execute(select(table).where(table.c.folded == fold(name))).first()
    return _operator(connection, row) if row else None


def linked(connection: Connection, issuer: str, subject: str) -> Operator | None:
    """Returns the operator for whom this issuer vouches by this name, also if disabled; None if there is none."""
    if not storable(subject):
        return None
    row = connection.execute(select(table).where(table.c.issuer == issuer, table.c.subject == subject)).first()
    return _operator(connection, row) if row else None


def lock(connection: Connection) -> None:
    """Locks the registry until the transaction ends. Call it before an operator is read in order to be changed."""
    locks.lock(connection, locks.REGISTRY)


def by_number(connection: Connection, number: int) -> Operator | None:
    """Returns the operator with this number, also if disabled; None if there is none."""
    row = connection.execute(select(table).where(table.c.operator == number)).first()
    return _operator(connection, row) if row else None


def list_operators(connection: Connection) -> tuple[Operator, ...]:
    """Returns all operators, also disabled ones, sorted by name."""
    rows = connection.execute(select(table).order_by(table.c.folded)).all()
    return tuple(sorted((_operator(connection, row) for row in rows), key=lambda one: fold(one.name)))


def new_number(connection: Connection) -> int:
    """Returns a number that no operator has. It is random, so that none comes again."""
    while by_number(connection, number := 1 + secrets.randbelow(2**31 - 1)):
        pass
    return number


def add(connection: Connection, new: Operator) -> None:
    """Stores a new operator."""
    connection.execute(
        insert(table).values(
            operator=new.number,
            name=new.name,
            folded=fold(new.name),
            role=new.role.value,
            password=new.password,
            created=new.created,
            all_tenants=new.all_tenants,
            issuer=new.issuer or None,
            subject=new.subject or None,
        )
    )
    _add_tenants(connection, new.number, new.tenants)


def set_password(connection: Connection, number: int, password: str) -> None:
    """Replaces the hash of the password."""
    _set(connection, number, password=password)


def set_disabled(connection: Connection, number: int, since: int) -> None:
    """Disables the account since a time (ticks); 0 enables it."""
    _set(connection, number, disabled=since or None)


def set_role(connection: Connection, number: int, role: Role) -> None:
    """Gives the operator another role."""
    _set(connection, number, role=role.value)


def set_reach(connection: Connection, number: int, tenants: Iterable[int], *, all_tenants: bool) -> None:
    """Replaces the tenants that the operator may see: these numbers, or all tenants."""
    _set(connection, number, all_tenants=all_tenants)
    connection.execute(delete(operator_tenant).where(operator_tenant.c.operator == number))
    _add_tenants(connection, number, tenants)


def remove(connection: Connection, number: int) -> None:
    """Deletes the account, its sessions and links, and which tenants it could see."""
    for one in (operator_session, operator_link, operator_tenant, table):
        connection.execute(delete(one).where(one.c.operator == number))


def forget_tenant(connection: Connection, tenant: int) -> None:
    """Takes a tenant from all operators who may see it by name."""
    connection.execute(delete(operator_tenant).where(operator_tenant.c.tenant == tenant))


def _set(connection: Connection, number: int, **values: int | str | bool | None) -> None:
    connection.execute(update(table).where(table.c.operator == number).values(values))


def _add_tenants(connection: Connection, number: int, tenants: Iterable[int]) -> None:
    if rows := [{"operator": number, "tenant": tenant} for tenant in sorted(set(tenants))]:
        connection.execute(insert(operator_tenant), rows)


def _operator(connection: Connection, row: Row[Any]) -> Operator:
    return Operator(
        number=row.operator,
        name=row.name,
        role=Role(row.role),
        password=row.password,
        created=row.created,
        disabled=row.disabled or 0,
        all_tenants=row.all_tenants,
        tenants=tenants_of(connection, row.operator),
        issuer=row.issuer or "",
        subject=row.subject or "",
    )


def tenants_of(connection: Connection, number: int) -> tuple[int, ...]:
    """Returns the numbers of the tenants that the operator may see by name."""
    found = connection.execute(select(operator_tenant.c.tenant).where(operator_tenant.c.operator == number))
    return tuple(sorted(found.scalars()))
