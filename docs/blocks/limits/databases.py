"""Limits of what the service asks of PostgreSQL."""

from typing import Final

from blocks.limits.rows import Rows
from jobreport.store.db import postgresql

ROWS: Final[Rows] = [
    ("Connections of a process to PostgreSQL", f"{postgresql.MOST}", "503"),
    ("Wait for a connection to PostgreSQL", f"{postgresql.CONNECT_SECONDS} seconds", "503"),
    ("Wait of a writer for another", f"{postgresql.LOCK_SECONDS} seconds", "503"),
    ("A statement in PostgreSQL", f"{postgresql.STATEMENT_SECONDS} seconds", "503"),
]
