"""Stores subjects once; adds indexes that answer any filter without reading rows, and an index of parts of job IDs."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import count, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from jobreport.store.db import dialect_of
from jobreport.store.db.definitions import free_names

revision = "0002"
down_revision = "0001"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TEXTS = ("description", "plan", "resource", "origin")
_KEPT = (
    "tenant, job_id, filed, service, type, state, subject, start, finish, failed, successful, skipped, total, "
    "comments, size, observed, heartbeat, received, heard, deadline, presumed, app, folded_id, raw"
)
_BATCH = 1000


def upgrade() -> None:
    """Creates the new tables, moves all jobs to them, and drops the old tables."""
    connection = op.get_bind()
    embedded = dialect_of(connection).has_row_numbers
    op.create_table(
        "subject",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("subject_digest", "subject", ["tenant", "digest"], unique=True)
    _fill_subjects(connection)
    for name in ("job_filed", "job_service_type", "job_deadline"):
        op.drop_index(name, "job")
    op.rename_table("job", "old_job")
    if not embedded:
        free_names(connection, "old_job")
    _create_job(embedded=embedded)
    _move_jobs(embedded=embedded)
    op.drop_table("old_job")
    _index_jobs(embedded=embedded)
    if embedded:
        _pack_counts()


def _fill_subjects(connection: sa.Connection) -> None:
    """Gives each different subject of a tenant's jobs a number."""
    texts = ", ".join(_TEXTS)
    by_tenant = sa.text(f"SELECT tenant, {texts} FROM job GROUP BY tenant, {texts} ORDER BY tenant")  # noqa: S608 - constants
    distinct = connection.execute(by_tenant, execution_options={"yield_per": _BATCH})
    new = sa.text(
        f"INSERT INTO subject (tenant, subject, digest, {texts}, folded) "  # noqa: S608 - constants
        "VALUES (:tenant, :subject, :digest, :description, :plan, :resource, :origin, :folded)"
    )
    rows = _subjects(distinct)
    while batch := list(islice(rows, _BATCH)):
        connection.execute(new, batch)


def _subjects(distinct: Any) -> Iterator[dict[str, object]]:
    tenant, numbers = None, count(1)
    for row in distinct:
        if row.tenant != tenant:
            tenant, numbers = row.tenant, count(1)
        texts = {name: getattr(row, name) for name in _TEXTS}
        digest = blake2b("\0".join(texts.values()).encode(), digest_size=16).digest()
        folded = texts["description"].casefold()
        yield {"tenant": tenant, "subject": next(numbers), "digest": digest, "folded": folded, **texts}


def _create_job(*, embedded: bool) -> None:
    number = [sa.Column("id", sa.Integer, primary_key=True)] if embedded else []
    op.create_table(
        "job",
        *number,
        sa.Column("tenant", sa.Integer, primary_key=not embedded, autoincrement=False, nullable=False),
        sa.Column("job_id", _KEY, primary_key=not embedded, nullable=False),
        sa.Column("filed", sa.BigInteger, nullable=False),
        sa.Column("service", sa.Integer, nullable=False),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("subject", sa.Integer, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("finish", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("successful", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("comments", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("observed", sa.BigInteger, nullable=False),
        sa.Column("heartbeat", sa.Integer, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("heard", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("presumed", sa.Boolean, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("folded_id", sa.Text),
        sa.Column("raw", sa.Text, nullable=False),
    )


def _move_jobs(*, embedded: bool) -> None:
    if embedded:  # PostgreSQL joins by hashes, SQLite by an index
        op.create_index("subject_texts", "subject", ["tenant", *_TEXTS])
    # The old column for searches had the folded ID, a capital A, and the folded description.
    size, old_id = (
        ("length(CAST(job_id AS BLOB))", "substr(j.folded, 1, instr(j.folded, 'A') - 1)")
        if embedded
        else ("octet_length(job_id)", "split_part(j.folded, 'A', 1)")
    )
    special = {"tenant": "j.tenant", "folded_id": f"CASE WHEN {size} > length(job_id) THEN {old_id} END"}
    chosen = ", ".join(special.get(name, name) for name in _KEPT.split(", "))
    same = " AND ".join(f"s.{name} = j.{name}" for name in ("tenant", *_TEXTS))
    order = "ORDER BY j.rowid" if embedded else ""
    op.execute(
        f"INSERT INTO job ({_KEPT}) SELECT {chosen} FROM old_job j JOIN subject s ON {same} {order}"  # noqa: S608 - constants
    )
    if embedded:
        op.drop_index("subject_texts", "subject")


def _index_jobs(*, embedded: bool) -> None:
    op.create_index("job_filed", "job", ["tenant", "filed", "job_id", "service", "type", "state", "subject"])
    op.create_index("job_service_type", "job", ["tenant", "service", "type", "filed", "job_id", "state", "subject"])
    op.create_index("job_subject", "job", ["tenant", "subject", "filed", "service", "type", "state"])
    for name, condition, columns in (
        ("job_state", "state <> 2", ["tenant", "state", "filed", "job_id", "service", "type", "subject"]),
        ("job_deadline", "deadline IS NOT NULL", ["deadline"]),
        ("job_folded_id", "folded_id IS NOT NULL", ["tenant", "folded_id"]),
    ):
        where = sa.text(condition)
        op.create_index(name, "job", columns, sqlite_where=where, postgresql_where=where)
    if not embedded:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("CREATE INDEX job_gram ON job USING gin (coalesce(folded_id, lower(job_id)) gin_trgm_ops)")
        return
    op.create_index("job_key", "job", ["tenant", "job_id"], unique=True)
    op.execute(
        "CREATE VIRTUAL TABLE job_gram USING fts5(job_id, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    op.execute("CREATE VIRTUAL TABLE job_gram_term USING fts5vocab(job_gram, row)")
    # `store.migrate` fills the index after each upgrade, from the jobs.


def _pack_counts() -> None:
    """Moves the counts to a table that SQLite stores in the index of its primary key."""
    op.rename_table("job_count", "old_count")
    op.create_table(
        "job_count",
        sa.Column("tenant", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("service", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("jobs", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO job_count (tenant, service, type, state, day, jobs) "
        "SELECT tenant, service, type, state, day, jobs FROM old_count ORDER BY tenant, service, type, state, day"
    )
    op.drop_table("old_count")
