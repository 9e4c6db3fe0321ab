"""Reports of jobs in, all of them stored or none; how many were new, changed and known out. Idempotent."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, update

from jobreport.model.job import Job, new_job_id, new_unique_job_id
from jobreport.model.recorded import Recorded
from jobreport.model.verdict import StoredJob, Verdict, judge
from jobreport.store.errors import FinalJobError, ForeignJobError
from jobreport.store.rows import WHOLE, stored, values
from jobreport.store.schema import job as table
from jobreport.store.schema import job_version

_IDS_A_STATEMENT = 500
_ID_ATTEMPTS = 30


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who reports: the app registration (empty for the store's own machine) and what it may do.

    `own_only`: only jobs that the same app reported first. `strict`: reopening a finished job is an error
    (FinalJobError) and not merely without effect.
    """

    app: str = ""
    own_only: bool = False
    strict: bool = False


def record(connection: Connection, tenant: int, jobs: Sequence[Job], writer: Writer, now: int) -> Recorded:
    """Stores `jobs` for `tenant` as received at `now` (ticks); a job without an ID gets a new one.

    Raises FinalJobError, ForeignJobError; the caller's transaction is then to be left.
    """
    known = _known(connection, tenant, (job.job_id for job in jobs if job.job_id))
    before = dict(known)
    taken = set(known)
    counts = dict.fromkeys(Verdict, 0)
    ids: list[str] = []
    for position, job in enumerate(jobs):
        if not job.job_id:
            job = job.evolve(job_id=_free_id(connection, tenant, job, now, taken))
        ids.append(job.job_id)
        taken.add(job.job_id)
        current = known.get(job.job_id)
        if current and writer.own_only and current.app != writer.app:
            raise ForeignJobError(position, job.job_id)
        verdict = judge(current, job)
        if verdict is Verdict.REFUSE and writer.strict and current:
            raise FinalJobError(job.job_id, current.job.state.name)
        counts[verdict] += 1
        delivered_twice = current and current.job == job and current.deadline is None
        if verdict not in (Verdict.KEEP, Verdict.REFUSE) and not delivered_twice:
            received, app = (current.received, current.app) if current else (now, writer.app)
            known[job.job_id] = StoredJob(job=job, received=received, heard=now, app=app)
    _write(connection, tenant, before, known, now)
    return Recorded(
        received=len(jobs),
        created=counts[Verdict.CREATE],
        updated=counts[Verdict.UPDATE],
        unchanged=counts[Verdict.KEEP] + counts[Verdict.ALIVE] + counts[Verdict.REFUSE],
        job_ids=tuple(ids),
    )


def _known(connection: Connection, tenant: int, job_ids: Iterable[str]) -> dict[str, StoredJob]:
    """What is stored of these jobs, by ID."""
    wanted = list(dict.fromkeys(job_ids))
    found: dict[str, StoredJob] = {}
    statement = select(*WHOLE).where(
        table.c.tenant == bindparam("tenant"), table.c.job_id.in_(bindparam("ids", expanding=True))
    )
    for first in range(0, len(wanted), _IDS_A_STATEMENT):
        ids = wanted[first : first + _IDS_A_STATEMENT]
        for row in connection.execute(statement, {"tenant": tenant, "ids": ids}):
            found[row.job_id] = stored(row)
    return found


def _free_id(connection: Connection, tenant: int, job: Job, now: int, taken: set[str]) -> str:
    """An ID that neither the store nor this request has: the publisher's form while there are any left."""
    start = job.start or now
    for _ in range(_ID_ATTEMPTS):
        candidate = new_job_id(job.type, start)
        if candidate not in taken and not _known(connection, tenant, [candidate]):
            return candidate
    # A second has a thousand such IDs; a large batch can use them up.
    return new_unique_job_id(job.type, start)


def _write(
    connection: Connection, tenant: int, before: dict[str, StoredJob], after: dict[str, StoredJob], now: int
) -> None:
    """Brings the tables from `before` to `after`, keeping each finished version that is replaced."""
    created = [values(tenant, entry) for job_id, entry in after.items() if job_id not in before]
    changed = [(before[job_id], entry) for job_id, entry in after.items() if job_id in before]
    replaced = [(old, new) for old, new in changed if old is not new]
    if created:
        connection.execute(insert(table), created)
    if replaced:
        _keep_versions(connection, tenant, [pair for pair in replaced if _is_correction(*pair)], now)
        replace_rows(connection, [values(tenant, new) for _, new in replaced])


def replace_rows(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
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


def _is_correction(old: StoredJob, new: StoredJob) -> bool:
    return old.job.state.finished and not old.job.same_but_for_time(new.job)


def _keep_versions(connection: Connection, tenant: int, pairs: Sequence[tuple[StoredJob, StoredJob]], now: int) -> None:
    for old, _ in pairs:
        job_id = old.job.job_id
        last = select(func.coalesce(func.max(job_version.c.version), 0)).where(
            job_version.c.tenant == tenant, job_version.c.job_id == job_id
        )
        version: int = connection.execute(last).scalar_one() + 1
        connection.execute(
            insert(job_version).values(
                tenant=tenant,
                job_id=job_id,
                version=version,
                replaced=now,
                presumed=old.presumed,
                job=msgspec.msgpack.encode(old.job),
            )
        )
