"""Reads which series need somebody: those that are not good, and those that never had a good copy.

Only kept rows of series are read, by the index that has few of them. Old copies are told by `copies`.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, bindparam, case, func, literal_column, select

from jobreport.model.good_copy_age import COPIES
from jobreport.model.series_query import Series
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import series_counts
from jobreport.store.query.series_rows import as_series
from jobreport.store.query.series_statements import COLUMNS
from jobreport.store.schema.jobs import cause as causes
from jobreport.store.schema.jobs import job, series
from jobreport.store.schema.rows import BECAUSE

_NONE: Final = literal_column("0", BigInteger)
_OF_TENANT: Final = series.c.tenant == bindparam("tenant")
_NOT_GOOD: Final = _OF_TENANT, series.c.not_good > literal_column("0", Integer)
_NEVER: Final = _OF_TENANT, series.c.good_finish == _NONE, series.c.not_good == _NONE, series.c.jobs > _NONE


def _listed(index: str, *conditions: ColumnElement[bool]) -> Prepared:
    # What leaves copies comes first: while other work fails, such as a clean-up, no data is without one.
    copies = [literal_column(str(int(kind)), Integer) for kind in sorted(COPIES)]
    others_last = case((series.c.type.in_(copies), literal_column("0", Integer)), else_=literal_column("1", Integer))
    # By an expression, so that what the index of the condition finds is sorted, whatever order another index has.
    oldest = func.coalesce(series.c.good_finish, _NONE)
    order = others_last, oldest, series.c.first, series.c.series
    found = walk(select(*COLUMNS), series, index).where(*conditions)
    return Prepared(found.order_by(*order).limit(bindparam("most", type_=Integer())))


_FAILING: Final = _listed("series_not_good", *_NOT_GOOD)
_UNJUDGED: Final = _listed("series_good", *_NEVER)
_UNJUDGED_NUMBER: Final = Prepared(walk(select(func.count()).select_from(series), series, "series_good").where(*_NEVER))
_FAILING_NUMBERS: Final = Prepared(walk(select(series.c.series), series, "series_not_good").where(*_NOT_GOOD))
_UNJUDGED_NUMBERS: Final = Prepared(walk(select(series.c.series), series, "series_good").where(*_NEVER))
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


class SeriesNumbers(NamedTuple):
    """The numbers of a tenant's series: all of them, those that are not good by the state of their newest ended job
    (0: none has ended), and those that cannot be judged: they never had a good copy, and none of their jobs is not
    good.
    """

    series: int
    not_good: Mapping[int, int]
    unjudged: int


def numbers(connection: Connection, tenant: int) -> SeriesNumbers:
    """Returns the numbers of the tenant's series, exactly."""
    every, not_good, never = 0, dict[int, int](), 0
    for (_, _, state), (number, bad, without) in series_counts.kept(connection, tenant).items():
        every, never = every + number, never + without
        if bad:
            not_good[state] = not_good.get(state, 0) + bad
    unjudged = _UNJUDGED_NUMBER.value(connection, {"tenant": tenant}) if never else 0
    return SeriesNumbers(every, not_good, int(unjudged))


def failing(connection: Connection, tenant: int, most: int) -> list[Series]:
    """Returns the series that are not good, at most so many: those that leave copies before all others, each longest
    without a good copy first.
    """
    return [as_series(row) for row in _FAILING.rows(connection, {"tenant": tenant, "most": most})]


def unjudged(connection: Connection, tenant: int, most: int) -> list[Series]:
    """Returns the series that cannot be judged, at most so many: those that leave copies before all others, each oldest
    first.
    """
    return [as_series(row) for row in _UNJUDGED.rows(connection, {"tenant": tenant, "most": most})]


def failing_numbers(connection: Connection, tenant: int) -> list[int]:
    """Returns the numbers of all series that are not good."""
    return [number for (number,) in _FAILING_NUMBERS.rows(connection, {"tenant": tenant})]


def unjudged_numbers(connection: Connection, tenant: int) -> list[int]:
    """Returns the numbers of all series that cannot be judged."""
    return [number for (number,) in _UNJUDGED_NUMBERS.rows(connection, {"tenant": tenant})]


def why(connection: Connection, tenant: int, job_ids: Collection[str]) -> dict[str, Why]:
    """Returns why these jobs are not good, by their IDs."""
    if not job_ids:
        return {}
    values: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array([*job_ids])}
    return {job_id: Why(code or "", text or "", said) for job_id, code, text, said in _WHY.rows(connection, values)}
