"""The statements that add up jobs by groups: from the jobs, or from the kept counts.

A row is a group: first its keys, in the order of `columns`, then its values, in the order of `Sums`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, and_, bindparam, case, func, literal_column, select

from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState
from jobreport.model.summary import CODES, UNSUCCESSFUL, Key, More
from jobreport.store.db.prepared import Prepared
from jobreport.store.query import conditions, totals
from jobreport.store.query.codes import NAMES, Codes, constant
from jobreport.store.query.conditions import Shape
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


class Sums(NamedTuple):
    """What is told of a group: its jobs, the successful and the unsuccessful; then what is asked for beside it."""

    objects: bool = False
    bytes: bool = False
    last: bool = False

    @property
    def added(self) -> int:
        """How many of the values are added where two groups are one; of the others the later counts."""
        return 3 + 4 * self.objects + 2 * self.bytes


class GroupShape(NamedTuple):
    """What decides how a statement about groups of jobs looks. `unit`: the ticks of its buckets of time; 0: none."""

    jobs: Shape
    unit: int
    keys: tuple[Key, ...]
    sums: Sums


def sums_of(more: Sequence[More]) -> Sums:
    """As a value."""
    return Sums(More.OBJECTS in more, More.BYTES in more, More.LAST in more)


def unit_of(by: Sequence[Key]) -> int:
    """The ticks of the buckets of time that are needed; 0: none."""
    return zones.PER_HOUR if Key.HOUR in by else ticks.PER_DAY if Key.DAY in by else 0


def columns(by: Sequence[Key]) -> tuple[Key, ...]:
    """The keys but for those of time, in the order of a statement's columns."""
    return tuple(key for key in Key if key in by and key not in (Key.DAY, Key.HOUR))


@lru_cache(maxsize=512)
def of_jobs(shape: GroupShape) -> Prepared:
    """Adds up the jobs of a shape. Parameters: its own, `most` (groups), and the `offset` (ticks) of local time."""
    keys = [job.c[key] for key in shape.keys if key in CODES]
    about = [subjects.c[key] for key in shape.keys if key in ABOUT]
    if about:
        keys.append(job.c.subject)
    buckets, grouped = _buckets(shape.unit)
    inner = conditions.narrowed(select(*buckets, *keys, *_values(shape.sums)).select_from(job), shape.jobs)
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
    number = shape.sums.added
    added = [func.sum(column) for column in values[:number]] + [func.max(column) for column in values[number:]]
    groups = select(*whole, *added).select_from(each.outerjoin(subjects, mine)).group_by(*whole)
    return Prepared(groups.limit(_LIMIT))


@lru_cache(maxsize=512)
def of_counts(by_day: bool, keys: tuple[Key, ...], codes: Codes) -> Prepared:
    """Adds up kept counts of these codes; its first key is the UTC day if `by_day`.

    Parameters: those of `totals.kept`, and `most` (groups).
    """
    grouped = [job_count.c[name] for name in (*(["day"] if by_day else []), *keys)]
    one_count_a_group = by_day and all(
        number in (0, 1) or name in keys for name, number in zip(NAMES, codes, strict=True)
    )
    values = [job_count.c.jobs, *(_of(job_count.c.state, states, job_count.c.jobs) for states in _JUDGED)]
    if not one_count_a_group:
        values = [func.sum(value) for value in values]
    groups = select(*grouped, *values).where(*totals.kept(codes))
    # A damaged count may be below 0; a number of jobs never is.
    some_jobs = values[0] > _NOTHING
    groups = groups.where(some_jobs) if one_count_a_group else groups.group_by(*grouped).having(some_jobs)
    return Prepared(groups.limit(_LIMIT))


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


def _values(sums: Sums) -> list[ColumnElement[Any]]:
    """The values, each under a name, so that they can be added up again."""
    values: list[ColumnElement[Any]] = [func.count(), *(func.sum(_of(job.c.state, states, _ONE)) for states in _JUDGED)]
    if sums.objects:
        values += [func.sum(job.c[name]) for name in ("failed", "successful", "skipped", "total")]
    if sums.bytes:
        half = literal_column(str(HALF), BigInteger)
        upper = job.c.size // half
        values += [func.sum(upper), func.sum(job.c.size - upper * half)]
    if sums.last:
        values += [func.max(case((_in(job.c.state, states), job.c.filed))) for states in _JUDGED]
    return [column.label(f"v{number}") for number, column in enumerate(values)]
