"""The tables of the audit log, with a chain of entries for each tenant, and of the counts of sign-ins.

The service's own chain is that of tenant 0.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

audit: Final = Table(
    "audit",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # The number in the chain: from 1, without gaps.
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Ticks, by this service's clock.
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    # Empty for a command line.
    Column("address", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    # A JSON object.
    Column("detail", Text, nullable=False),
    # The hash of the entry before; 32 zero bytes for the first entry.
    Column("previous", LargeBinary, nullable=False),
    # SHA-256 of all columns above.
    Column("hash", LargeBinary, nullable=False),
    Index("audit_at", "tenant", "at"),
)

audit_head: Final = Table(
    "audit_head",
    shared,
    # The last entry of each chain.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # The last entry that the seal covers (0: there is no seal), the key that made it, and the seal itself: a JWS.
    Column("sealed", Integer, nullable=False),
    Column("key_id", Text),
    Column("seal", Text),
)

sign_in: Final = Table(
    "sign_in",
    shared,
    # The client ID of an app; empty for all client IDs that no app has.
    Column("client", CodePointText, primary_key=True),
    Column("address", CodePointText, primary_key=True),
    # Whole hours since the start of year 1, UTC.
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("granted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Index("sign_in_hour", "hour"),
    **CLUSTERED,
)

failed_sign_in: Final = Table(
    "refusal",
    shared,
    # The client ID that the client sent. There may be no such app.
    Column("client", CodePointText, primary_key=True),
    Column("address", CodePointText, primary_key=True),
    # Whole minutes since the start of year 1, UTC.
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Index("refusal_minute", "minute"),
    **CLUSTERED,
)
