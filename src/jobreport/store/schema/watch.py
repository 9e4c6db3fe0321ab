"""The tables of the watch: how each series stands to what is expected of it, and runs that did not start.

Times are ticks. When a series must be judged next stands in its own row (`series.judge_at`).
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, Table, Text, false

from jobreport.store.db.definitions import CLUSTERED, partial_index
from jobreport.store.schema.metadata import shared

series_verdict: Final = Table(
    "series_verdict",
    shared,
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    # `model.judgement.Verdict`, and since when it is so.
    Column("verdict", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    # Why, with its numbers; the code of the cause, and the ID of the job that it is about: both may be empty.
    Column("sentence", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("job", Text, nullable=False),
    # The due time that is not settled yet (0: none), by the schedule with this hash.
    Column("due", BigInteger, nullable=False),
    Column("schedule", Text, nullable=False),
    # The due time of the run that it is about (0: it is about none).
    Column("run_due", BigInteger, nullable=False, server_default="0"),
    # How it counts (`model.need.Need`); if it is not good, the state of its newest job that has ended, else 0; and its
    # service. By `place` those are listed that are not well (`model.need.rank`).
    Column("need", SmallInteger, nullable=False, server_default="0"),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("service", Integer, nullable=False, server_default="0"),
    Column("place", BigInteger, nullable=False, server_default="0"),
    # When its last good copy gets older than expected, or did (0: nothing says so, or it does not matter now).
    Column("too_old", BigInteger, nullable=False, server_default="0"),
    # Few are not well: these are counted and listed by this index alone.
    partial_index("series_verdict_need", "need > 0", "tenant", "need", "place", "series", "state", "service"),
    partial_index("series_verdict_not_met", "verdict <> 'met'", "tenant", "verdict"),
    partial_index("series_verdict_too_old", "too_old > 0", "tenant", "too_old", "series"),
    **CLUSTERED,
)

missed_run: Final = Table(
    "missed_run",
    shared,
    # A run that was due and did not start, as far as is known. A run that is told of later may still be it.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("due", BigInteger, primary_key=True, autoincrement=False),
    # What starts from then on is the next run.
    Column("until", BigInteger, nullable=False),
    # False: its connector has no data of that time.
    Column("known", Boolean, nullable=False),
    # The job that was written for it; empty: none was.
    Column("job", Text, nullable=False),
    # Nothing will be known of it: its origin has forgotten it.
    Column("lost", Boolean, nullable=False, server_default=false()),
    **CLUSTERED,
)

outage: Final = Table(
    "outage",
    shared,
    # A time in which nobody listened.
    Column("begins", BigInteger, primary_key=True, autoincrement=False),
    Column("ends", BigInteger, nullable=False),
    **CLUSTERED,
)
