"""Makes the indexes of the jobs by their end and by their cause, in a store that has jobs already."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, func, select, text

from jobreport.store.backfill.step import Position, Step
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import job_count


def _makes(name: str, condition: str, columns: str) -> Callable[[Connection, Position], None]:
    def make(connection: Connection, here: Position) -> None:
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON job ({columns}) WHERE {condition}"))

    return make


def _no_parts(connection: Connection, here: Position) -> tuple[int, int]:
    """Measures a step that is done at once."""
    return 0, int(connection.execute(_JOBS_OF_ALL).scalar_one())


_JOBS_OF_ALL: Final = select(func.coalesce(func.sum(job_count.c.jobs), 0)).where(
    *(job_count.c[name] == ANY for name in ("service", "type", "state"))
)
_ENDED: Final = _makes("job_ended", "finish > 0", "tenant, finish, service, type, state, subject")
_CAUSED: Final = _makes("job_cause", "cause <> 0", "tenant, cause, filed, job_id, service, type, state, subject")
ENDED: Final = Step("jobs, for their index by end", _ENDED, _no_parts)
CAUSES: Final = Step("jobs, for their index by cause", _CAUSED, _no_parts)
