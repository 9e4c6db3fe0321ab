"""Records pings: each finds its run, and changes it as the inbox decides, in one transaction with those beside it.

What a ping does depends on the run that is open, so it is decided here, under the lock of the tenant.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from jobreport.model.ping import Settled
from jobreport.model.verdict import StoredJob
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.bulk_write import PreparedWrite
from jobreport.store.db.errors import StoreError
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.jobs.record import stored_jobs
from jobreport.store.jobs.write import write
from jobreport.store.schema.inboxes import inbox_state as table


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """A ping of an inbox, named by its ID.

    `run` is the job of the run that it is about; empty if the run has no ID of its own: then it is about the newest
    one. `settle` is given that job, or None if there is none, and the time of receipt (ticks); it decides what the ping
    does. It must be quick, since other writers wait for it.
    """

    inbox: str
    run: str
    settle: Callable[[StoredJob | None, int], Settled]


_STATES: Final = Prepared(
    select(table.c.inbox, *(table.c[name] for name in ("run", "pings", "last", "started", "unstarted", "log"))).where(
        table.c.tenant == bindparam("tenant"), any_of(table.c.inbox)
    )
)
_NEW: Final = ("run", "pings", "last", "started", "unstarted", "log")
_OVERWRITE: Final = PreparedWrite(
    update(table)
    .where(table.c.tenant == bindparam("of_tenant"), table.c.inbox == bindparam("of_inbox"))
    .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in _NEW}),
    ["of_tenant", "of_inbox", *(f"new_{name}" for name in _NEW)],
)


def record(connection: Connection, tenant: int, pings: Sequence[Ping], now: int) -> list[bool | StoreError]:
    """Stores what `pings` do to the tenant's jobs, in their order. `now` (ticks) is the time of receipt.

    Returns for each ping whether there was its inbox still.
    """
    locks.lock(connection, tenant)
    inboxes = dialect_of(connection).array([*{ping.inbox for ping in pings}])
    states: dict[str, list[Any]] = {
        inbox: state for inbox, *state in _STATES.rows(connection, {"tenant": tenant, "ids": inboxes})
    }
    runs = {ping.run for ping in pings} | {state[0] for state in states.values()}
    known = stored_jobs(connection, tenant, runs - {""})
    written = dict(known)
    changed: dict[str, StoredJob] = {}

    def flush() -> None:
        write(connection, tenant, [(written.get(job_id), entry) for job_id, entry in changed.items()], now)
        written.update(changed)
        changed.clear()

    results: list[bool | StoreError] = []
    for ping in pings:
        state = states.get(ping.inbox)
        if state is None:
            results.append(False)
            continue
        settled = ping.settle(known.get(ping.run or state[0]), now)
        for job in settled.jobs:
            # If an earlier ping changed the same job, that change is written first, so that it becomes a version.
            if job.job.job_id in changed:
                flush()
            changed[job.job.job_id] = known[job.job.job_id] = job
        run, count, _, started, unstarted, log = state
        states[ping.inbox] = [
            settled.run or run,
            count + 1,
            now,
            now if settled.started else started,
            now if settled.unstarted else unstarted,
            settled.log or log,
        ]
        results.append(True)
    flush()
    _OVERWRITE.many(connection, [(tenant, inbox, *state) for inbox, state in sorted(states.items())])
    return results
