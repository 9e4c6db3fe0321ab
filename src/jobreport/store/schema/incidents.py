"""The tables of incidents: what needs somebody, in which groups that was told, and what rules still have to tell.

Times are ticks, 0: not yet.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text

from jobreport.store.db.definitions import CLUSTERED, CodePointText, partial_index
from jobreport.store.schema.metadata import shared

incident: Final = Table(
    "incident",
    shared,
    # What each column means says `model.incident.Incident`.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("incident", CodePointText, primary_key=True),
    Column("series", Integer, nullable=False),
    Column("service", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("connector", Text, nullable=False),
    # Plan and resource case-folded, for searches.
    Column("folded_plan", Text, nullable=False),
    Column("folded_resource", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("job", Text, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
    Column("ended", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("returned", BigInteger, nullable=False),
    Column("back", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    # Whether something of it happened that no rule has looked at yet.
    Column("news", SmallInteger, nullable=False),
    Index("incident_opened", "tenant", "opened", "incident"),
    Index("incident_series", "tenant", "series", "opened"),
    partial_index("incident_open", "closed = 0", "tenant", "series", unique=True),
    partial_index("incident_held", "closed = 0 AND held <> ''", "tenant", "series"),
    partial_index("incident_news", "news > 0", "tenant", "opened"),
    **CLUSTERED,
)

incident_told: Final = Table(
    "incident_told",
    shared,
    # Of each rule that an incident fits: what was told of it.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("incident", CodePointText, primary_key=True),
    Column("rule", CodePointText, primary_key=True),
    # Those of the rule's channels to which no earlier rule tells it, with commas between them.
    Column("channels", Text, nullable=False),
    # The group in which it was told; empty: in none yet.
    Column("in_group", CodePointText, nullable=False),
    # Since when it may be told, when it was, how much it mattered then (`model.incident.rank`).
    Column("ready", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    # When the rule looks at it next; 0: when something happens.
    Column("due", BigInteger, nullable=False),
    partial_index("incident_told_due", "due > 0", "tenant", "due"),
    Index("incident_told_group", "tenant", "in_group"),
    **CLUSTERED,
)

incident_group: Final = Table(
    "incident_group",
    shared,
    # What each column means says `model.incident_groups.Group`.
    Column("tenant", Integer, primary_key=True, autoincrement=False),
    Column("in_group", CodePointText, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("common", Text, nullable=False),
    Column("common_key", Text, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
    partial_index("incident_group_due", "due > 0", "tenant", "due"),
    partial_index("incident_group_open", "closed = 0", "tenant", "rule"),
    **CLUSTERED,
)
