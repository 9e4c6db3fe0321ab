"""The statements that add up jobs by groups: from the jobs, or from the kept counts.

Each row of a result is a group: first its keys, in the order of `columns`, then its values, in the order of `Sums`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState
from jobreport.model.periods import DAYS_A_WEEK
from jobreport.model.query import Clock
from jobreport.model.summary import CODES, TIMES, UNSUCCESSFUL, Key, More
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.sums import HALF, OBJECTS, SIZES
from jobreport.store.query import conditions, totals
from jobreport.store.query.codes import NAMES, Codes, constant, one_of
from jobreport.store.query.conditions import Shape
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job, job_count, job_sum
from jobreport.store.schema.jobs import subject as subjects

ABOUT: Final = (Key.PLAN, Key.RESOURCE, Key.ORIGIN)
"""The keys that are texts of a job's subject."""

_CAUSE: Final = (causes.c.code + literal_column("' '", Text) + causes.c.text).label("cause")
"""The code and the text of a cause, with a blank between them: no code contains one."""
_BUCKET: Final = literal_column("bucket", BigInteger)
_ONE: Final = literal_column("1", Integer)
_NOTHING: Final = literal_column("0", BigInteger)
_LIMIT: Final = bindparam("most", type_=Integer())


class Sums(NamedTuple):
    """The values of a group. It always has three: the numbers of all, of successful and of unsuccessful jobs.

    Further values, if they are true here: four numbers of `objects`, the `bytes` in two parts (see `HALF`), and the
    `last` successful and the last unsuccessful time.
    """

    objects: bool = False
    bytes: bool = False
    last: bool = False

    @property
    def added(self) -> int:
        """The number of values that are added up when two groups become one. Of each value after these, which is a
        time, the later one is kept.
        """
        return 3 + 4 * self.objects + 2 * self.bytes


class GroupShape(NamedTuple):
    """Everything on which the text of a statement about groups of jobs depends.

    `unit` is the length of its time buckets in ticks; 0: it has none. `clock` says of which times they are.
    """

    jobs: Shape
    unit: int
    clock: Clock
    keys: tuple[Key, ...]
    sums: Sums


def sums_of(more: Sequence[More]) -> Sums:
    """Returns the values of a group that a query asks for."""
    return Sums(More.OBJECTS in more, More.BYTES in more, More.LAST in more)


def unit_of(by: Sequence[Key]) -> int:
    """Returns the length in ticks of the time buckets that these keys need: an hour, a day or a week; 0 if they need
    none. Months have no length, so each is read by itself.
    """
    times = TIMES.intersection(by)
    if Key.HOUR in times:
        return zones.PER_HOUR
    if times == {Key.WEEK}:
        return DAYS_A_WEEK * ticks.PER_DAY
    return 0 if times <= {Key.MONTH} else ticks.PER_DAY


def columns(by: Sequence[Key]) -> tuple[Key, ...]:
    """Returns these keys without times, in the order of a statement's columns."""
    return tuple(key for key in Key if key in by and key not in TIMES)


@lru_cache(maxsize=512)
def of_jobs(shape: GroupShape) -> Prepared:
    """Returns the statement that adds up the jobs of a shape.

    More parameters than those of the shape: `most` (groups), and `offset` (ticks that local time is ahead of UTC).
    """
    keys: list[ColumnElement[Any]] = [job.c[key] for key in shape.keys if key in CODES]
    about: list[ColumnElement[Any]] = [subjects.c[key] for key in shape.keys if key in ABOUT]
    codes = [*keys]
    if about:
        keys.append(job.c.subject)
    if Key.CAUSE in shape.keys:
        keys.append(job.c.cause)
    buckets, grouped = _buckets(shape.unit, shape.clock)
    inner = conditions.narrowed(select(*buckets, *keys, *_values(shape.sums)).select_from(job), shape.jobs)
    inner = inner.group_by(*grouped, *keys)
    if len(keys) == len(codes):
        return Prepared(inner.limit(_LIMIT))
    # First by the numbers of the subject and of the cause; then by those of their texts that are asked for.
    each = inner.subquery("each")
    joined: FromClause = each
    if about:
        mine = and_(subjects.c.tenant == bindparam("tenant"), subjects.c.subject == each.c.subject)
        joined = joined.outerjoin(subjects, mine)
    if Key.CAUSE in shape.keys:
        about.append(_CAUSE)
        of_cause = and_(causes.c.tenant == bindparam("tenant"), causes.c.cause == each.c.cause)
        joined = joined.outerjoin(causes, of_cause)
    # If a subject is missing (`jobreport check` finds that), its jobs get empty texts.
    names = [func.coalesce(column, literal_column("''", Text)).label(column.name) for column in about]
    whole = [each.c[column.name] for column in (*buckets, *codes)] + names
    values = list(each.c)[len(buckets) + len(keys) :]
    number = shape.sums.added
    added = [func.sum(column) for column in values[:number]] + [func.max(column) for column in values[number:]]
    groups = select(*whole, *added).select_from(joined).group_by(*whole)
    return Prepared(groups.limit(_LIMIT))


