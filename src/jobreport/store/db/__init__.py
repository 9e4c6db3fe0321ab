"""The only package that knows which database a store is in: SQLite or PostgreSQL.

Other packages call `dialect_of(connection)` and ask what the database can do, or use `expressions`, whose SQL is chosen
when a statement is compiled. `store_file` and `file_reads` are only for SQLite, `server_reads` only for PostgreSQL.
"""

from typing import Final

from sqlalchemy import Connection, Engine

from jobreport.store.db.dialect import Dialect
from jobreport.store.db.postgresql import POSTGRESQL
from jobreport.store.db.sqlite import SQLITE

__all__ = ["POSTGRESQL", "SQLITE", "Dialect", "dialect_of"]

_DIALECTS: Final[dict[str, Dialect]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def dialect_of(database: Connection | Engine) -> Dialect:
    """Returns the dialect of a connection or an engine."""
    return _DIALECTS[database.dialect.name]
