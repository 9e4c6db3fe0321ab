"""Stores what a pass has read of a stream, all at once: its jobs, which of them have not ended, and the position.

So the position is never ahead of the jobs. A list is read again and again, and most of it is known already. A repeated
finished job changes nothing. A repeated unfinished job is recognised by its hash: a job that is presumed to have
failed, since it did not change for so long, is revived by a change but not by a repetition.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from jobreport.model.job import Job
from jobreport.model.stored_job import StoredJob, presume_unseen
from jobreport.model.streams import Hole, StreamState
from jobreport.model.write_result import WriteResult
from jobreport.store.db import locks
from jobreport.store.jobs.delete import deletable, delete_jobs
from jobreport.store.jobs.judging import Writer
from jobreport.store.jobs.record import Request, meant, record
from jobreport.store.jobs.write import write
from jobreport.store.registry import connectors, next_runs
from jobreport.store.registry.connectors import Key, Unfinished
from jobreport.store.schema.jobs import job as table
from jobreport.store.watch import verdicts

_WRITER = Writer(listing=True)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass has read of a stream since it last stored something, and how far it has come by that.

    `gone` are the IDs of unfinished jobs that the origin does not list any more, `withdrawn` of those that turned out
    to be no jobs, and `unchanged` of those that it has listed unchanged for too long, each with the time since when.
    `hole` is what was found to be lost. `next_runs` are all times at which the origin's scheduler will begin runs, by
    plan (ticks); None: the stream tells none, or was not read to its end.
    """

    state: StreamState
    jobs: Sequence[Job] = ()
    gone: Sequence[str] = ()
    withdrawn: Sequence[str] = ()
    unchanged: Mapping[str, int] = {}
    hole: Hole | None = None
    next_runs: Mapping[str, Collection[int]] | None = None


def store_read(connection: Connection, key: Key, holder: str, until: int, read: Read, now: int) -> WriteResult:
    """Stores what a pass has read, and renews the lease of its connector. Times are ticks.

    Raises TakenOverError if the pass does not hold it any more; then nothing is stored.
    """
    locks.lock(connection, key.tenant)
    connectors.require(connection, key, holder, until)
    stream = read.state.stream
    known = connectors.unfinished_jobs(connection, key, stream)
    newest = {job.job_id: job for job in read.jobs}
    ended = {job.job_id for job in read.jobs if job.state.finished}  # a page behind it may still have it running
    told = {job_id: _digest(job) for job_id, job in newest.items() if job_id not in ended}
    changed = [job for job in read.jobs if not _repeats(known.get(job.job_id), told.get(job.job_id))]
    done = record(connection, key.tenant, [Request(changed, _WRITER)], now)[0]
    assert isinstance(done, WriteResult)  # this writer is refused nothing
    new = [
        Unfinished(job_id=job_id, digest=digest, changed=now)
        for job_id, digest in told.items()
        if not _repeats(known.get(job_id), digest)
    ]
    connectors.put_unfinished(connection, key, stream, new)
    connectors.end_unfinished(connection, key, stream, [job for job in newest if job in known and job not in told])
    mine = [job_id for job_id in read.gone if job_id in known or job_id in told]  # a list ends no job of another
    _presume(connection, key, stream, replace(read, gone=mine), known, now)
    _withdraw(connection, key, read.state, [job_id for job_id in read.withdrawn if job_id in known])
    if read.next_runs is not None:
        plans = next_runs.put(connection, key, stream, read.next_runs, now)
        verdicts.judge_plans(connection, key.tenant, connectors.origin(connection, key), plans)
    if read.hole:
        connectors.add_hole(connection, key, read.hole)
    connectors.put_stream(connection, key, replace(read.state, jobs=read.state.jobs + done.created + done.updated))
    return replace(done, received=len(read.jobs), unchanged=len(read.jobs) - done.created - done.updated)


def unfinished(connection: Connection, key: Key, stream: str) -> list[StoredJob]:
    """Returns the jobs of a stream of which no end was told, as they are stored, each under the ID that it has here."""
    ids = sorted(connectors.unfinished_jobs(connection, key, stream))
    return [
        replace(stored, job=stored.job.evolve(job_id=job_id))
        for job_id, stored in meant(connection, key.tenant, ids).items()
        if stored.presumed or not stored.job.state.finished
    ]


def _presume(
    connection: Connection, key: Key, stream: str, read: Read, known: Mapping[str, Unfinished], now: int
) -> None:
    """Marks jobs as Failed that are gone or unchanged for too long, unless they ended, their runner is watched, or
    somebody tells of them that sees more.
    """
    if not (read.gone or read.unchanged):  # as after most looks
        return
    notes = dict.fromkeys(read.gone, ("not listed any more", now))
    notes |= {job_id: ("unchanged", since) for job_id, since in read.unchanged.items() if job_id not in notes}
    failed = {
        stored.job.job_id: (stored, presume_unseen(stored, *notes[job_id]))
        for job_id, stored in meant(connection, key.tenant, sorted(notes)).items()
        if not stored.job.state.finished and not stored.job.heartbeat and stored.job.sees.rank >= read.state.sees.rank
    }
    write(connection, key.tenant, [*failed.values()], now)
    connectors.end_unfinished(connection, key, stream, read.gone)
    still = [known[job_id] for job_id in read.unchanged if job_id in known and job_id not in read.gone]
    connectors.put_unfinished(connection, key, stream, [replace(one, presumed=True) for one in still])


def _withdraw(connection: Connection, key: Key, state: StreamState, ids: Sequence[str]) -> None:
    """Deletes unfinished jobs that turned out to be none, unless somebody else tells of them."""
    mine = [
        stored.job.job_id
        for stored in (meant(connection, key.tenant, ids).values() if ids else ())
        if (stored.presumed or not stored.job.state.finished)
        and not (stored.job.heartbeat or stored.app)
        and stored.job.sees.rank >= state.sees.rank
    ]
    if mine:
        wanted = deletable().where(table.c.tenant == key.tenant, table.c.job_id.in_(mine))
        delete_jobs(connection, key.tenant, connection.execute(wanted).all())
    connectors.end_unfinished(connection, key, state.stream, ids)


def _repeats(known: Unfinished | None, digest: bytes | None) -> bool:
    """Whether an unfinished job was told so before."""
    return known is not None and known.digest == digest


def _digest(job: Job) -> bytes:
    """Returns a hash of what is told of a job, without the time of observation."""
    return hashlib.blake2b(msgspec.msgpack.encode(job.evolve(observed=0)), digest_size=16).digest()
