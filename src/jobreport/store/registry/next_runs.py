"""When the schedulers of origins will start the next runs of their plans, as connectors read it.

An announced run whose time has passed is kept for a while: only later is it judged whether it came. For the future, the
last announcement counts, since a schedule may change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from jobreport.model import ticks
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.registry.connectors import Key
from jobreport.store.schema.connectors import connector_next_run as table

KEPT: Final = 7 * ticks.PER_DAY
"""How long an announced time is kept after it has passed (ticks). No run waits longer to be judged."""
MAX_PLAN: Final = 400
"""The most characters of a plan whose runs can be announced: it is part of the primary key of the table."""
_ROWS: Final = 500
_OF: Final = Prepared(
    select(table.c.plan, table.c.due).where(
        table.c.tenant == bindparam("tenant"), table.c.connector == bindparam("connector"), any_of(table.c.plan)
    )
)
_GONE: Final = delete(table).where(
    *(table.c[name] == bindparam(f"of_{name}") for name in ("tenant", "connector", "stream", "plan", "due"))
)


def put(connection: Connection, key: Key, stream: str, announced: Mapping[str, Iterable[int]], now: int) -> set[str]:
    """Stores what a stream announces at `now`: the times of the next runs of each plan (ticks). Of what it announced
    before, only what has passed stays. Returns the plans for which something changed. The caller must hold the tenant's
    lock.
    """
    of_it = (table.c.tenant == key.tenant, table.c.connector == key.connector, table.c.stream == stream)
    rows = connection.execute(select(table.c.plan, table.c.due).where(*of_it))
    stored = {(str(plan), int(due)) for plan, due in rows}
    wanted = {
        (plan, due)
        for plan, times in announced.items()
        for due in times
        if now < due < ticks.YEAR_2200 and 0 < len(plan) <= MAX_PLAN
    }
    past = {(plan, due) for plan, due in stored if due <= now}
    old = {(plan, due) for plan, due in past if due < now - KEPT}
    gone, new = sorted((stored - past - wanted) | old), sorted(wanted - stored)
    about = {"tenant": key.tenant, "connector": key.connector, "stream": stream}
    of_about = {f"of_{name}": value for name, value in about.items()}
    for first in range(0, len(gone), _ROWS):
        part = [of_about | {"of_plan": plan, "of_due": due} for plan, due in gone[first : first + _ROWS]]
        connection.execute(_GONE, part)
    for first in range(0, len(new), _ROWS):
        part = [about | {"plan": plan, "due": due} for plan, due in new[first : first + _ROWS]]
        connection.execute(insert(table), part)
    return {plan for plan, _ in {*gone, *new} - old}


def of_plans(connection: Connection, key: Key, plans: Collection[str]) -> dict[str, Sequence[int]]:
    """Returns the times that are kept of these plans of a connector (ticks), in order."""
    found: dict[str, list[int]] = {}
    ids = dialect_of(connection).array([*plans])
    for plan, due in _OF.rows(connection, {"tenant": key.tenant, "connector": key.connector, "ids": ids}):
        found.setdefault(plan, []).append(due)
    return {plan: sorted(times) for plan, times in found.items()}
