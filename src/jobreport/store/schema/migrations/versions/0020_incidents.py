"""Adds incidents: what needs somebody, in which groups that was told, and what rules still have to tell."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Creates the tables. No row is changed."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

    def whose(*names: str) -> list[sa.Column[str] | sa.Column[int]]:
        return [
            sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
            *(sa.Column(name, key, primary_key=True) for name in names),
        ]

    def times(*names: str) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]

    def numbers(*names: str) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.Integer, nullable=False) for name in names]

    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text, nullable=False) for name in names]

    op.create_table(
        "incident",
        *whose("incident"),
        *numbers("series", "service", "type"),
        *texts("plan", "resource", "origin", "connector", "folded_plan", "folded_resource"),
        *texts("verdict", "sentence", "cause", "job"),
        *times("opened", "changed", "closed"),
        *texts("ended", "held"),
        *times("returned"),
        *texts("back", "ticket"),
        sa.Column("news", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "incident_told",
        *whose("incident", "rule"),
        *texts("channels"),
        sa.Column("in_group", key, nullable=False),
        *times("ready", "told"),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        *times("due"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "incident_group",
        *whose("in_group"),
        *texts("rule", "channels", "common", "common_key"),
        *times("begun", "told"),
        *numbers("number", "size"),
        *times("due", "closed"),
        sqlite_with_rowid=False,
    )
    op.create_index("incident_opened", "incident", ["tenant", "opened", "incident"])
    op.create_index("incident_series", "incident", ["tenant", "series", "opened"])
    op.create_index("incident_told_group", "incident_told", ["tenant", "in_group"])
    for name, table, condition, columns in (
        ("incident_open", "incident", "closed = 0", ["tenant", "series"]),
        ("incident_held", "incident", "closed = 0 AND held <> ''", ["tenant", "series"]),
        ("incident_news", "incident", "news > 0", ["tenant", "opened"]),
        ("incident_told_due", "incident_told", "due > 0", ["tenant", "due"]),
        ("incident_group_due", "incident_group", "due > 0", ["tenant", "due"]),
        ("incident_group_open", "incident_group", "closed = 0", ["tenant", "rule"]),
    ):
        op.create_index(
            name,
            table,
            columns,
            unique=name == "incident_open",
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
