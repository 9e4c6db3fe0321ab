"""Adds series, causes, sums of objects and bytes, and counts by the day on which jobs ended.

Only the tables are made here, in moments. `store.backfill` then fills them in steps, since that reads every job.
"""

import sqlalchemy as sa
from alembic import op

from jobreport.store.db import dialect_of
from jobreport.store.db.definitions import free_names

revision = "0005"
down_revision = "0004"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CODES = ("tenant", "service", "type", "state", "day")
_ABOUT = ("description", "plan", "resource", "origin", "folded")
_TEXTS = ("plan", "resource", "origin", "folded_plan", "folded_resource")
_STATUS = (
    *("jobs", "first", "heard", "newest_filed", "newest_id", "newest_state", "ended_filed", "ended_id", "ended_state"),
    *("good_filed", "good_id", "good_finish", "good_objects", "good_bytes"),
    *("not_good", "not_good_since", "unfinished", "unfinished_since"),
)


def upgrade() -> None:
    """Creates the new tables, with the rows of those that get more columns.

    From then on a server of an older version cannot write: its rows would lack these columns.
    """
    connection = op.get_bind()
    op.add_column("tenant", sa.Column("exceptions_good", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("tenant", sa.Column("zone", sa.Text, nullable=False, server_default="UTC"))
    op.add_column("tenant", sa.Column("night", sa.Integer, nullable=False, server_default="1080"))
    op.create_table(
        "backfill",
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    _replace_counts()
    _replace_subjects()
    _create_sums()
    _create_series()
    _create_causes()
    if connection.execute(sa.text("SELECT 1 FROM job LIMIT 1")).first():
        op.execute("INSERT INTO backfill (step, tenant, position) VALUES ('subjects', 0, 0)")
        return
    for name, condition, columns in (
        ("job_ended", "finish > 0", ["tenant", "finish", "service", "type", "state", "subject"]),
        ("job_cause", "cause <> 0", ["tenant", "cause", "filed", "job_id", "service", "type", "state", "subject"]),
    ):
        where = sa.text(condition)
        op.create_index(name, "job", columns, sqlite_where=where, postgresql_where=where)


def _replace_counts() -> None:
    _set_aside("job_count")
    op.create_table(
        "job_count",
        *(_key(name, sa.SmallInteger if name == "state" else sa.Integer) for name in _CODES),
        sa.Column("jobs", sa.Integer, nullable=False),
        sa.Column("ended", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    codes = ", ".join(_CODES)
    op.execute(
        f"INSERT INTO job_count ({codes}, jobs, ended) SELECT {codes}, jobs, 0 FROM old_job_count ORDER BY {codes}"  # noqa: S608 - constants
    )
    op.drop_table("old_job_count")


def _replace_subjects() -> None:
    """Subjects have no service and type yet, and their digest is that of an older version."""
    op.drop_index("subject_digest", "subject")
    _set_aside("subject")
    op.create_table(
        "subject",
        _key("tenant"),
        _key("subject"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("series", "service", "type")),
        *(sa.Column(name, sa.Text, nullable=False) for name in _ABOUT),
        sqlite_with_rowid=False,
    )
    same = ", ".join(("tenant", "subject", "digest", *_ABOUT))
    op.execute(
        f"INSERT INTO subject ({same}, series, service, type) SELECT {same}, 0, 0, 0 FROM old_subject "  # noqa: S608 - constants
        "ORDER BY tenant, subject"
    )
    op.drop_table("old_subject")
    op.create_index("subject_digest", "subject", ["tenant", "digest"], unique=True)
    op.create_index("subject_series", "subject", ["tenant", "series", "subject"])


def _create_sums() -> None:
    op.create_table(
        "job_sum",
        *(_key(name) for name in ("tenant", "service", "type", "day")),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("failed", "successful", "skipped", "total", "size_upper", "size_lower")
        ),
        sqlite_with_rowid=False,
    )


def _create_series() -> None:
    op.create_table(
        "series",
        _key("tenant"),
        _key("series"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("service", "type")),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.Column("sort_name", _KEY, nullable=False),
        *(sa.Column(name, _KEY if name.endswith("_id") else sa.BigInteger, nullable=False) for name in _STATUS),
        sqlite_with_rowid=False,
    )
    op.create_index("series_digest", "series", ["tenant", "digest"], unique=True)
    op.create_index("series_name", "series", ["tenant", "sort_name", "series"])
    op.create_index("series_good", "series", ["tenant", "good_finish", "series"])
    where = sa.text("not_good > 0")
    columns = ["tenant", "not_good_since", "series"]
    op.create_index("series_not_good", "series", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("series_codes", "series", ["tenant", "service", "type", "ended_state", "series"])
    op.create_table(
        "series_count",
        *(_key(name) for name in ("tenant", "service", "type")),
        _key("state", sa.SmallInteger),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("series", "not_good", "never_good")),
        sqlite_with_rowid=False,
    )


def _create_causes() -> None:
    op.create_table(
        "cause",
        _key("tenant"),
        _key("cause"),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("cause_code", "cause", ["tenant", "code", "given"], unique=True)
    op.add_column("job", sa.Column("cause", sa.Integer, nullable=False, server_default="0"))


def _set_aside(name: str) -> None:
    """Renames a table to `old_…`, and its constraints in PostgreSQL."""
    connection = op.get_bind()
    op.rename_table(name, f"old_{name}")
    if not dialect_of(connection).has_row_numbers:
        free_names(connection, f"old_{name}")


def _key(name: str, kind: type[sa.types.TypeEngine[int]] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)
