"""The table of messages that are to be delivered, were, or could not be. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText, partial_index
from jobreport.store.schema.metadata import shared

delivery: Final = Table(
    "delivery",
    shared,
    # A message goes to each channel once, however often it is added.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("message", CodePointText, primary_key=True),
    Column("channel", CodePointText, primary_key=True),
    # The incident that it is about; empty: none. Its messages reach a channel in the order in which they were added.
    Column("incident", CodePointText, nullable=False),
    Column("added", BigInteger, nullable=False),
    # `waiting`, `delivered` or `failed`; and when it is tried next, or when it was delivered or given up.
    Column("state", CodePointText, nullable=False),
    Column("due", BigInteger, nullable=False),
    # How often it was tried, when first (0: never), and what the last try lacked.
    Column("tries", Integer, nullable=False),
    Column("tried", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    # The receivers of the channel that have it already, as JSON.
    Column("reached", Text, nullable=False),
    # Who sends it now, and until when nobody else does; empty: nobody.
    Column("holder", CodePointText, nullable=False),
    Column("held", BigInteger, nullable=False),
    # The message as JSON (`model.message.Message`).
    Column("content", Text, nullable=False),
    # In the order in which they are tried.
    Index("delivery_due", "state", "channel", "due", "tenant", "message", "added"),
    # To see whether an earlier message of the same incident waits.
    partial_index("delivery_waiting", "state = 'waiting'", "tenant", "channel", "incident", "added"),
    **CLUSTERED,
)
