"""Records reports of jobs. Each request is stored completely or not at all. A report that comes twice changes nothing.

Several requests may be recorded in one transaction (`group_commit`). Each one sees the changes of those before it.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select, union_all

from jobreport.model import ticks
from jobreport.model.job import Job, new_job_id, new_unique_job_id
from jobreport.model.sees import Sees
from jobreport.model.stored_job import SKEW, StoredJob
from jobreport.model.write_result import WriteResult
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.errors import FinalJobError, ForeignJobError
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.judging import Judging, Writer
from jobreport.store.jobs.naming import Names
from jobreport.store.jobs.pending import PendingWrites
from jobreport.store.schema.aliases import job_alias as aliases
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import stored, whole_jobs

_ROWS_A_STATEMENT: Final = 1000
_LONGEST: Final = 2 * ticks.PER_DAY
"""How long before a run what it made is looked for: one that knows its end only is told as if it had begun there."""
_ID_ATTEMPTS: Final = 30
_OF_IDS: Final = (table.c.tenant == bindparam("tenant"), any_of(table.c.job_id))
_IDS: Final = Prepared(
    union_all(
        select(aliases.c.alias, aliases.c.job_id).where(
            aliases.c.tenant == bindparam("tenant"), any_of(aliases.c.alias)
        ),
        select(table.c.job_id, table.c.job_id.label("same")).where(*_OF_IDS),
    )
)
"""Reads which of these IDs mean a job: each ID, and that of the job."""
WHOLE: Final = Prepared(whole_jobs().where(*_OF_IDS))
REFERRED: Final = Prepared(
    walk(select(table.c.reference, table.c.job_id), table, "job_reference").where(
        table.c.tenant == bindparam("tenant"), any_of(table.c.reference)
    )
)
"""Reads the jobs that have these references."""
_MADE: Final = walk(select(table.c.made, table.c.job_id), table, "job_made").where(
    table.c.tenant == bindparam("tenant"), any_of(table.c.made)
)
MADE: Final = Prepared(_MADE)
"""Reads the jobs that made what has these references."""
_WITHIN: Final = table.c.filed.between(bindparam("since"), bindparam("until"))
MAKERS: Final = Prepared(_MADE.where(_WITHIN, table.c.reference.is_(None)))
"""Reads the jobs without a reference that began within a time and made what has these short names. Many others may have
the same: what is backed up each night has one name.
"""
RESULTS: Final = Prepared(_MADE.where(_WITHIN, table.c.reference.is_not(None)))
"""Reads the jobs with a reference that began within a time and have these short names."""


class Request(NamedTuple):
    """The jobs that one writer reports in one call."""

    jobs: Sequence[Job]
    writer: Writer


Refusal = FinalJobError | ForeignJobError


def record(connection: Connection, tenant: int, requests: Sequence[Request], now: int) -> list[WriteResult | Refusal]:
    """Stores the jobs of `requests` for `tenant`, in their order. `now` (ticks) is the time of receipt.

    Returns for each request its result, or the error because of which nothing of the request is stored. A job without
    an ID gets a new ID. All requests are read, written and counted together, so that many small requests cost little
    more than a single large one.
    """
    locks.lock(connection, tenant)
    every = iter(_with_ids(connection, tenant, [job for request in requests for job in request.jobs], now))
    parts = [list(islice(every, len(request.jobs))) for request in requests]
    ids = list(dict.fromkeys(job.job_id for part in parts for job in part))
    told = [job for part in parts for job in part]
    known, names = named(connection, tenant, ids, {name for job in told for name in (job.reference, job.made)}, told)
    pending = PendingWrites(connection, tenant, known, now)
    results: list[WriteResult | Refusal] = []
    for part, request in zip(parts, requests, strict=True):
        judging = Judging(known, names, request.writer, now)
        try:
            results.append(judging.judge(part))
        except (FinalJobError, ForeignJobError) as refusal:
            results.append(refusal)
            continue
        pending.add(judging.entries, judging.merged, judging.names.aliases)
        names.update(judging.names, judging.merged)
    pending.flush()
    return results


def named(
    connection: Connection, tenant: int, ids: Sequence[str], references: set[str], told: Sequence[Job] = ()
) -> tuple[dict[str, StoredJob], Names]:
    """Returns the stored jobs that these IDs or these references mean, and that made the same as those that are `told`,
    by ID, and by which names they are known.
    """
    referred: dict[str, str] = dict(_having(connection, tenant, REFERRED, references))
    made: dict[str, set[str]] = {}
    for name, job_id in _made(connection, tenant, [job for job in told if job.reference not in referred]):
        made.setdefault(name, set()).add(job_id)
    # Most reported jobs are new. So it first asks which IDs are stored at all, which is cheaper.
    meant = _stored(connection, tenant, ids)
    known = whole(connection, tenant, list(dict.fromkeys(chain(meant.values(), referred.values(), *made.values()))))
    others = {given: job_id for given, job_id in meant.items() if given != job_id and job_id in known}
    same = [known[job_id].job for ids in made.values() for job_id in ids if job_id in known]
    referred.update((job.reference, job.job_id) for job in same if job.reference)
    return known, Names(referred, others, made)


def _made(connection: Connection, tenant: int, told: Sequence[Job]) -> Iterator[Any]:
    """Gives the IDs of the stored jobs that may be those that are `told`, by what was made, each behind the name of
    that. Of `told` no reference is known yet: where one is, it says already which job is meant.
    """
    yield from _having(connection, tenant, MADE, {job.reference for job in told if job.sees is not Sees.RUNS})
    results = [job for job in told if job.made and job.reference]
    runs = [job for job in told if job.made and not job.reference]
    if results:
        until = max(max(job.start, job.finish) for job in results) + SKEW
        yield from _having(connection, tenant, MAKERS, {job.made for job in results}, since=0, until=until)
    if runs:
        since = min(job.start for job in runs) - _LONGEST
        until = max(job.finish or ticks.YEAR_2200 for job in runs) + SKEW
        yield from _having(connection, tenant, RESULTS, {job.made for job in runs}, since=since, until=until)


def _having(connection: Connection, tenant: int, statement: Prepared, names: set[str], **within: int) -> Sequence[Any]:
    """Returns the IDs of the stored jobs that have these names, each behind its name. Most jobs have none."""
    if not (names := names - {""}):
        return []
    return statement.rows(connection, {"tenant": tenant, "ids": dialect_of(connection).array([*names]), **within})


def meant(connection: Connection, tenant: int, ids: Sequence[str]) -> dict[str, StoredJob]:
    """Returns the stored jobs that these IDs mean, by these: their own, or others under which they are told of."""
    jobs = _stored(connection, tenant, ids)
    known = whole(connection, tenant, [*dict.fromkeys(jobs.values())])
    return {given: known[job_id] for given, job_id in jobs.items() if job_id in known}


def whole(connection: Connection, tenant: int, ids: Sequence[str]) -> dict[str, StoredJob]:
    """Returns those of these jobs that are stored, by ID."""
    known: dict[str, StoredJob] = {}
    for first in range(0, len(ids), _ROWS_A_STATEMENT):
        part = dialect_of(connection).array(ids[first : first + _ROWS_A_STATEMENT])
        every = map(stored, WHOLE.rows(connection, {"tenant": tenant, "ids": part}))
        known.update((one.job.job_id, one) for one in every)
    return known


def _stored(connection: Connection, tenant: int, job_ids: Sequence[str]) -> dict[str, str]:
    """Returns those of these IDs that are in the store, each with the ID of the job that it means."""
    return dict(_IDS.rows(connection, {"tenant": tenant, "ids": dialect_of(connection).array(job_ids)}))


def _with_ids(connection: Connection, tenant: int, jobs: Sequence[Job], now: int) -> Sequence[Job]:
    """Returns `jobs`. A job without an ID gets one that no other of them has, and no job in the store.

    New IDs have the publisher's form, in which there are only a thousand IDs for each second. If a large batch uses
    these up, the others get longer IDs.
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
        stored_already = _stored(connection, tenant, list(wanted))
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
