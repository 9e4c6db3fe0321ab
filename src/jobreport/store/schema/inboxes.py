"""The tables of inboxes: addresses that anything can ping, and how far each has come. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

inbox: Final = Table(
    "inbox",
    shared,
    # Its ID, which is no secret: 8 hexadecimal digits.
    Column("inbox", CodePointText, primary_key=True),
    Column("tenant", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # Its name below the ping key of its tenant.
    Column("slug", CodePointText, nullable=False),
    # SHA-256 of its address, and the address encrypted with the secret key. NULL: there was no secret key.
    Column("address", LargeBinary, nullable=False, unique=True),
    Column("sealed", LargeBinary),
    # What its jobs are.
    Column("plan", Text, nullable=False),
    Column("service", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("resource", Text, nullable=False),
    # The command whose output is in the bodies, such as `restic backup`; empty: what the body itself shows.
    Column("tool", Text, nullable=False),
    # How long a run may take, in seconds.
    Column("longest", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("inbox_slug", "tenant", "slug", unique=True),
    **CLUSTERED,
)

ping_key: Final = Table(
    "ping_key",
    shared,
    # SHA-256 of the key, below which all inboxes of a tenant have an address by their slugs; and the key, encrypted.
    Column("digest", LargeBinary, primary_key=True),
    Column("tenant", Integer, nullable=False, unique=True),
    Column("sealed", LargeBinary),
    Column("created", BigInteger, nullable=False),
    **CLUSTERED,
)

inbox_state: Final = Table(
    "inbox_state",
    shared,
    # It changes with every ping, in the transaction of the job.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("inbox", CodePointText, primary_key=True),
    # The job of the newest run that has no ID of its own.
    Column("run", CodePointText, nullable=False),
    Column("pings", BigInteger, nullable=False),
    # When the last ping came, the last start, and the last end of a run whose start was not told; 0: never.
    Column("last", BigInteger, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("unstarted", BigInteger, nullable=False),
    # The last text that came while no run was open.
    Column("log", Text, nullable=False),
    **CLUSTERED,
)
