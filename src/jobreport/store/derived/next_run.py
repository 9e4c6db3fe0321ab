"""Changes a series by one statement, without reading all of it first: a new run has ended, after all others.

That is what most writes are: a run succeeds, fails after a good one, or fails as the one before did. Everything else
needs to know how the series stands, and is done by `series`.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    select,
    tuple_,
    update,
)

from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.series import GOOD_TOO
from jobreport.model.stored_job import StoredJob
from jobreport.store.db.bulk_write import PreparedWrite, Row
from jobreport.store.derived import series_counts
from jobreport.store.derived.series_counts import Contribution
from jobreport.store.schema.jobs import series as table
from jobreport.store.schema.registry import tenant as tenants

AT_ONCE: Final = 0
"""When a series is judged whose jobs changed: at the next look of the watch."""

_ZERO: Final = literal_column("0", Integer)
_ONE: Final = literal_column("1", Integer)
_SUCCESSFUL: Final = literal_column(str(int(JobState.Successful)), Integer)
_NEVER_GOOD: Final = NOT_GOOD - GOOD_TOO
"""The states of a job that no tenant takes for good."""
_LENIENT: Final = select(tenants.c.exceptions_good).where(tenants.c.tenant == bindparam("of_tenant"))
_STRICT: Final = not_(func.coalesce(_LENIENT.scalar_subquery(), false()))
"""The condition that the tenant does not take exceptions for good."""
_NAMES: Final = ("of_tenant", "of_series", "new_newest_filed", "new_newest_id", "new_heard")


def _is_newer(than: str) -> ColumnElement[bool]:
    """Returns the condition that the given job comes after the `newest` or `ended` one of its series."""
    known = table.c[f"{than}_filed"], table.c[f"{than}_id"]
    return tuple_(*known) < tuple_(_given("newest_filed"), _given("newest_id"))


def _given(name: str) -> BindParameter[Any]:
    return bindparam(f"new_{name}", type_=table.c[name].type)


def _ends(
    *which: str, after: tuple[ColumnElement[bool], ...], values: dict[str, Any], names: tuple[str, ...]
) -> PreparedWrite:
    """Returns the statement that makes the given job the `newest` and the `ended` one of its series, and that of each
    `which`, if it comes after all others and `after` is true of the series. `values` are those of other columns, and
    `names` the parameters in them and in `after`.
    """
    return PreparedWrite(
        update(table)
        .where(
            table.c.tenant == bindparam("of_tenant"),
            table.c.series == bindparam("of_series"),
            _is_newer("newest"),
            _is_newer("ended"),
            *after,
        )
        .values(
            {
                "jobs": table.c.jobs + _ONE,
                "heard": case((table.c.heard < _given("heard"), _given("heard")), else_=table.c.heard),
                "judge_at": literal_column(str(AT_ONCE), BigInteger),
                **{f"{one}_filed": _given("newest_filed") for one in ("newest", "ended", *which)},
                **{f"{one}_id": _given("newest_id") for one in ("newest", "ended", *which)},
                **values,
            }
        ),
        [*_NAMES, *names],
    )


_COPIED: Final = ("good_finish", "good_objects", "good_bytes")
_GOOD: Final = {"newest_state": _SUCCESSFUL, **{name: _given(name) for name in _COPIED}}
_GIVEN: Final = tuple(f"new_{name}" for name in _COPIED)
# The state of the newest job that has ended stays Successful, so neither an index of states nor a count changes.
_SUCCEEDS_AGAIN: Final = _ends("good", after=(table.c.ended_state == _SUCCESSFUL,), values=_GOOD, names=_GIVEN)
_SUCCEEDS: Final = _ends(
    "good",
    after=(table.c.ended_state == bindparam("state_before", type_=Integer()),),
    values={**_GOOD, "ended_state": _SUCCESSFUL, "not_good": _ZERO, "not_good_since": _ZERO},
    names=(*_GIVEN, "state_before"),
)


def _fails(*conditions: ColumnElement[bool]) -> PreparedWrite:
    # The last that has ended is the last good one, so no other was not good since.
    return _ends(
        after=(table.c.ended_state == _SUCCESSFUL, *conditions),
        values={
            **{f"{one}_state": _given("newest_state") for one in ("newest", "ended")},
            "not_good": _ONE,
            "not_good_since": _given("newest_filed"),
        },
        names=("new_newest_state",),
    )


def _fails_again(*conditions: ColumnElement[bool]) -> PreparedWrite:
    # A series in which something is not good, and the same state as before: no count changes.
    return _ends(
        after=(table.c.ended_state == _given("newest_state"), table.c.not_good > _ZERO, *conditions),
        values={"newest_state": _given("newest_state"), "not_good": table.c.not_good + _ONE},
        names=("new_newest_state",),
    )


_FAILS, _FAILS_IF_STRICT = _fails(), _fails(_STRICT)
_FAILS_AGAIN, _FAILS_AGAIN_IF_STRICT = _fails_again(), _fails_again(_STRICT)


def ends(connection: Connection, tenant: int, number: int, before: StoredJob | None, after: StoredJob | None) -> bool:
    """Changes a series, and the counts of series, if this is a new job which has ended after all others of the series,
    and the series stands so that one statement can change it. Returns whether it was so; otherwise nothing has changed.
    """
    if before or not after:
        return False
    job = after.job
    known: Row = (tenant, number, after.filed, job.job_id, after.heard)
    if job.state is JobState.Successful:
        copied = job.finish, job.total, job.size
        return bool(_SUCCEEDS_AGAIN.many(connection, [(*known, *copied)])) or _recovers(connection, (*known, *copied))
    if job.state not in NOT_GOOD:
        return False
    needs_strict = job.state not in _NEVER_GOOD
    row = (*known, job.state._value_)
    if (_FAILS_IF_STRICT if needs_strict else _FAILS).many(connection, [row]):
        was = Contribution(job.service, job.type, JobState.Successful, counted=True, not_good=False, never_good=False)
        series_counts.change(connection, tenant, [(was, was._replace(state=job.state, not_good=True))])
        return True
    return bool((_FAILS_AGAIN_IF_STRICT if needs_strict else _FAILS_AGAIN).many(connection, [row]))


def _recovers(connection: Connection, row: Row) -> bool:
    """Changes a series in which a job has succeeded and the last that had ended had not. Returns whether it was so."""
    tenant, number, *_ = row
    was = series_counts.marks(connection, tenant, [number]).get(number)
    if was is None or not was.state or not _SUCCEEDS.many(connection, [(*row, was.state)]):
        return False
    now = was._replace(state=int(JobState.Successful), not_good=False, never_good=False)
    series_counts.change(connection, tenant, [(was, now)])
    return True
