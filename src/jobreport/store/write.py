"""What is stored of jobs and what is to be stored in; rows, subjects, versions and counts brought to it, together."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, update

from jobreport.model.verdict import StoredJob
from jobreport.store import counts, grams, subjects
from jobreport.store.rows import values
from jobreport.store.schema import job as table
from jobreport.store.schema import job_version, numbered_job

Replacement = tuple[StoredJob | None, StoredJob]
"""What was stored of a job, None for a new one; and what is to be stored now."""

_LAST_NUMBER: Final = select(func.coalesce(func.max(numbered_job.c.id), 0))
_LAST_VERSION: Final = (
    select(func.coalesce(func.max(job_version.c.version), 0))
    .where(job_version.c.tenant == bindparam("of_tenant"), job_version.c.job_id == bindparam("of_job"))
    .scalar_subquery()
)
_ADD_VERSION: Final = insert(job_version).values(
    tenant=bindparam("of_tenant"),
    job_id=bindparam("of_job"),
    version=_LAST_VERSION + 1,
    replaced=bindparam("now"),
    presumed=bindparam("was_presumed"),
    job=bindparam("was"),
)


def write(connection: Connection, tenant: int, replacements: Sequence[Replacement], now: int) -> None:
    """Stores each job, keeps each finished version that a correction replaces, and counts the difference."""
    about = subjects.numbers(connection, tenant, (new.job for _, new in replacements))
    created = [values(tenant, new, about[subjects.of(new.job)]) for old, new in replacements if old is None]
    replaced = [(old, new) for old, new in replacements if old is not None]
    if created:
        _create(connection, created)
    if replaced:
        corrected = [old for old, new in replaced if old.job.state.finished and not old.job.same_but_for_time(new.job)]
        if corrected:
            _keep_versions(connection, tenant, corrected, now)
        _overwrite(connection, [values(tenant, new, about[subjects.of(new.job)]) for _, new in replaced])
    counts.apply(connection, tenant, replacements)


def _create(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Adds rows; in SQLite under the next numbers, and to the index of trigrams by these."""
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), rows)
        return
    last: int = connection.execute(_LAST_NUMBER).scalar_one()
    numbered = [{"id": number, **row} for number, row in enumerate(rows, last + 1)]
    connection.execute(insert(numbered_job), numbered)
    grams.add(connection, [(last + place, str(row["job_id"])) for place, row in enumerate(rows, 1)])


def _overwrite(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Overwrites whole rows that exist."""
    keys = ("tenant", "job_id")
    assignments: dict[str, BindParameter[object]] = {
        name: bindparam(f"new_{name}") for name in rows[0] if name not in keys
    }
    statement = update(table).where(
        table.c.tenant == bindparam("key_tenant"), table.c.job_id == bindparam("key_job_id")
    )
    connection.execute(
        statement.values(assignments),
        [{f"key_{name}" if name in keys else f"new_{name}": value for name, value in row.items()} for row in rows],
    )


def _keep_versions(connection: Connection, tenant: int, corrected: Sequence[StoredJob], now: int) -> None:
    """Adds each job, as it was, to its versions."""
    connection.execute(
        _ADD_VERSION,
        [
            {
                "of_tenant": tenant,
                "of_job": old.job.job_id,
                "now": now,
                "was_presumed": old.presumed,
                "was": msgspec.msgpack.encode(old.job),
            }
            for old in corrected
        ],
    )