@lru_cache(maxsize=512)
def of_counts(days: int, keys: tuple[Key, ...], codes: Codes) -> Prepared:
    """Returns the statement that adds up the kept counts of these codes. Its first key is the bucket of `days` days (0:
    it has no buckets) in which a UTC day lies that is moved by `shift` days.

    Parameters: those of `totals.kept`, `most` (groups), and `shift` with buckets.
    """
    buckets, names = _day_buckets(job_count.c.day, days)
    columns_, grouped = (
        [*buckets, *(job_count.c[name] for name in keys)],
        [*names, *(job_count.c[name] for name in keys)],
    )
    one_count_a_group = days == 1 and all(
        number in (0, 1) or name in keys for name, number in zip(NAMES, codes.numbers, strict=True)
    )
    jobs = totals.number_of(codes)
    values = [jobs, *(_of(job_count.c.state, states, jobs) for states in _JUDGED)]
    if not one_count_a_group:
        values = [func.sum(value) for value in values]
    groups = select(*columns_, *values).where(*totals.kept(codes))
    # A damaged count may be negative; a number of jobs never is.
    some_jobs = values[0] > _NOTHING
    groups = groups.where(some_jobs) if one_count_a_group else groups.group_by(*grouped).having(some_jobs)
    return Prepared(groups.limit(_LIMIT))


@lru_cache(maxsize=128)
def of_kept_sums(days: int, keys: tuple[Key, ...], codes: Codes, sums: Sums) -> Prepared:
    """Returns the statement that adds up the kept sums of these services and types, by the same keys as `of_counts`.

    Its values are those that `sums` has after the numbers of jobs. The parameters are those of `of_counts`.
    """
    buckets, bucket_names = _day_buckets(job_sum.c.day, days)
    coded = [job_sum.c[name] for name in keys]
    grouped = [*bucket_names, *coded]
    names = (*(OBJECTS if sums.objects else ()), *(SIZES if sums.bytes else ()))
    chosen = (
        one_of(job_sum.c[name], name, number)
        for name, number in zip(NAMES[:2], codes.numbers[:2], strict=True)
        if number
    )
    within = job_sum.c.day >= bindparam("first"), job_sum.c.day <= bindparam("last")
    statement = select(*buckets, *coded, *(func.sum(job_sum.c[name]) for name in names)).where(
        job_sum.c.tenant == bindparam("tenant"), *chosen, *within
    )
    return Prepared((statement.group_by(*grouped) if grouped else statement).limit(_LIMIT))


_JUDGED: Final = ((JobState.Successful,), UNSUCCESSFUL)


def _buckets(unit: int, clock: Clock) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
    if not unit:
        return [], []
    moment = job.c.finish if clock is Clock.ENDED else job.c.filed
    local = moment + bindparam("offset", type_=BigInteger())
    return [(local // literal_column(str(unit), BigInteger)).label("bucket")], [_BUCKET]


def _day_buckets(day: ColumnElement[int], days: int) -> tuple[list[ColumnElement[Any]], list[ColumnElement[Any]]]:
    if not days:
        return [], []
    local = day + bindparam("shift", type_=Integer())
    return [(local // literal_column(str(days), Integer) if days > 1 else local).label("bucket")], [_BUCKET]


def _of(state: ColumnElement[int], states: tuple[JobState, ...], number: ColumnElement[int]) -> ColumnElement[int]:
    """Returns an expression that is `number` if the state is one of `states`, and otherwise 0."""
    return case((_in(state, states), number), else_=_NOTHING)


def _in(state: ColumnElement[int], states: tuple[JobState, ...]) -> ColumnElement[bool]:
    return state.in_([constant(code) for code in states])


def _values(sums: Sums) -> list[ColumnElement[Any]]:
    """Returns the values of a group, each with a name, so that an outer query can add them up again."""
    values: list[ColumnElement[Any]] = [func.count(), *(func.sum(_of(job.c.state, states, _ONE)) for states in _JUDGED)]
    if sums.objects:
        values += [func.sum(job.c[name]) for name in OBJECTS]
    if sums.bytes:
        half = literal_column(str(HALF), BigInteger)
        upper = job.c.size // half
        values += [func.sum(upper), func.sum(job.c.size - upper * half)]
    if sums.last:
        values += [func.max(case((_in(job.c.state, states), job.c.filed))) for states in _JUDGED]
    return [column.label(f"v{number}") for number, column in enumerate(values)]
