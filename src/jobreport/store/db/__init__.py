"""The one place that knows which database a store is in.

Other rooms take `dialect_of(connection)` and ask what the database can do, or use `expressions`, whose SQL is written
for each database when a statement is compiled. `store_file`, `file_reads` and `server_reads` are for one kind of store.
"""

from typing import Final

from sqlalchemy import Connection, Engine

from jobreport.store.db.dialect import Dialect
from jobreport.store.db.postgresql import POSTGRESQL
from jobreport.store.db.sqlite import SQLITE

__all__ = ["POSTGRESQL", "SQLITE", "Dialect", "dialect_of"]

_DIALECTS: Final[dict[str, Dialect]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def dialect_of(database: Connection | Engine) -> Dialect:
    """The dialect of a connection or an engine."""
    return _DIALECTS[database.dialect.name]
