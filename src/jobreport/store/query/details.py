"""Reads a page of jobs with the texts of what each is about: its plan, its resource, its description, its origin.

The page itself is found as any other (`pages`), so the total and the order are the same. Its jobs are then read once
more by their IDs, from the same snapshot: a list without these texts is asked for far more often, and stays quick.
"""

from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from jobreport.contract.job_row import JobRow
from jobreport.model.query import JobQuery, Position
from jobreport.model.sees import EVERY
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import pages
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.repeated import whole
from jobreport.store.schema.rows import ABOUT, BECAUSE, SUBJECT


class Details(msgspec.Struct, frozen=True):
    """The answer to a `JobQuery`: the exact total, the jobs on the page, and the position after which the next page
    begins; None on the last page.
    """

    total: int
    rows: list[JobRow]
    next: Position | None


def find(connection: Connection, tenant: int, query: JobQuery, now: int) -> Details:
    """Returns the page of `query` with the details of its jobs. `now` is in ticks, as for `pages.find`."""
    page = pages.find(connection, tenant, query, now)
    job_ids = [line.job_id for line in page.lines]
    values = {"tenant": tenant, "ids": dialect_of(connection).array(job_ids)}
    found = _OF_IDS.rows(connection, values) if job_ids else []
    rows = {row[0]: JobRow._make((*row[:-1], EVERY[row[-1]].value)) for row in found}
    return Details(page.total, [rows[job_id] for job_id in job_ids], page.next)


_TEXTS: Final = {name: subjects.c[name] for name in SUBJECT} | {
    "cause": causes.c.code,
    "cause_text": causes.c.text,
    "reference": table.c.reference,
}
# A subject may be missing, which `jobreport check` finds. Its jobs are in the total, so they must not be left out.
_COLUMNS: Final = tuple(
    func.coalesce(_TEXTS[name], "").label(name) if name in _TEXTS else whole(name) for name in JobRow._fields
)
_OF_IDS: Final = Prepared(
    select(*_COLUMNS)
    .join_from(table, subjects, ABOUT, isouter=True)
    .outerjoin(causes, BECAUSE)
    .where(table.c.tenant == bindparam("tenant"), any_of(table.c.job_id))
)
