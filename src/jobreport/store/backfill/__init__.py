"""Fills the tables that a migration has made, from the jobs, in steps that can be broken off at any point.

A migration only makes tables, in moments. To fill them every job is read, which takes minutes where there are millions.
So that is done in small transactions, and each of them stores how far it has come: whoever breaks it off loses nothing,
and the next start goes on from there. Until it has ended nobody can serve from the store, or write to it.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from jobreport.store.backfill import causes, days, job_indexes, series, series_texts, subjects
from jobreport.store.backfill.step import Position, Progress, Step
from jobreport.store.db import engine as engines
from jobreport.store.db import locks
from jobreport.store.schema.jobs import backfill as table

_STEPS: Final[dict[str, Step]] = {
    "subjects": subjects.STEP,
    "index of ends": job_indexes.ENDED,
    "causes": causes.STEP,
    "index of causes": job_indexes.CAUSES,
    "days": days.STEP,
    "series": series.STEP,
    "texts of series": series_texts.STEP,
}
"""All steps, in this order. The names are stored (`Position.step`)."""


def position(connection: Connection) -> Position | None:
    """Returns what is to be done next; None if everything is filled."""
    row = connection.execute(select(table.c.step, table.c.tenant, table.c.position)).first()
    return Position(*row) if row else None


def run(engine: Engine) -> Iterator[Progress]:
    """Does what is left to do, part by part, and says before each part how far it has come.

    Each part is one transaction, which also stores the position. Several processes that run it take turns.
    """
    while True:
        with engines.reading(engine) as connection:
            here = position(connection)
            if here is None:
                return
            step = _STEPS[here.step]
            progress = Progress(step.what, *step.measure(connection, here))
        yield progress
        with engines.writing_all(engine) as connection:
            locks.lock(connection, locks.REGISTRY)
            here = position(connection)
            if here is None:  # another process has done the rest
                return
            after = _STEPS[here.step].fill(connection, here) or _following(here.step)
            connection.execute(delete(table))
            if after:
                connection.execute(insert(table).values(step=after.step, tenant=after.tenant, position=after.last))


def _following(step: str) -> Position | None:
    names = [*_STEPS]
    place = names.index(step) + 1
    return Position(names[place], 0, 0) if place < len(names) else None
