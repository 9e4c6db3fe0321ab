"""Stores pings: finds the run of each, and changes it as the inbox decides; several pings share a transaction.

What a ping does depends on the run that is open. So it is decided here, under the lock of the tenant.
"""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection

from jobreport.model.ping import Settled
from jobreport.model.stored_job import StoredJob
from jobreport.store.db.errors import StoreError
from jobreport.store.jobs.inbox_states import InboxStates, Through
from jobreport.store.jobs.pending import PendingWrites


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """A ping of an inbox, named by its ID, and the address through which it came.

    `run` is the job of the run that it is about; empty if the run has no ID of its own: then it is about the newest
    one. `claimed` is the job that was the newest when the ping came, if it took long to receive: it is about that one,
    whatever has begun since; None: it came at once. `settle` is given that job, or None if there is none, and the time
    of receipt (ticks); it decides what the ping does. It must be quick, since other writers wait for it.
    """

    inbox: str
    through: Through
    run: str
    claimed: str | None = None
    settle: Callable[[StoredJob | None, int], Settled]


def record(connection: Connection, tenant: int, pings: Sequence[Ping], now: int) -> list[bool | StoreError]:
    """Stores what `pings` do to the tenant's jobs, in their order. `now` (ticks) is the time of receipt.

    Returns for each ping whether its address was still that of its inbox.
    """
    by_key = any(ping.through.by_key for ping in pings)
    runs = {run for ping in pings for run in (ping.run, ping.claimed) if run}
    states = InboxStates(connection, tenant, (ping.inbox for ping in pings), by_key=by_key, runs=runs)
    pending = PendingWrites(connection, tenant, states.jobs, now)
    results: list[bool | StoreError] = []
    for ping in pings:
        if not states.takes(ping.inbox, ping.through):
            results.append(False)
            continue
        state = states.of[ping.inbox]
        meant = state.run if ping.claimed is None else ping.claimed
        settled = ping.settle(pending.known.get(ping.run or meant), now)
        pending.add({entry.job.job_id: entry for entry in settled.jobs})
        states.of[ping.inbox] = msgspec.structs.replace(
            state,
            run=(settled.run if meant == state.run else "") or state.run,  # what came late is not the newest
            pings=state.pings + 1,
            last=now,
            started=now if settled.started else state.started,
            unstarted=now if settled.unstarted else state.unstarted,
            log=settled.log or state.log,
        )
        results.append(True)
    pending.flush(states.flush)
    return results
