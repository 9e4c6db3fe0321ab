"""Reads why jobs are not good: the cause of each, and its words."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job
from jobreport.store.schema.rows import BECAUSE

_WHY: Final = Prepared(
    walk(select(job.c.job_id, causes.c.code, causes.c.text, job.c.comments), job, "job_key")
    .join_from(job, causes, BECAUSE, isouter=True)
    .where(job.c.tenant == bindparam("tenant"), any_of(job.c.job_id))
)


class Why(NamedTuple):
    """Why a job is not good: the code and the text of its cause, empty if it has none, and its comments."""

    code: str
    text: str
    comments: str


def why(connection: Connection, tenant: int, job_ids: Collection[str]) -> dict[str, Why]:
    """Returns why these jobs are not good, by their IDs."""
    if not job_ids:
        return {}
    values: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array([*job_ids])}
    return {job_id: Why(code or "", text or "", said) for job_id, code, text, said in _WHY.rows(connection, values)}
