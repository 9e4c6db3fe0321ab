"""Sessions of operators in the store, each under the SHA-256 hash of its token. The token itself is in no table."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from jobreport.model.roles import Role
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.operators import operator, operator_tenant
from jobreport.store.schema.operators import operator_session as table

_COLUMNS: Final = tuple(column.name for column in table.columns)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session. Times are ticks. `seen`: the last request of a person, to the minute; `confirmed`: when this person
    last gave proof; `expires`: when it is over, unless there are more requests. `address` and `agent` (the browser's
    own words) are shortened. `id_token`: the one by which it was begun, encrypted; None if there was none.
    """

    token: bytes
    operator: int
    created: int
    seen: int
    confirmed: int
    expires: int
    address: str
    agent: str
    id_token: bytes | None = None


def add(connection: Connection, new: Session) -> None:
    """Stores a new session."""
    connection.execute(insert(table).values(msgspec.structs.asdict(new)))


def any_over(connection: Connection, now: int) -> bool:
    """Returns whether there is a session that is over at `now`."""
    return connection.execute(select(table.c.token).where(table.c.expires <= now).limit(1)).first() is not None


def delete_over(connection: Connection, now: int) -> None:
    """Deletes the sessions that are over at `now`. Nobody can use them any more."""
    connection.execute(delete(table).where(table.c.expires <= now))


def find(connection: Connection, token: bytes, now: int) -> Session | None:
    """Returns the session with this hash; None if there is none, or it is over at `now`."""
    row = connection.execute(select(table).where(table.c.token == token, table.c.expires > now)).first()
    return _session(row) if row else None


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session with what its operator may do: what every request needs. Times are ticks. `reach`: the numbers of the
    tenants that this person may see; None for all. `issuer`: the provider that vouches for this person; empty if the
    password does.
    """

    operator: int
    name: str
    role: Role
    issuer: str
    reach: frozenset[int] | None
    created: int
    seen: int
    confirmed: int


def signed_in(connection: Connection, token: bytes, now: int) -> SignedIn | None:
    """Returns whose session this is; None if there is none, it is over at `now`, or its operator is disabled."""
    rows = _SIGNED_IN.rows(connection, {"token": token, "now": now})
    if not rows:
        return None
    number, name, role, issuer, all_tenants, created, seen, confirmed, _ = rows[0]
    return SignedIn(
        operator=number,
        name=name,
        role=Role(role),
        issuer=issuer or "",
        reach=None if all_tenants else frozenset(tenant for *_, tenant in rows if tenant is not None),
        created=created,
        seen=seen,
        confirmed=confirmed,
    )


_SIGNED_IN: Final = Prepared(
    select(
        *(operator.c.operator, operator.c.name, operator.c.role, operator.c.issuer, operator.c.all_tenants),
        *(table.c.created, table.c.seen, table.c.confirmed, operator_tenant.c.tenant),
    )
    .select_from(table)
    .join(operator, operator.c.operator == table.c.operator)
    .outerjoin(operator_tenant, operator_tenant.c.operator == table.c.operator)
    .where(table.c.token == bindparam("token"), table.c.expires > bindparam("now"), operator.c.disabled.is_(None))
)


def list_sessions(connection: Connection, operator: int, now: int) -> tuple[Session, ...]:
    """Returns the operator's sessions that are not over, the one that was used last first."""
    wanted = select(table).where(table.c.operator == operator, table.c.expires > now)
    found = [_session(row) for row in connection.execute(wanted)]
    return tuple(sorted(found, key=lambda one: (-one.seen, -one.created, one.token)))


def set_seen(connection: Connection, token: bytes, seen: int, expires: int) -> None:
    """Sets when the session was last used, and when it will be over."""
    connection.execute(update(table).where(table.c.token == token).values(seen=seen, expires=expires))


def set_confirmed(connection: Connection, token: bytes, now: int) -> None:
    """Sets when the person last gave proof."""
    connection.execute(update(table).where(table.c.token == token).values(confirmed=now))


def end(connection: Connection, operator: int, token: bytes) -> bool:
    """Deletes this session of the operator. Returns whether there was one."""
    gone = delete(table).where(table.c.token == token, table.c.operator == operator).returning(table.c.token)
    return connection.execute(gone).first() is not None


def end_all(connection: Connection, operator: int, but: bytes = b"") -> int:
    """Deletes all sessions of the operator, except the one with the hash `but`. Returns how many."""
    gone = delete(table).where(table.c.operator == operator, table.c.token != but).returning(table.c.token)
    return len(connection.execute(gone).all())


def end_everybodys(connection: Connection) -> int:
    """Deletes the sessions of all operators. Returns how many."""
    return len(connection.execute(delete(table).returning(table.c.token)).all())


def _session(row: Row[Any]) -> Session:
    return Session(**{name: getattr(row, name) for name in _COLUMNS})
