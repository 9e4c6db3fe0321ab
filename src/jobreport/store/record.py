"""Reports of jobs in, all of them stored or none; how many were new, changed and known out. Idempotent."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, select

from jobreport.model.job import Job, new_job_id, new_unique_job_id
from jobreport.model.recorded import Recorded
from jobreport.model.verdict import StoredJob, Verdict, judge
from jobreport.store import locks
from jobreport.store.errors import FinalJobError, ForeignJobError
from jobreport.store.rows import stored, whole_jobs
from jobreport.store.schema import job as table
from jobreport.store.write import write

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
    locks.alone(connection, tenant)
    jobs = _named(connection, tenant, jobs, now)
    known = _known(connection, tenant, (job.job_id for job in jobs))
    before = dict(known)
    counts = dict.fromkeys(Verdict, 0)
    for position, job in enumerate(jobs):
        current = known.get(job.job_id)
        if not job.observed:
            # By the order of arrival, even where this clock was set back in between.
            job = job.evolve(observed=max(now, current.job.observed if current else 0))
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
    changes = [(before.get(job_id), entry) for job_id, entry in known.items()]
    write(connection, tenant, [(old, new) for old, new in changes if old is not new], now)
    return Recorded(
        received=len(jobs),
        created=counts[Verdict.CREATE],
        updated=counts[Verdict.UPDATE],
        unchanged=counts[Verdict.KEEP] + counts[Verdict.ALIVE] + counts[Verdict.REFUSE],
        job_ids=tuple(job.job_id for job in jobs),
    )


def _known(connection: Connection, tenant: int, job_ids: Iterable[str]) -> dict[str, StoredJob]:
    """What is stored of these jobs, by ID."""
    return {row.job_id: stored(row) for row in _rows(connection, whole_jobs(), tenant, job_ids)}


def _rows(connection: Connection, columns: Select[Any], tenant: int, job_ids: Iterable[str]) -> Iterator[Row[Any]]:
    """The `columns` of those of these jobs that are stored."""
    wanted = list(dict.fromkeys(job_ids))
    statement = columns.where(
        table.c.tenant == bindparam("tenant"), table.c.job_id.in_(bindparam("ids", expanding=True))
    )
    for first in range(0, len(wanted), _IDS_A_STATEMENT):
        yield from connection.execute(statement, {"tenant": tenant, "ids": wanted[first : first + _IDS_A_STATEMENT]})


def _named(connection: Connection, tenant: int, jobs: Sequence[Job], now: int) -> Sequence[Job]:
    """`jobs`; those without an ID get one that neither the store nor this request has.

    It has the publisher's form while there are any left: a second has a thousand, which a large batch can use up.
    """
    nameless = [position for position, job in enumerate(jobs) if not job.job_id]
    if not nameless:
        return jobs
    named = list(jobs)
    taken = {job.job_id for job in jobs}
    for _ in range(_ID_ATTEMPTS):
        wanted: dict[str, int] = {}
        for position in nameless:
            candidate = new_job_id(jobs[position].type, jobs[position].start or now)
            if candidate not in taken:
                wanted.setdefault(candidate, position)
        stored_already = {row.job_id for row in _rows(connection, select(table.c.job_id), tenant, wanted)}
        for candidate, position in wanted.items():
            if candidate not in stored_already:
                named[position] = jobs[position].evolve(job_id=candidate)
        taken.update(wanted)
        nameless = [position for position in nameless if not named[position].job_id]
        if not nameless:
            return named
    for position in nameless:
        job = jobs[position]
        named[position] = job.evolve(job_id=new_unique_job_id(job.type, job.start or now))
    return named
