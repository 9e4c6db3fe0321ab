"""Records reports of jobs. Each request is stored completely or not at all. A report that comes twice changes nothing.

Several requests may be recorded in one transaction (`group_commit`). Each one sees the changes of those before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, select

from jobreport.model.job import Job, new_job_id, new_unique_job_id
from jobreport.model.verdict import StoredJob, Verdict, judge
from jobreport.model.write_result import WriteResult
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.errors import FinalJobError, ForeignJobError
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.pending import PendingWrites
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import stored, whole_jobs

_ROWS_A_STATEMENT: Final = 1000
_ID_ATTEMPTS: Final = 30
_OF_IDS: Final = (table.c.tenant == bindparam("tenant"), any_of(table.c.job_id))
_IDS: Final = Prepared(select(table.c.job_id).where(*_OF_IDS))
_WHOLE: Final = whole_jobs().where(*_OF_IDS)


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The sender of a report: `app` is its client ID (empty for a command on the store's own machine).

    `own_only`: the sender may only change jobs that the same app reported first. `strict`: to report a finished job as
    unfinished is an error (FinalJobError); otherwise such a report has no effect. `from_export`: the jobs come from a
    file of an export, which has no `raw` and no `heartbeat`: those that are stored stay. A job that says nothing new
    then has no effect at all; it is no sign of life either. `time_step` (ticks): the file has times in such steps, so a
    time that is less than a step from the stored one is the stored one. `listing`: the jobs come from a list that is
    read again and again; a job of which it says nothing new is no sign of life, and has no effect at all.
    """

    app: str = ""
    own_only: bool = False
    strict: bool = False
    from_export: bool = False
    time_step: int = 1
    listing: bool = False


class Request(NamedTuple):
    """The jobs that one writer reports in one call."""

    jobs: Sequence[Job]
    writer: Writer


Refusal = FinalJobError | ForeignJobError
_TIMES: Final = ("start", "finish", "observed")


def record(connection: Connection, tenant: int, requests: Sequence[Request], now: int) -> list[WriteResult | Refusal]:
    """Stores the jobs of `requests` for `tenant`, in their order. `now` (ticks) is the time of receipt.

    Returns for each request its result, or the error because of which nothing of the request is stored. A job without
    an ID gets a new ID. All requests are read, written and counted together, so that many small requests cost little
    more than a single large one.
    """
    locks.lock(connection, tenant)
    named = iter(_with_ids(connection, tenant, [job for request in requests for job in request.jobs], now))
    parts = [list(islice(named, len(request.jobs))) for request in requests]
    known = _known(connection, tenant, (job.job_id for part in parts for job in part))
    pending = PendingWrites(connection, tenant, known, now)
    results: list[WriteResult | Refusal] = []
    for part, request in zip(parts, requests, strict=True):
        try:
            entries, recorded = _judge_request(known, part, request.writer, now)
        except (FinalJobError, ForeignJobError) as refusal:
            results.append(refusal)
            continue
        pending.add(entries)
        results.append(recorded)
    pending.flush()
    return results


def _judge_request(
    known: Mapping[str, StoredJob], jobs: Sequence[Job], writer: Writer, now: int
) -> tuple[dict[str, StoredJob], WriteResult]:
    """Returns the jobs that must be stored for a request, by ID, and the request's result.

    `known` has the jobs as they are stored so far. Raises FinalJobError or ForeignJobError if the request is refused.
    """
    entries: dict[str, StoredJob] = {}
    verdicts: list[Verdict] = []
    for position, job in enumerate(jobs):
        current = entries.get(job.job_id) or known.get(job.job_id)
        if current and writer.from_export:
            job = _completed(job, current.job, writer.time_step)
        if not job.observed:
            # A later report must have a later observed time, even if this machine's clock was set back in between.
            job = job.evolve(observed=max(now, current.job.observed if current else 0))
        if current and writer.own_only and current.app != writer.app:
            raise ForeignJobError(position, job.job_id)
        verdict = judge(current, job)
        if verdict is Verdict.REFUSE and writer.strict and current:
            raise FinalJobError(job.job_id, current.job.state.name)
        verdicts.append(verdict)
        delivered_twice = current and current.job == job and (writer.from_export or current.deadline is None)
        listed_twice = verdict is Verdict.ALIVE and writer.listing
        if verdict is not Verdict.KEEP and verdict is not Verdict.REFUSE and not (delivered_twice or listed_twice):
            received, app = (current.received, current.app) if current else (now, writer.app)
            entries[job.job_id] = StoredJob(job=job, received=received, heard=now, app=app)
    created, updated = verdicts.count(Verdict.CREATE), verdicts.count(Verdict.UPDATE)
    return entries, WriteResult(
        received=len(jobs),
        created=created,
        updated=updated,
        unchanged=len(jobs) - created - updated,
        job_ids=tuple([job.job_id for job in jobs]),
    )


def _completed(exported: Job, current: Job, time_step: int) -> Job:
    """Returns an exported job with what the file does not have of the stored one: some fields, and the parts of a time
    that are smaller than `time_step`; `current` if nothing differs.
    """
    whole = exported.evolve(raw=current.raw, heartbeat=current.heartbeat)
    if time_step > 1:
        stored = {name: getattr(current, name) for name in _TIMES}
        whole = whole.evolve(**{name: at for name, at in stored.items() if abs(at - getattr(whole, name)) < time_step})
    # Where the comments tell the same cause that the origin gave, the file does not say that the origin gave it.
    if not whole.cause and (whole.state, whole.comments) == (current.state, current.comments):
        whole = whole.evolve(cause=current.cause)
    return current if whole.same_but_for_time(current) else whole


def _known(connection: Connection, tenant: int, job_ids: Iterable[str]) -> dict[str, StoredJob]:
    """Returns those of these jobs that are stored, by ID.

    Most reported jobs are new. So it first asks which IDs are stored at all, which is cheaper.
    """
    return whole(connection, tenant, _stored(connection, tenant, list(dict.fromkeys(job_ids))))


def whole(connection: Connection, tenant: int, ids: Sequence[str]) -> dict[str, StoredJob]:
    """Returns those of these jobs that are stored, by ID."""
    known: dict[str, StoredJob] = {}
    for first in range(0, len(ids), _ROWS_A_STATEMENT):
        part = dialect_of(connection).array(ids[first : first + _ROWS_A_STATEMENT])
        rows = connection.execute(_WHOLE, {"tenant": tenant, "ids": part})
        known.update((row.job_id, stored(row)) for row in rows)
    return known


def _stored(connection: Connection, tenant: int, job_ids: Sequence[str]) -> list[str]:
    """Returns those of these IDs that are in the store."""
    return [
        job_id for (job_id,) in _IDS.rows(connection, {"tenant": tenant, "ids": dialect_of(connection).array(job_ids)})
    ]


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
        stored_already = set(_stored(connection, tenant, list(wanted)))
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
