"""Makes the index of the jobs by their end, in a store that has jobs already."""

from typing import Final

from sqlalchemy import Connection, func, select, text

from jobreport.store.backfill.step import Position, Step
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job_count


def _index_ended(connection: Connection, here: Position) -> None:
    columns = "tenant, finish, service, type, state, subject"
    connection.execute(text(f"CREATE INDEX IF NOT EXISTS job_ended ON job ({columns}) WHERE finish > 0"))


def _no_parts(connection: Connection, here: Position) -> tuple[int, int]:
    """Measures a step that is done at once."""
    return 0, int(connection.execute(_JOBS_OF_ALL).scalar_one())


_JOBS_OF_ALL: Final = select(func.coalesce(func.sum(job_count.c.jobs), 0)).where(
    *(job_count.c[name] == ANY for name in ("service", "type", "state"))
)
STEP: Final = Step("jobs, for their index by end", _index_ended, _no_parts)
