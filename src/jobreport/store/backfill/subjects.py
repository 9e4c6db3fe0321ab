"""Fills in of subjects what older versions did not keep: their service, their type and their series."""

from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from jobreport.model.series import NONE
from jobreport.store.backfill.step import Position, Step, measured, rows_after
from jobreport.store.db.expressions import walk
from jobreport.store.derived import series, subjects
from jobreport.store.schema.jobs import job
from jobreport.store.schema.jobs import subject as subject_table

_SUBJECTS: Final = 200
"""About so many subjects are read in one transaction."""
_IDS: Final = 500
"""So many jobs are changed in one statement."""


def _fill_subjects(connection: Connection, here: Position) -> Position | None:
    """Gives subjects their service, type and series. A subject of several services or types becomes several."""
    rows = connection.execute(_NEXT_SUBJECTS, {"tenant": here.tenant, "last": here.last, "most": _SUBJECTS}).all()
    for tenant, own in groupby(rows, key=attrgetter("tenant")):
        for row in own:
            if not row.service:  # those that this step has added have it
                _fill_subject(connection, tenant, row)
    return Position(here.step, rows[-1].tenant, rows[-1].subject) if rows else None


def _fill_subject(connection: Connection, tenant: int, row: Any) -> None:
    of_it = job.c.tenant == tenant, job.c.subject == row.subject
    found = walk(select(job.c.service, job.c.type).where(*of_it), job, "job_subject")
    pairs = connection.execute(found.group_by(job.c.service, job.c.type).order_by(func.count().desc())).all()
    mine = subject_table.c.tenant == tenant, subject_table.c.subject == row.subject
    if not pairs:
        connection.execute(delete(subject_table).where(*mine))
    for place, (service, kind) in enumerate(pairs):
        about: subjects.Subject = (service, kind, row.description, row.plan, row.resource, row.origin)
        key = subjects.series_key(about)
        number = series.numbers(connection, tenant, [key])[key] if key else NONE
        if not place:
            numbers = subjects.Numbers(row.subject, number)
            connection.execute(update(subject_table).where(*mine).values(subjects.row(tenant, numbers, about)))
            continue
        last: int = connection.execute(
            select(func.max(subject_table.c.subject)).where(subject_table.c.tenant == tenant)
        ).scalar_one()
        numbers = subjects.Numbers(last + 1, number)
        connection.execute(insert(subject_table), [subjects.row(tenant, numbers, about)])
        its_own = select(job.c.job_id).where(*of_it, job.c.service == service, job.c.type == kind)
        ids = connection.execute(walk(its_own, job, "job_subject")).scalars().all()
        for first in range(0, len(ids), _IDS):
            part = job.c.tenant == tenant, job.c.job_id.in_(ids[first : first + _IDS])
            connection.execute(update(job).where(*part).values(subject=numbers.subject))


_ABOUT: Final = [subject_table.c[name] for name in ("service", "description", "plan", "resource", "origin")]
_NEXT_SUBJECTS: Final = rows_after(_ABOUT, subject_table.c.subject).limit(bindparam("most"))
STEP: Final = Step("subjects", _fill_subjects, measured(subject_table.c.subject))
