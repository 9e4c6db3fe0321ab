"""Reads parts of how a series stands from its jobs, by the index of the jobs by subject.

Nearly every series has one subject; its jobs lie in that index in the order of time. So the newest job is one entry,
and the newest good one is found after a few. A series whose jobs have many descriptions has many subjects.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from jobreport.model.catalog import NOT_GOOD, UNFINISHED, JobState
from jobreport.model.series import SeriesStatus, Stale
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.repeated import HEARD

EVERY: Final = frozenset(JobState)
FINISHED: Final = EVERY - UNFINISHED
STARTED: Final = EVERY - {JobState.NotStarted}
WHOLE: Final = ~Stale.NOTHING
"""All parts of a status."""
_SUBJECTS: Final = Prepared(
    select(subjects.c.subject).where(subjects.c.tenant == bindparam("tenant"), subjects.c.series == bindparam("series"))
)


class Reader:
    """Reads the jobs of one series. `good` are the states that count as good."""

    def __init__(self, connection: Connection, tenant: int, series: int, good: frozenset[JobState]) -> None:
        self._connection, self._good = connection, good
        found = [number for (number,) in _SUBJECTS.rows(connection, {"tenant": tenant, "series": series})]
        self._one = len(found) == 1
        about = {"subject": found[0]} if self._one else {"ids": dialect_of(connection).array(found)}
        self._values: dict[str, Any] = {"tenant": tenant, **about}

    def whole(self) -> SeriesStatus:
        """Returns how the series stands, from its jobs alone."""
        status = SeriesStatus()
        self.read(status, WHOLE)
        return status

    def read(self, status: SeriesStatus, parts: Stale) -> None:
        """Sets these parts of the status to what the jobs say."""
        if parts & (Stale.JOBS | Stale.FIRST):
            status.jobs, status.first = self._counted(EVERY)
        if parts & Stale.HEARD:
            status.heard = _heard(self._one).value(self._connection, self._values) or 0
        if parts & Stale.NEWEST:
            status.newest_filed, status.newest_id, status.newest_state = self._newest(STARTED)[:3]
        if parts & Stale.ENDED:
            status.ended_filed, status.ended_id, status.ended_state = self._newest(FINISHED)[:3]
        if parts & Stale.GOOD:
            status.good_filed, status.good_id, _, *rest = self._newest(self._good)
            status.good_finish, status.good_objects, status.good_bytes = rest
        if parts & Stale.NOT_GOOD:
            after = {"filed": status.good_filed, "job_id": status.good_id}
            status.not_good, status.not_good_since = self._counted(NOT_GOOD - self._good, after)
        if parts & Stale.UNFINISHED:
            status.unfinished, status.unfinished_since = self._counted(UNFINISHED)

    def _newest(self, states: frozenset[JobState]) -> tuple[Any, ...]:
        rows = _newest(states, self._one).rows(self._connection, self._values)
        return rows[0] if rows else (0, "", 0, 0, 0, 0)

    def _counted(self, states: frozenset[JobState], after: Mapping[str, Any] | None = None) -> tuple[int, int]:
        statement = _counted(states, self._one, after is not None)
        number, since = statement.rows(self._connection, {**self._values, **(after or {})})[0]
        return number, since or 0


def _of_series(columns: Sequence[ColumnElement[Any]], one: bool, states: frozenset[JobState]) -> Select[Any]:
    about = table.c.subject == bindparam("subject") if one else any_of(table.c.subject)
    # Said to SQLite, which would rather read all jobs of the tenant in the order of time, until one is of this subject.
    by_subject = walk(select(*columns).select_from(table), table, "job_subject")
    found = by_subject.where(table.c.tenant == bindparam("tenant"), about)
    if states == EVERY:
        return found
    return found.where(table.c.state.in_([literal_column(str(code), Integer) for code in sorted(map(int, states))]))


@lru_cache(maxsize=32)
def _newest(states: frozenset[JobState], one: bool) -> Prepared:
    columns = [table.c[name] for name in ("filed", "job_id", "state", "finish", "total", "size")]
    order = table.c.filed.desc(), table.c.job_id.desc()
    return Prepared(_of_series(columns, one, states).order_by(*order).limit(1))


@lru_cache(maxsize=32)
def _counted(states: frozenset[JobState], one: bool, after: bool) -> Prepared:
    found = _of_series([func.count(), func.min(table.c.filed)], one, states)
    return Prepared(found.where(_later()) if after else found)


def _later() -> ColumnElement[bool]:
    """Returns the condition that a job comes after the one with this filed time and ID. Only a tie needs the ID."""
    filed = bindparam("filed", type_=BigInteger())
    return and_(
        table.c.filed >= filed,
        or_(table.c.filed > filed, table.c.job_id > bindparam("job_id", type_=Text())),
    )


@lru_cache(maxsize=2)
def _heard(one: bool) -> Prepared:
    return Prepared(_of_series([func.max(HEARD)], one, EVERY))
