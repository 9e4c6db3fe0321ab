"""Links that sign an operator in once, each under the SHA-256 hash of its token. The token itself is in no table."""

from sqlalchemy import Connection, delete, insert, select

from jobreport.store.schema.operators import operator_link as table


def add(connection: Connection, token: bytes, operator: int, expires: int) -> None:
    """Stores a new link of the operator with this number, which is good until `expires` (ticks)."""
    connection.execute(insert(table).values(token=token, operator=operator, expires=expires))


def find(connection: Connection, token: bytes, now: int) -> int | None:
    """Returns the number of the operator whom this link signs in; None if there is no such link, or it has expired."""
    found = connection.execute(select(table.c.operator).where(table.c.token == token, table.c.expires > now))
    return found.scalar_one_or_none()


def use(connection: Connection, token: bytes, now: int) -> int | None:
    """Deletes the link, and returns what `find` would. Of several transactions that try it, one gets the operator."""
    gone = delete(table).where(table.c.token == token, table.c.expires > now).returning(table.c.operator)
    return connection.execute(gone).scalar_one_or_none()


def end_all(connection: Connection, operator: int | None = None) -> None:
    """Deletes the links of an operator, or of all."""
    connection.execute(delete(table) if operator is None else delete(table).where(table.c.operator == operator))


def any_over(connection: Connection, now: int) -> bool:
    """Returns whether there is a link that has expired at `now`."""
    return connection.execute(select(table.c.token).where(table.c.expires <= now).limit(1)).first() is not None


def delete_over(connection: Connection, now: int) -> None:
    """Deletes the links that have expired at `now`."""
    connection.execute(delete(table).where(table.c.expires <= now))
