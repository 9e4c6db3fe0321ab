"""The tables of connectors: how far each stream was read, what is unfinished, next runs, and holes. Times are ticks."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText
from jobreport.store.schema.metadata import shared

connector: Final = Table(
    "connector",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    # Its name in the settings.
    Column("connector", CodePointText, primary_key=True),
    Column("kind", Text, nullable=False),
    # Its interval, in seconds.
    Column("every", Integer, nullable=False),
    # When its last pass began; 0: never.
    Column("begun", BigInteger, nullable=False),
    # Why its streams could not be found; empty: they were.
    Column("error", Text, nullable=False),
    # The pass that reads it now, and until when it may; empty: none.
    Column("holder", CodePointText, nullable=False),
    Column("held", BigInteger, nullable=False),
    **CLUSTERED,
)

connector_stream: Final = Table(
    "connector_stream",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("connector", CodePointText, primary_key=True),
    Column("stream", CodePointText, primary_key=True),
    # The rest is `model.streams.StreamState`.
    Column("sees", Text, nullable=False),
    Column("remembers", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("watermark", BigInteger, nullable=False),
    Column("looked", BigInteger, nullable=False),
    Column("tried", BigInteger, nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("failing", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("jobs", BigInteger, nullable=False),
    **CLUSTERED,
)

connector_job: Final = Table(
    "connector_job",
    shared,
    # The jobs that a stream told of and that have not ended.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("connector", CodePointText, primary_key=True),
    Column("stream", CodePointText, primary_key=True),
    Column("job_id", CodePointText, primary_key=True),
    # A hash of what the stream last told of it, and since when it tells the same.
    Column("digest", LargeBinary, nullable=False),
    Column("changed", BigInteger, nullable=False),
    # Whether it is presumed to have failed, since the stream tells the same for so long.
    Column("presumed", Boolean, nullable=False),
    **CLUSTERED,
)

connector_next_run: Final = Table(
    "connector_next_run",
    shared,
    # When its origin's own scheduler says that a run of a plan begins: what is to come, and what was until lately.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("connector", CodePointText, primary_key=True),
    Column("stream", CodePointText, primary_key=True),
    Column("plan", CodePointText, primary_key=True),
    Column("due", BigInteger, primary_key=True, autoincrement=False),
    **CLUSTERED,
)

connector_hole: Final = Table(
    "connector_hole",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("connector", CodePointText, primary_key=True),
    Column("stream", CodePointText, primary_key=True),
    Column("begins", BigInteger, primary_key=True, autoincrement=False),
    Column("ends", BigInteger, nullable=False),
    Column("found", BigInteger, nullable=False),
    **CLUSTERED,
)
