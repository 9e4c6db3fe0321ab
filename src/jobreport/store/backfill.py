"""Fills the tables that a migration has made, from the jobs, in steps that can be broken off at any point.

A migration only makes tables, in moments. To fill them every job is read, which takes minutes where there are millions.
So that is done in small transactions, and each of them stores how far it has come: whoever breaks it off loses nothing,
and the next start goes on from there. Until it has ended nobody can serve from the store, or write to it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, product
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    update,
)

from jobreport.model import ticks
from jobreport.model.series import NONE
from jobreport.store.db import engine as engines
from jobreport.store.db import locks
from jobreport.store.db.bulk_write import PreparedAdd
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import series, series_parts, subjects, sums
from jobreport.store.derived.counts import ANY
from jobreport.store.schema.jobs import backfill as table
from jobreport.store.schema.jobs import job, job_count, job_sum
from jobreport.store.schema.jobs import series as series_table
from jobreport.store.schema.jobs import subject as subject_table

_SUBJECTS: Final = 200
_SERIES: Final = 200
_JOBS: Final = 20_000
"""About so many subjects, series or jobs are read in one transaction."""


class Position(NamedTuple):
    """How far a step has come: `last` is the last subject, day or series of the tenant that is done."""

    step: str
    tenant: int
    last: int


Step = Callable[[Connection, Position], Position | None]
"""Does a part of a step. Returns how far it has come; None: the step is done."""


def position(connection: Connection) -> Position | None:
    """Returns what is to be done next; None if everything is filled."""
    row = connection.execute(select(table.c.step, table.c.tenant, table.c.position)).first()
    return Position(*row) if row else None


def run(engine: Engine) -> Iterator[Position]:
    """Does what is left to do, part by part. After each part, which is then stored, it gives what comes next."""
    while True:
        with engines.writing(engine) as connection:
            locks.lock(connection, locks.REGISTRY)
            here = position(connection)
            if here is None:
                return
            after = _STEPS[here.step](connection, here) or _following(here.step)
            connection.execute(delete(table))
            if after:
                connection.execute(table.insert().values(step=after.step, tenant=after.tenant, position=after.last))
        if after is None:
            return
        yield after


def _following(step: str) -> Position | None:
    names = [*_STEPS]
    place = names.index(step) + 1
    return Position(names[place], 0, 0) if place < len(names) else None


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
    found = select(job.c.service, job.c.type).where(*of_it).group_by(job.c.service, job.c.type)
    pairs = connection.execute(found.order_by(func.count().desc())).all()
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
        connection.execute(
            update(job).where(*of_it, job.c.service == service, job.c.type == kind).values(subject=numbers.subject)
        )


def _index_ended(connection: Connection, here: Position) -> None:
    columns = "tenant, finish, service, type, state, subject"
    connection.execute(text(f"CREATE INDEX IF NOT EXISTS job_ended ON job ({columns}) WHERE finish > 0"))


def _fill_days(connection: Connection, here: Position) -> Position | None:
    """Counts the jobs by the day of their end, and adds up objects and bytes: of the jobs filed on the next days."""
    days = connection.execute(_NEXT_DAYS, {"tenant": here.tenant, "last": here.last}).all()
    jobs = 0
    for row in days:
        if row.tenant != days[0].tenant or (jobs and jobs + row.jobs > _JOBS):
            break
        _fill_day(connection, row.tenant, row.day)
        jobs += row.jobs
        here = Position(here.step, row.tenant, row.day)
    return here if days else None


def _fill_day(connection: Connection, tenant: int, day: int) -> None:
    first = day * ticks.PER_DAY
    rows = _OF_DAY.rows(connection, {"tenant": tenant, "first": first, "end": first + ticks.PER_DAY})
    ended: Counter[tuple[int, ...]] = Counter()
    added: dict[tuple[int, ...], list[int]] = {}
    for service, kind, state, end, number, *values in rows:
        if end:
            for codes in product((service, ANY), (kind, ANY), (state, ANY)):
                ended[tenant, *codes, end, 0] += number
        key = tenant, service, kind, day
        added[key] = [old + int(new) for old, new in zip(added.get(key, [0] * len(values)), values, strict=True)]
    if ended:
        _ADD_ENDED.many(connection, [(*key, number) for key, number in ended.items()])
        _ADD_SUMS.many(connection, [(*key, *values) for key, values in added.items()])


def _fill_series(connection: Connection, here: Position) -> Position | None:
    """Reads how the next series stand."""
    rows = connection.execute(_NEXT_SERIES, {"tenant": here.tenant, "last": here.last, "most": _SERIES}).all()
    for tenant, own in groupby(rows, key=attrgetter("tenant")):
        good = series.good_states(connection, tenant)
        series.write(
            connection,
            tenant,
            {row.series: series_parts.Reader(connection, tenant, row.series, good).whole() for row in own},
        )
    return Position(here.step, rows[-1].tenant, rows[-1].series) if rows else None


def _next(columns: Sequence[Column[Any]], number: Column[int]) -> Select[Any]:
    """Returns a SELECT of the rows after a tenant and a number in it, in this order."""
    tenant = number.table.c.tenant
    place = tuple_(tenant, number) > tuple_(bindparam("tenant"), bindparam("last"))
    return select(tenant, number, *columns).where(place).order_by(tenant, number)


_ABOUT: Final = [subject_table.c[name] for name in ("service", "description", "plan", "resource", "origin")]
_NEXT_SUBJECTS: Final = _next(_ABOUT, subject_table.c.subject).limit(bindparam("most"))
_NEXT_SERIES: Final = _next([], series_table.c.series).limit(bindparam("most"))
_NEXT_DAYS: Final = (
    _next([job_count.c.jobs], job_count.c.day)
    .where(*(job_count.c[name] == ANY for name in ("service", "type", "state")), job_count.c.jobs > 0)
    .limit(100)
)
_END: Final = (job.c.finish // literal_column(str(ticks.PER_DAY), BigInteger)).label("day")
_UPPER: Final = job.c.size // literal_column(str(sums.HALF), BigInteger)
_CODES: Final = (job.c.service, job.c.type, job.c.state)
_OF_DAY: Final = Prepared(
    select(
        *_CODES,
        _END,
        func.count(),
        *(func.sum(job.c[name]) for name in ("failed", "successful", "skipped", "total")),
        func.sum(_UPPER),
        func.sum(job.c.size - _UPPER * literal_column(str(sums.HALF), BigInteger)),
    )
    .where(job.c.tenant == bindparam("tenant"), job.c.filed >= bindparam("first"), job.c.filed < bindparam("end"))
    .group_by(*_CODES, _END)
)
_ADD_ENDED: Final = PreparedAdd(job_count, "ended")
_ADD_SUMS: Final = PreparedAdd(job_sum, *sums.VALUES)
_STEPS: Final[dict[str, Step]] = {
    "subjects": _fill_subjects,
    "index of ends": _index_ended,
    "days": _fill_days,
    "series": _fill_series,
}
