"""What the tables are gathered in, for each kind of store; and the type of a key that is a text."""

from typing import Final

from sqlalchemy import MetaData, Text

shared: Final = MetaData()
embedded: Final = MetaData()

# A key that is ordered by code point everywhere: SQLite compares bytes of itself, PostgreSQL asks a collation.
Key: Final = Text().with_variant(Text(collation="C"), "postgresql")
