"""Adds what is expected of series, in the place of the ages that were agreed, and how each series stands to it."""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_TENANT = sa.table("tenant", *(sa.column(name) for name in ("tenant", "max_age", "age_rules", "expectations")))


def upgrade() -> None:
    """Creates the tables, and makes expectations of what was agreed. Every series is judged once after it."""
    op.add_column("tenant", sa.Column("missed_jobs", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("tenant", sa.Column("expectations", sa.Text))
    _convert_ages()
    op.drop_column("tenant", "max_age")
    op.drop_column("tenant", "age_rules")
    op.add_column("series", sa.Column("judge_at", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.create_index("series_judge", "series", ["tenant", "judge_at", "series"])
    op.create_table(
        "series_verdict",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "missed_run",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outage",
        sa.Column("begins", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _convert_ages() -> None:
    connection = op.get_bind()
    agreed = sa.or_(_TENANT.c.max_age.is_not(None), _TENANT.c.age_rules.is_not(None))
    for tenant, of_all, rules in connection.execute(
        sa.select(_TENANT.c.tenant, _TENANT.c.max_age, _TENANT.c.age_rules).where(agreed)
    ).all():
        found = [{"name": "all", "age": of_all}] if of_all else []
        for number, rule in enumerate(json.loads(rules or "[]"), 1):
            about = {"service": rule["service"]} if rule["service"] else {"plan": rule["pattern"]}
            slug = re.sub(r"[^a-z0-9]+", "-", rule["pattern"].casefold()).strip("-") or f"service-{rule['service']}"
            found.append({"name": f"age-{number}-{slug}"[:60], **about, "age": rule["age"]})
        connection.execute(sa.update(_TENANT).where(_TENANT.c.tenant == tenant).values(expectations=json.dumps(found)))
