"""Stores deliveries: the jobs in a report, or the report itself if nobody can read it.

What a report leaves empty depends on the stored job. So it is filled in here, under the lock of the tenant.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from jobreport.model.job import Job
from jobreport.model.ping import Settled
from jobreport.model.stored_job import StoredJob
from jobreport.model.unread import Unreadable
from jobreport.store.db.errors import StoreError
from jobreport.store.jobs.inbox_states import InboxStates, Through
from jobreport.store.jobs.judging import Judging, Writer
from jobreport.store.jobs.naming import Names
from jobreport.store.jobs.pending import PendingWrites
from jobreport.store.jobs.record import named
from jobreport.store.registry import unread
from jobreport.store.registry.inboxes import InboxState
from jobreport.store.registry.unread import UnreadFullError


class Filed(NamedTuple):
    """One job of a delivery. `ids` are the IDs that it may have in the store. `settle` is given those of these jobs
    that are stored, in this order, and the time of receipt (ticks); it returns the job as it must be stored now, or
    None if that changes nothing. It must be quick, since other writers wait for it. A job with this `reference` is
    meant before one with the first of these IDs; empty: there is none. `made` is the reference of what came of it, by
    which a list may have told of it; empty: it is not known. `met` is the job as it would be if it were new, where it
    has no reference and says what it made: another may have told of it with one.
    """

    ids: tuple[str, ...]
    settle: Callable[[Sequence[StoredJob], int], StoredJob | None]
    reference: str = ""
    made: str = ""
    met: Job | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What came to an inbox, named by its ID; `through` is the address, None if it came by none.

    `log` says what a text on the plan does to the newest run of the inbox's pings, as `settle` of a ping does; None:
    there is no such text. `unread` is to be kept, since it tells of no job. `again` is the ID under which this same
    delivery was kept unread until now; empty if it just came.
    """

    inbox: str
    through: Through | None = None
    jobs: tuple[Filed, ...] = ()
    log: Callable[[StoredJob | None, int], Settled] | None = None
    unread: Unreadable | None = None
    again: str = ""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery did: the numbers of jobs that it made, changed, and found the same. `known`: the address was
    still that of the inbox; if not, nothing is stored. `unread` is the ID under which it is kept, if it is.
    """

    known: bool = True
    created: int = 0
    changed: int = 0
    same: int = 0
    unread: str = ""


def record(
    connection: Connection, tenant: int, deliveries: Sequence[Delivery], now: int
) -> list[Recorded | StoreError]:
    """Stores what `deliveries` tell of the tenant's jobs, in their order. `now` (ticks) is the time of receipt.

    Returns for each what it did, or the error because of which nothing of it is stored.
    """
    by_key = any(one.through and one.through.by_key for one in deliveries)
    states = InboxStates(connection, tenant, (one.inbox for one in deliveries), by_key=by_key)
    ids = {job_id for one in deliveries for filed in one.jobs for job_id in filed.ids}
    ids |= {states.of[one.inbox].run for one in deliveries if one.log and one.inbox in states.of} - {""}
    every = [filed for one in deliveries for filed in one.jobs]
    references = {name for filed in every for name in (filed.reference, filed.made)}
    known, names = named(connection, tenant, sorted(ids), references, [one.met for one in every if one.met])
    pending = PendingWrites(connection, tenant, known, now)
    results: list[Recorded | StoreError] = []
    for one in deliveries:
        if not states.takes(one.inbox, one.through):
            results.append(Recorded(known=False))
            continue
        try:
            kept = unread.add(connection, tenant, one.inbox, one.unread, now) if one.unread else ""
        except UnreadFullError as error:
            results.append(error)
            continue
        if one.again and not unread.end(connection, tenant, one.again):
            results.append(Recorded())  # another process was quicker, and has stored what it tells
            continue
        before = states.of[one.inbox]
        state = before if one.again else msgspec.structs.replace(before, pings=before.pings + 1, last=now)
        done, states.of[one.inbox] = _file(pending, names, one.jobs, state, now)
        if one.log:
            settled = one.log(pending.known.get(state.run), now)
            pending.add({entry.job.job_id: entry for entry in settled.jobs})
            states.of[one.inbox] = msgspec.structs.replace(states.of[one.inbox], log=settled.log or state.log)
        results.append(msgspec.structs.replace(done, unread=kept))
    pending.flush(states.flush)
    return results


def _file(
    pending: PendingWrites, names: Names, jobs: Sequence[Filed], state: InboxState, now: int
) -> tuple[Recorded, InboxState]:
    """Adds the jobs of a delivery to what is written. Returns what they do, and how the inbox stands after them."""
    created = changed = 0
    started, unstarted = state.started, state.unstarted
    for filed in jobs:
        new = filed.settle(_found(pending, names, filed, now), now)
        if new is None:
            continue
        if new.job.reference:
            names.references[new.job.reference] = new.job.job_id
        if new.job.made:
            names.made.setdefault(new.job.made, set()).add(new.job.job_id)
        is_new = new.job.job_id not in pending.known
        created, changed = created + is_new, changed + (not is_new)
        if not new.job.state.finished:
            started = now
        elif is_new:
            unstarted = now
        pending.add({new.job.job_id: new})
    done = Recorded(created=created, changed=changed, same=len(jobs) - created - changed)
    return done, msgspec.structs.replace(state, started=started, unstarted=unstarted)


def _found(pending: PendingWrites, names: Names, filed: Filed, now: int) -> list[StoredJob]:
    """Returns the jobs that a job of a delivery may be. Two that turn out to be one by its reference become one."""
    judging = Judging(pending.known, names, Writer(), now)
    if not filed.reference:
        found = [job for job_id in filed.ids if (job := judging.current(job_id))]
        if found or filed.met is None:
            return found
        job = judging.met(filed.met)
    else:
        job = judging.joined(filed.ids[0], filed.reference, filed.made)
    pending.add(judging.entries, judging.merged, judging.names.aliases)
    names.update(judging.names, judging.merged)
    return [job] if job else []
