"""Lists series as they stood at a time in the past (`model.series_at`).

Nothing is kept of the past but the jobs, so all of them up to that time are read, in the order in which they started.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import BigInteger, Connection, Integer, bindparam, literal_column, select

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import Position
from jobreport.model.series import SeriesStatus
from jobreport.model.series_at import as_of
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesPage, SeriesQuery, SeriesSort
from jobreport.model.stored_job import StoredJob
from jobreport.store.db.prepared import Cursor, Prepared
from jobreport.store.derived.series import good_states, sort_name
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.repeated import whole

_ROWS: Final = 10_000
_COLUMNS: Final = ("job_id", "state", "start", "finish", "total", "size", "received", "heard")
_SUBJECTS: Final = Prepared(
    select(subjects.c.subject, subjects.c.series).where(subjects.c.tenant == bindparam("tenant"))
)
_OF_TENANT: Final = select(table.c.subject, *map(whole, _COLUMNS)).where(table.c.tenant == bindparam("tenant"))
_AT: Final = bindparam("at", type_=BigInteger())
_BEFORE: Final = Prepared(_OF_TENANT.where(table.c.filed <= _AT).order_by(table.c.filed, table.c.job_id))
_DUE_LATER: Final = Prepared(
    _OF_TENANT.where(table.c.filed > _AT, table.c.state == literal_column(str(int(JobState.NotStarted)), Integer))
)


def page(connection: Connection, tenant: int, query: SeriesQuery, at: int, listed: list[Series]) -> SeriesPage:
    """Returns the page of `query`, as the series stood at `at` (ticks).

    `listed` are all series of `tenant` that pass the filters but that of states.
    """
    return page_of(matching(connection, tenant, query.where, at, listed), query)


def page_of(found: list[Series], query: SeriesQuery) -> SeriesPage:
    """Returns the page of `query` if `found` are all series that match."""
    ordered = sorted(found, key=lambda one: _key(one, query.sort), reverse=query.sort.descending)
    if query.sort.key is SeriesKeys.NOT_GOOD_SINCE:
        ordered.sort(key=lambda one: not one.status.not_good)
    if query.after:
        ordered = [one for one in ordered if _is_after(one, query.sort, query.after)]
    shown = tuple(ordered[: query.size])
    return SeriesPage(len(found), shown, position(query.sort, shown[-1]) if len(ordered) > query.size else None)


def matching(connection: Connection, tenant: int, where: SeriesFilter, at: int, listed: list[Series]) -> list[Series]:
    """Returns those of `listed` that also pass the filter of states, as they stood at `at` (ticks)."""
    return [
        one
        for one in _stood(connection, tenant, at, listed)
        if not where.states or (one.status.ended_id and one.status.ended_state in where.states)
    ]


def position(sort: SeriesSort, last: Series) -> Position:
    """Returns the position after this series in an order."""
    time, name = 0, ""
    match sort.key:
        case SeriesKeys.NAME:
            name = sort_name(last.plan, last.resource)
        case SeriesKeys.LAST_GOOD:
            time = last.status.good_finish
        case SeriesKeys.NOT_GOOD_SINCE:
            time = last.status.not_good_since
    return Position(time, last.number, name)


def _key(one: Series, sort: SeriesSort) -> tuple[str, int, int]:
    """Returns by what the series is sorted. (Of the well ones the order of failures is 0, so it is by their number.)"""
    time, number, name = position(sort, one)
    return name, time, number


def _is_after(one: Series, sort: SeriesSort, after: Position) -> bool:
    if sort.key is SeriesKeys.NOT_GOOD_SINCE and bool(one.status.not_good) != bool(after.key):
        return not one.status.not_good
    mine, there = _key(one, sort), (after.job_id, after.key, after.filed)
    return mine < there if sort.descending else mine > there


def _stood(connection: Connection, tenant: int, at: int, listed: list[Series]) -> Iterator[Series]:
    """Gives each of these series as it stood then; those that had no job are left out."""
    good = good_states(connection, tenant)
    known = {one.number: (one, SeriesStatus()) for one in listed}
    of = {
        subject: known[number] for subject, number in _SUBJECTS.rows(connection, {"tenant": tenant}) if number in known
    }
    for statement in (_BEFORE, _DUE_LATER):
        for row in _rows(statement.stream(connection, {"tenant": tenant, "at": at})):
            if (mine := of.get(row[0])) and (stored := as_of(_stored(mine[0], row), at)):
                # In the order of time, nothing that was added before has to be read again.
                mine[1].add(stored, good)
    for one, status in known.values():
        if status.jobs:
            yield replace(one, status=status)


def _rows(cursor: Cursor) -> Iterator[tuple[Any, ...]]:
    try:
        while rows := cursor.fetchmany(_ROWS):
            yield from rows
    finally:
        cursor.close()


def _stored(one: Series, row: tuple[Any, ...]) -> StoredJob:
    _, job_id, state, start, finish, total, size, received, heard = row
    job = Job(
        job_id=job_id,
        service=one.service,
        type=one.type,
        state=JobState(state),
        start=start,
        finish=finish,
        total=total,
        size=size,
    )
    return StoredJob(job=job, received=received, heard=heard)
