"""The one place of the measurements that knows our tables: what somebody would write by hand over them, as SQL."""

from typing import Final

BARE_TOTAL: Final = (
    "SELECT coalesce(sum(jobs), 0) FROM job_count WHERE tenant = ? AND service = ? AND type = ? AND state = -1"
)
BARE_PAGE: Final = (
    "SELECT job_id, state, failed, successful, skipped, total, start, finish, comments FROM job "
    "WHERE tenant = ? AND service = ? AND type = ? ORDER BY filed DESC, job_id DESC LIMIT ? OFFSET ?"
)
"""One report by hand: the total from the kept counts, the page from the index."""

EXPORTED: Final = (
    "SELECT job_id, job.service, job.type, state, start, finish, finish - start, failed, successful, skipped, total, "
    "size, comments, description, plan, resource, origin FROM job JOIN subject USING (tenant, subject) "
    "WHERE tenant = {} ORDER BY filed DESC, job_id DESC"
)
"""The rows of an export of a tenant, as they are stored."""

LIKE: Final = (
    "SELECT count(*) FROM job JOIN subject USING (tenant, subject) "
    "WHERE tenant = ? AND (job_id LIKE ? OR description LIKE ?)"
)
"""The plain scan of a tenant's jobs."""
LIKE_POSTGRESQL: Final = LIKE.replace("?", "%s").replace(" LIKE ", " ILIKE ")
PEERS_LIKE: Final = "SELECT count(*) FROM job WHERE tenant = ? AND (job_id LIKE ? OR description LIKE ?)"
"""The same over the peers' table, where a job has its description with it."""

PEERS_TABLE: Final = """
CREATE TABLE job (
    id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, job_id TEXT NOT NULL, service INTEGER NOT NULL,
    type INTEGER NOT NULL, state INTEGER NOT NULL, failed INTEGER NOT NULL, successful INTEGER NOT NULL,
    skipped INTEGER NOT NULL, total INTEGER NOT NULL, start INTEGER NOT NULL, finish INTEGER NOT NULL,
    comments TEXT NOT NULL, description TEXT NOT NULL)
"""
PEERS_FILL: Final = """
INSERT INTO job (tenant, job_id, service, type, state, failed, successful, skipped, total, start, finish, comments,
    description)
SELECT it.tenant, job_id, it.service, it.type, state, failed, successful, skipped, total, start, finish, comments,
    description
FROM ours.job it JOIN ours.subject USING (tenant, subject)
"""
PEERS_INDEX: Final = "CREATE INDEX job_service_type_start ON job (tenant, service, type, start)"
"""What the author of a conventional service would make."""

FILLED: Final = ("subject", "series", "series_count", "cause", "job", "job_count", "job_sum")
"""The tables that an import fills, read back and inserted as they are."""
PARTS_TABLE: Final = "job_gram"
PARTS: Final = (
    f"INSERT INTO {PARTS_TABLE} (rowid, job_id) VALUES (?, ?)",
    "SELECT id, parts(job_id) FROM job ORDER BY id",
)
"""SQLite's index of parts of job IDs keeps no text: what goes in, and where it comes from (`parts` makes the words)."""
