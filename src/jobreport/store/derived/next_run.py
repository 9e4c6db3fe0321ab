"""Changes a series by one statement, without reading it first: a run has ended, and the run before was good.

That is what most writes are. Everything else needs to know how the series stands, and is done by `series`.
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
    literal_column,
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

AT_ONCE: Final = 0
"""When a series is judged whose jobs changed: at the next look of the watch."""

_ONE: Final = literal_column("1", Integer)
_SUCCESSFUL: Final = literal_column(str(int(JobState.Successful)), Integer)
_FAILED: Final = NOT_GOOD - GOOD_TOO
"""The states of a job that no tenant takes for good."""
_NAMES: Final = ("of_tenant", "of_series", "new_newest_filed", "new_newest_id", "new_heard")


def _is_newer(than: str) -> ColumnElement[bool]:
    """Returns the condition that the given job comes after the `newest` or `ended` one of its series."""
    known = table.c[f"{than}_filed"], table.c[f"{than}_id"]
    return tuple_(*known) < tuple_(_given("newest_filed"), _given("newest_id"))


def _given(name: str) -> BindParameter[Any]:
    return bindparam(f"new_{name}", type_=table.c[name].type)


def _ends(*which: str, values: dict[str, Any], names: tuple[str, ...]) -> PreparedWrite:
    """Returns the statement that makes the given job the `newest` and the `ended` one of its series, and that of each
    `which`, if it comes after all others and the last that has ended was Successful. `values` are those of other
    columns, `names` the parameters in them.
    """
    return PreparedWrite(
        update(table)
        .where(
            table.c.tenant == bindparam("of_tenant"),
            table.c.series == bindparam("of_series"),
            table.c.ended_state == _SUCCESSFUL,
            _is_newer("newest"),
            _is_newer("ended"),
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
# The state of the newest job that has ended stays Successful, so neither an index of states nor a count changes.
_SUCCEED: Final = _ends(
    "good",
    values={"newest_state": _SUCCESSFUL, **{name: _given(name) for name in _COPIED}},
    names=tuple(f"new_{name}" for name in _COPIED),
)
# The last that has ended is the last good one, so no other was not good since.
_FAIL: Final = _ends(
    values={
        **{f"{one}_state": _given("newest_state") for one in ("newest", "ended")},
        "not_good": _ONE,
        "not_good_since": _given("newest_filed"),
    },
    names=("new_newest_state",),
)


def ends(connection: Connection, tenant: int, number: int, before: StoredJob | None, after: StoredJob | None) -> bool:
    """Changes a series, and the counts of series, if its last job that has ended was Successful, and this is a new and
    newer one that has succeeded or failed. Returns whether it was so; otherwise nothing has changed.
    """
    if before or not after:
        return False
    job = after.job
    known: Row = (tenant, number, after.filed, job.job_id, after.heard)
    if job.state is JobState.Successful:
        return bool(_SUCCEED.many(connection, [(*known, job.finish, job.total, job.size)]))
    if job.state not in _FAILED or not _FAIL.many(connection, [(*known, job.state._value_)]):
        return False
    was = Contribution(job.service, job.type, JobState.Successful, counted=True, not_good=False, never_good=False)
    series_counts.change(connection, tenant, [(was, was._replace(state=job.state, not_good=True))])
    return True
