"""Stores jobs, and everything that is derived from them, in one transaction.

That is: their rows, subjects, causes and earlier versions, the kept counts and sums, how each series stands, and the
index of parts of job IDs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import chain
from typing import Final

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select

from jobreport.model.job import Job
from jobreport.model.stored_job import StoredJob
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import COPY_FROM, PreparedInsert, PreparedOverwrite, Row
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import causes, days, series, subjects, trigrams
from jobreport.store.derived.causes import NONE
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import job_version, numbered_job
from jobreport.store.schema.rows import WHOLE, whole_row

Replacement = tuple[StoredJob | None, StoredJob]
"""A job as it was stored before (None if it is new), and as it must be stored now."""

_ADD: Final = PreparedInsert(table)
_ADD_NUMBERED: Final = PreparedInsert(numbered_job)
_KEYS: Final = ("tenant", "job_id")
_JOB_ID, _REFERENCE = WHOLE.index("job_id"), WHOLE.index("reference")
_OVERWRITE: Final = PreparedOverwrite(table, "job_id", WHOLE[len(_KEYS) :])
_LAST_NUMBER: Final = Prepared(select(func.coalesce(func.max(numbered_job.c.id), 0)))
_JOBS_A_STATEMENT: Final = 500
_IDS: Final[BindParameter[str]] = bindparam("ids", expanding=True)
_NUMBERS: Final = select(numbered_job.c.id, numbered_job.c.job_id).where(
    numbered_job.c.tenant == bindparam("tenant"), numbered_job.c.job_id.in_(_IDS)
)
_LAST_VERSIONS: Final = (
    select(job_version.c.job_id, func.max(job_version.c.version).label("version"))
    .where(job_version.c.tenant == bindparam("tenant"), job_version.c.job_id.in_(_IDS))
    .group_by(job_version.c.job_id)
)


def write(
    connection: Connection,
    tenant: int,
    replacements: Sequence[Replacement],
    now: int,
    beside: Callable[[], None] | None = None,
) -> None:
    """Stores each job, keeps each finished version that a correction replaces, and changes the counts.

    `now` is in ticks. `beside` writes what else is written, by prepared statements: it is sent together with these. The
    caller must hold the tenant's lock.
    """
    about = [subjects.subject_of(new.job) for _, new in replacements]
    replaced = [(old, new) for old, new in replacements if old is not None]
    before = {old.job.job_id: subjects.subject_of(old.job) for old, _ in replaced}
    numbers = subjects.numbers(connection, tenant, chain(about, before.values()))
    cause_of = causes.numbers(connection, tenant, [new.job for _, new in replacements]).get
    belongs = [numbers[subject] for subject in about]
    rows = [
        (old is None, whole_row(tenant, new, mine.subject, cause_of(new.job.job_id, NONE)))
        for (old, new), mine in zip(replacements, belongs, strict=True)
    ]
    created = [row for is_new, row in rows if is_new]
    if corrected := [old for old, new in replaced if old.job.state.finished and not old.job.same_but_for_time(new.job)]:
        _keep_versions(connection, tenant, corrected, now)
    many = len(created) >= COPY_FROM
    with nullcontext() if many else dialect_of(connection).pipeline(connection):
        if created:
            _create(connection, created)
        if replaced:
            _OVERWRITE.many(connection, [row for is_new, row in rows if not is_new])
            referred = [(old.job, new.job) for old, new in replaced if old.job.reference != new.job.reference]
            if referred and dialect_of(connection).has_row_numbers:
                _index_references(connection, tenant, referred)
        days.apply(connection, tenant, replacements)
        if beside:
            beside()
        was_in = {job_id: numbers[subject].series for job_id, subject in before.items()}
        change = series.begin(connection, tenant, _by_series(replacements, belongs, was_in))
    change()


def _by_series(
    replacements: Sequence[Replacement], belongs: Sequence[subjects.Numbers], was_in: Mapping[str, int]
) -> Iterator[series.Change]:
    """Gives what changed in each series. A job whose plan was corrected leaves one series and comes to another."""
    for (old, new), (_, now) in zip(replacements, belongs, strict=True):
        before = was_in[old.job.job_id] if old else now
        if before == now:
            yield now, old, new
        else:
            yield before, old, None
            yield now, None, new


def _create(connection: Connection, rows: Sequence[Row]) -> None:
    """Adds new rows. In SQLite they get the next row numbers, and are added to the index of parts of job IDs."""
    if not dialect_of(connection).has_row_numbers:
        _ADD.many(connection, rows)
        return
    last = int(_LAST_NUMBER.value(connection, {}))
    _ADD_NUMBERED.many(connection, [(number, *row) for number, row in enumerate(rows, last + 1)])
    trigrams.add(connection, [(number, row[_JOB_ID], row[_REFERENCE]) for number, row in enumerate(rows, last + 1)])


def _index_references(connection: Connection, tenant: int, jobs: Sequence[tuple[Job, Job]]) -> None:
    """Puts jobs that got a reference into the index of parts of job IDs again. For each: as it was, and as it is."""
    numbers = {
        job_id: number
        for first in range(0, len(jobs), _JOBS_A_STATEMENT)
        for number, job_id in connection.execute(
            _NUMBERS, {"tenant": tenant, "ids": [new.job_id for _, new in jobs[first : first + _JOBS_A_STATEMENT]]}
        )
    }
    trigrams.remove(connection, [(numbers[old.job_id], old.job_id, old.reference) for old, _ in jobs])
    trigrams.add(connection, [(numbers[new.job_id], new.job_id, new.reference) for _, new in jobs])


def _keep_versions(connection: Connection, tenant: int, corrected: Sequence[StoredJob], now: int) -> None:
    """Adds each job, as it was, to its versions.

    The last version numbers are read by a separate statement, since Citus allows no subquery in an INSERT.
    """
    for first in range(0, len(corrected), _JOBS_A_STATEMENT):
        part = {old.job.job_id: old for old in corrected[first : first + _JOBS_A_STATEMENT]}
        rows = connection.execute(_LAST_VERSIONS, {"tenant": tenant, "ids": list(part)})
        last = {row.job_id: row.version for row in rows}
        connection.execute(
            insert(job_version),
            [
                {
                    "tenant": tenant,
                    "job_id": job_id,
                    "version": last.get(job_id, 0) + 1,
                    "replaced": now,
                    "presumed": old.presumed,
                    "job": msgspec.msgpack.encode(old.job),
                }
                for job_id, old in part.items()
            ],
        )
