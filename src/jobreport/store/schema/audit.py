"""The tables of the audit log, one chain of entries for each tenant, and of sign-ins, which are counted.

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
    # From 1, without a gap.
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Ticks, by this service's clock.
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    # Empty where it was done at a command line.
    Column("address", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    # A JSON object.
    Column("detail", Text, nullable=False),
    # SHA-256 of the entry before; 32 zeros before the first.
    Column("previous", LargeBinary, nullable=False),
    # SHA-256 of all of the above.
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
    # An app's client ID; empty for all client IDs that no app has.
    Column("client", CodePointText, primary_key=True),
    Column("address", CodePointText, primary_key=True),
    # Counted from year 1, UTC.
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("granted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Index("sign_in_hour", "hour"),
    **CLUSTERED,
)

failed_sign_in: Final = Table(
    "refusal",
    shared,
    # As the client claimed it: there need not be such an app.
    Column("client", CodePointText, primary_key=True),
    Column("address", CodePointText, primary_key=True),
    # Counted from year 1, UTC.
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Index("refusal_minute", "minute"),
    **CLUSTERED,
)
