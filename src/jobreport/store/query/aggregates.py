"""What jobs are grouped by, and what is told of them, in; the statements that add them up out.

A row is a group: first its keys, in the order of `columns`, then its values, in the order of `Told`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, and_, bindparam, case, func, literal_column, select

from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState
from jobreport.model.summary import CODES, UNSUCCESSFUL, Key, More
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import conditions
from jobreport.store.query.conditions import Codes, Kind
from jobreport.store.query.indexes import constant
from jobreport.store.schema.jobs import job, job_count
from jobreport.store.schema.jobs import subject as subjects

ABOUT: Final = (Key.PLAN, Key.RESOURCE, Key.ORIGIN)
"""The keys that belong to what a job is about."""
HALF: Final = 1 << 32
"""Bytes are added up in two parts: a sum of them may pass what a database can add."""

_BUCKET: Final = literal_column("bucket", BigInteger)
_ONE: Final = literal_column("1", Integer)
_NOTHING: Final = literal_column("0", BigInteger)
_LIMIT: Final = bindparam("most", type_=Integer())


class Told(NamedTuple):
    """What is told of a group: its jobs, the successful and the unsuccessful; then what is asked for beside it."""

    objects: bool = False
    bytes: bool = False
    last: bool = False

    @property
    def sums(self) -> int:
        """How many of the values are added where two groups are one; of the others the later counts."""
        return 3 + 4 * self.objects + 2 * self.bytes


class Shape(NamedTuple):
    """What decides how a statement about jobs looks. `unit`: the ticks of its buckets of time; 0: none."""

    kind: Kind
    unit: int
    keys: tuple[Key, ...]
    told: Told


def told_of(more: Sequence[More]) -> Told:
    """As a value."""
    return Told(More.OBJECTS in more, More.BYTES in more, More.LAST in more)


def unit_of(by: Sequence[Key]) -> int:
    """The ticks of the buckets of time that are needed; 0: none."""
    return zones.PER_HOUR if Key.HOUR in by else ticks.PER_DAY if Key.DAY in by else 0


def columns(by: Sequence[Key]) -> tuple[Key, ...]:
    """The keys but for those of time, in the order of a statement's columns."""
    return tuple(key for key in Key if key in by and key not in (Key.DAY, Key.HOUR))


@lru_cache(maxsize=512)
def of_jobs(shape: Shape) -> Prepared:
    """Adds up the jobs of a kind. Parameters: its own, `most` (groups), and the `offset` (ticks) of local time."""
    keys = [job.c[key] for key in shape.keys if key in CODES]
    about = [subjects.c[key] for key in shape.keys if key in ABOUT]
    if about:
        keys.append(job.c.subject)
    buckets, grouped = _buckets(shape.unit)
    inner = conditions.narrowed(select(*buckets, *keys, *_told(shape.told)).select_from(job), shape.kind)
    inner = inner.group_by(*grouped, *keys)
    if not about:
        return Prepared(inner.limit(_LIMIT))
    # First by subject, of which an index knows; then by what the subjects have in common.
    each = inner.subquery("each")
    mine = and_(subjects.c.tenant == bindparam("tenant"), subjects.c.subject == each.c.subject)
    # A job whose subject is missing, which `jobreport check` finds, is about nothing.
    names = [func.coalesce(column, literal_column("''", Text)).label(column.name) for column in about]
    whole = [each.c[column.name] for column in (*buckets, *keys[:-1])] + names
    values = list(each.c)[len(buckets) + len(keys) :]
    sums = shape.told.sums
    added = [func.sum(column) for column in values[:sums]] + [func.max(column) for column in values[sums:]]
    found = select(*whole, *added).select_from(each.outerjoin(subjects, mine)).group_by(*whole)
    return Prepared(found.limit(_LIMIT))


@lru_cache(maxsize=512)
def of_counts(by_day: bool, keys: tuple[Key, ...], codes: Codes) -> Prepared:
    """Adds up kept counts of these codes; its first key is the UTC day if `by_day`.

    Parameters: `tenant`, `first` and `last` (days), `most` (groups).
    """
    table = job_count
    grouped = [table.c[name] for name in (*(["day"] if by_day else []), *keys)]
    chosen = [
        table.c[name].in_([constant(code) for code in some]) for name, some in zip(Codes._fields, codes, strict=True)
    ]
    each = by_day and all(len(some) == 1 or name in keys for name, some in zip(Codes._fields, codes, strict=True))
    values = [table.c.jobs, *(_of(table.c.state, states, table.c.jobs) for states in _JUDGED)]
    if not each:
        values = [func.sum(value) for value in values]
    found = select(*grouped, *values).where(
        table.c.tenant == bindparam("tenant"),
        table.c.day >= bindparam("first"),
        table.c.day <= bindparam("last"),
        *chosen,
    )
    # A damaged count may be below 0; a number of jobs never is.
    some_jobs = values[0] > _NOTHING
    found = found.where(some_jobs) if each else found.group_by(*grouped).having(some_jobs)
    return Prepared(found.limit(_LIMIT))


_JUDGED: Final = ((JobState.Successful,), UNSUCCESSFUL)


def _buckets(unit: int) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
    if not unit:
        return [], []
    local = job.c.filed + bindparam("offset", type_=BigInteger())
    return [(local // literal_column(str(unit), BigInteger)).label("bucket")], [_BUCKET]


def _of(state: ColumnElement[int], states: tuple[JobState, ...], number: ColumnElement[int]) -> ColumnElement[int]:
    """`number` in these states, and 0 in others."""
    return case((_in(state, states), number), else_=_NOTHING)


def _in(state: ColumnElement[int], states: tuple[JobState, ...]) -> ColumnElement[bool]:
    return state.in_([constant(code) for code in states])


def _told(told: Told) -> list[ColumnElement[Any]]:
    """The values, each under a name, so that they can be added up again."""
    found: list[ColumnElement[Any]] = [func.count(), *(func.sum(_of(job.c.state, states, _ONE)) for states in _JUDGED)]
    if told.objects:
        found += [func.sum(job.c[name]) for name in ("failed", "successful", "skipped", "total")]
    if told.bytes:
        half = literal_column(str(HALF), BigInteger)
        upper = job.c.size // half
        found += [func.sum(upper), func.sum(job.c.size - upper * half)]
    if told.last:
        found += [func.max(case((_in(job.c.state, states), job.c.filed))) for states in _JUDGED]
    return [column.label(f"v{number}") for number, column in enumerate(found)]
