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

inbox_unread: Final = Table(
    "inbox_unread",
    shared,
    # What came to an inbox and could not be read: kept until somebody reads it again, or lets it go.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Its ID, which is no secret: 16 hexadecimal digits.
    Column("unread", CodePointText, primary_key=True),
    Column("inbox", CodePointText, nullable=False),
    # SHA-256 of what is the same when it is delivered again.
    Column("digest", LargeBinary, nullable=False),
    # How it came: `webhook` or `mail`; and in whose form it was to be read: the last word of an address, or a rule.
    Column("kind", Text, nullable=False),
    Column("form", Text, nullable=False),
    # Why it could not be read, for people.
    Column("why", Text, nullable=False),
    # What is known of it beside its content, as JSON: the headers of a request, the sender and subject of a mail.
    Column("about", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    # How often it came, first and last.
    Column("times", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    # The last column: SQLite reads a row up to the column that is asked for, and this one may have megabytes.
    Column("content", LargeBinary, nullable=False),
    Index("inbox_unread_digest", "tenant", "inbox", "digest", unique=True),
    **CLUSTERED,
)
