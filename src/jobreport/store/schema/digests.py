"""The table of digests: until when each was made. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

digest: Final = Table(
    "digest",
    shared,
    # Whose it is; one about several tenants is the operator's own.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Its name in the settings.
    Column("digest", CodePointText, primary_key=True),
    # When the last one was due; of one that is new, when it was first seen.
    Column("made", BigInteger, nullable=False),
    **CLUSTERED,
)
