"""Signing keys in the store: the keys that sign tokens. This module does not encrypt them; `identity.keys` does."""

import msgspec
from sqlalchemy import Connection, insert, select, update

from jobreport.store.db import dialect_of
from jobreport.store.schema.registry import signing_key


class SigningKey(msgspec.Struct, frozen=True):
    """A signing key: a JWK (JSON, RFC 7517), possibly encrypted. Tokens name it by its ID, `kid`. Times are ticks.

    From `retired` on, nothing is signed with it. 0 means that it is in use, or will be.
    """

    kid: str
    jwk: str
    created: int
    retired: int = 0


def signing_keys(connection: Connection) -> tuple[SigningKey, ...]:
    """Returns all signing keys, also retired ones, oldest first."""
    statement = select(signing_key).order_by(signing_key.c.created, signing_key.c.kid)
    return tuple(SigningKey(row.kid, row.jwk, row.created, row.retired or 0) for row in connection.execute(statement))


def add_signing_key(connection: Connection, key: SigningKey) -> None:
    """Adds a key."""
    values = msgspec.structs.asdict(key) | {"retired": key.retired or None}
    connection.execute(insert(signing_key).values(**values))


def retire_signing_key(connection: Connection, kid: str, at: int) -> None:
    """Takes the key out of use at `at` (ticks)."""
    connection.execute(update(signing_key).where(signing_key.c.kid == kid).values(retired=at))


def replace_signing_key(connection: Connection, kid: str, jwk: str) -> None:
    """Stores the key in another form: encrypted, or only its public half. In a file, the old form is overwritten."""
    with dialect_of(connection).overwriting(connection):
        connection.execute(update(signing_key).where(signing_key.c.kid == kid).values(jwk=jwk))
