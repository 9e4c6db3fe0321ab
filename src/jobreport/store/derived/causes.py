"""Causes: why jobs are not good. The same cause has many jobs, so it is stored once, under a number.

A cause that the origin gives and the same cause that comments tell are two rows with one code: so it stays known what
the origin has said.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    not_,
    select,
    tuple_,
    update,
)

from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.cause import Cause, cause_of, cause_of_job
from jobreport.model.job import INT32_MAX, Job
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedWrite
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import cause as table
from jobreport.store.schema.jobs import job as job_table

NONE: Final = 0
"""The number of the cause of a job that has none."""

_READ: Final = 2_000
"""So many jobs are read at a time."""
_KNOWN: Final = Prepared(
    select(table.c.code, table.c.given, table.c.cause).where(
        table.c.tenant == bindparam("tenant"), any_of(table.c.code)
    )
)
_LAST: Final = select(func.coalesce(func.max(table.c.cause), NONE)).where(table.c.tenant == bindparam("tenant"))

_STATES: Final = tuple(map(int, sorted(NOT_GOOD)))
"""Plain numbers: a member of an enumeration is slow to look for."""

_Key = tuple[str, bool]
"""The code of a cause, and whether the origin gives it."""


def numbers(connection: Connection, tenant: int, jobs: Iterable[Job]) -> dict[str, int]:
    """Returns the numbers of the causes of these jobs, by job ID; a job that has no cause is left out.

    New causes are added. The caller must hold the tenant's lock.
    """
    wanted: dict[str, tuple[Cause, bool]] = {}
    for job in jobs:
        if job.state._value_ in _STATES and (cause := cause_of_job(job)):
            wanted[job.job_id] = cause, bool(job.cause)
    return _numbers(connection, tenant, wanted)


def _numbers(connection: Connection, tenant: int, wanted: dict[str, tuple[Cause, bool]]) -> dict[str, int]:
    if not wanted:
        return {}
    causes: dict[_Key, Cause] = {(cause.code, given): cause for cause, given in wanted.values()}
    codes = dialect_of(connection).array(sorted({code for code, _ in causes}))
    rows = _KNOWN.rows(connection, {"tenant": tenant, "ids": codes})
    known: dict[_Key, int] = {(code, bool(given)): number for code, given, number in rows}
    if missing := sorted(causes.keys() - known.keys()):
        last: int = connection.execute(_LAST, {"tenant": tenant}).scalar_one()
        known.update((key, number) for number, key in enumerate(missing, last + 1))
        connection.execute(
            insert(table),
            [
                {"tenant": tenant, "cause": known[key], "code": key[0], "given": key[1], "text": causes[key].text}
                for key in missing
            ],
        )
    return {job_id: known[cause.code, given] for job_id, (cause, given) in wanted.items()}


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes the causes of the tenant that no job has any more."""
    of_it = job_table.c.tenant == table.c.tenant, job_table.c.cause == table.c.cause, job_table.c.cause != NONE
    used = select(job_table.c.job_id).where(*of_it).correlate(table).exists()
    connection.execute(delete(table).where(table.c.tenant == tenant, not_(used)))


class Wrong(NamedTuple):
    """A job whose stored cause is not its own. `comments` tell its own; none if it is good."""

    job_id: str
    comments: str


def wrong(connection: Connection, tenant: int) -> Iterator[Wrong]:
    """Gives the jobs of the tenant that have a cause which is not their own, or lack it.

    They are read in pages, so a caller may correct what it was given before it takes the next.
    """
    rows = {row.cause: (row.code, row.given) for row in connection.execute(_ALL, {"tenant": tenant})}
    for state in _STATES:
        given_first = {"tenant": tenant, "state": state, "after_filed": -1, "after_id": ""}
        for _, job_id, comments, number in _pages(connection, _NOT_GOOD, given_first, ("after_filed", "after_id")):
            code, given = rows.get(number, ("", False))
            own = cause_of(comments)
            if (not given and code != (own.code if own else "")) or (number != NONE and not code):
                yield Wrong(job_id, comments)
    first = {"tenant": tenant, "after_cause": -INT32_MAX, "after_filed": -1, "after_id": ""}
    for _, _, job_id in _pages(connection, _GOOD, first, ("after_cause", "after_filed", "after_id")):
        yield Wrong(job_id, "")


def _pages(
    connection: Connection, statement: Prepared, values: dict[str, Any], position: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Gives all rows of a statement for a page. The first columns of a row are its `position`."""
    while rows := statement.rows(connection, values):
        yield from rows
        values = {**values, **dict(zip(position, rows[-1], strict=False))}


def fill(connection: Connection, tenant: int, jobs: Iterable[Wrong]) -> None:
    """Gives these jobs the causes that their comments tell. The caller must hold the tenant's lock."""
    every = list(jobs)
    causes = ((one.job_id, cause_of(one.comments)) for one in every)
    numbers = _numbers(connection, tenant, {job_id: (cause, False) for job_id, cause in causes if cause})
    if every:
        _SET.many(connection, [(tenant, one.job_id, numbers.get(one.job_id, NONE)) for one in every])


_ALL: Final = select(table.c.cause, table.c.code, table.c.given).where(table.c.tenant == bindparam("tenant"))
_AFTER: Final = {
    "cause": bindparam("after_cause", type_=Integer()),
    "filed": bindparam("after_filed", type_=BigInteger()),
    "job_id": bindparam("after_id", type_=Text()),
}


def _page(order: Sequence[str], *columns: str) -> Select[Any]:
    """Returns a SELECT of the next jobs of a tenant in this order."""
    here, there = tuple_(*(job_table.c[name] for name in order)), tuple_(*(_AFTER[name] for name in order))
    return (
        select(*(job_table.c[name] for name in (*order, *columns)))
        .where(job_table.c.tenant == bindparam("tenant"), here > there)
        .order_by(*(job_table.c[name] for name in order))
        .limit(literal_column(str(_READ), Integer))
    )


_GOOD_STATE: Final = job_table.c.state.not_in([literal_column(str(state), Integer) for state in _STATES])
# The condition of the partial index is written out, so that a database sees that it may use it.
_NOT_GOOD: Final = Prepared(
    walk(_page(("filed", "job_id"), "comments", "cause"), job_table, "job_state").where(
        job_table.c.state != literal_column(str(int(JobState.Successful)), Integer),
        job_table.c.state == bindparam("state"),
    )
)
_GOOD: Final = Prepared(
    walk(_page(("cause", "filed", "job_id")), job_table, "job_cause").where(
        job_table.c.cause != literal_column(str(NONE), Integer), _GOOD_STATE
    )
)
_SET: Final = PreparedWrite(
    update(job_table)
    .where(job_table.c.tenant == bindparam("of_tenant"), job_table.c.job_id == bindparam("of_job"))
    .values(cause=bindparam("number")),
    ["of_tenant", "of_job", "number"],
)
