"""The last verdict on each series, in the store, and when each must be judged next."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from jobreport.model.judgement import Judgement, Verdict
from jobreport.model.need import Need
from jobreport.store.db import dialect_of, locks
from jobreport.store.db.bulk_write import PreparedOverwrite, PreparedWrite
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.jobs import series
from jobreport.store.schema.watch import missed_run
from jobreport.store.schema.watch import series_verdict as table

_WHAT: Final = (
    *("verdict", "since", "sentence", "cause", "job", "due", "schedule"),
    *("run_due", "need", "state", "service", "place", "too_old"),
)
_OF_TENANT: Final = table.c.tenant == bindparam("tenant")
_DUE: Final = Prepared(
    walk(select(series.c.tenant, series.c.series), series, "series_judge")
    .where(any_of(series.c.tenant), series.c.judge_at <= bindparam("now", type_=BigInteger()))
    .limit(bindparam("most"))
)
_STAMPS: Final = Prepared(
    select(series.c.series, series.c.jobs, series.c.heard, series.c.judge_at).where(
        series.c.tenant == bindparam("tenant"), any_of(series.c.series)
    )
)
_KEPT: Final = Prepared(
    select(table.c.series, *(table.c[name] for name in _WHAT)).where(_OF_TENANT, any_of(table.c.series))
)
_ADD: Final = PreparedWrite(
    lambda dialect: dialect.insert_or_ignore(table).values(
        {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
    ),
    table.columns.keys(),
)
_CHANGE: Final = PreparedOverwrite(table, "series", _WHAT)
_JUDGE_AT: Final = PreparedOverwrite(series, "series", ("judge_at",))


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The last judgement of a series (`model.judgement.Judgement`), and `since` when its verdict is this one.

    `due` is the first due time that is still open (ticks; 0: none), by the schedule with this hash; `run_due` is the
    due time of the run that the verdict is about. `need` is how the series counts, by its `service` and, if it is
    `NOT_GOOD`, by the `state` of its newest job that has ended (else 0). `place` is its place in the list of series
    that are not well (`model.need.rank`). `too_old`: when its last good copy gets older than expected, or got older
    (ticks; 0: nothing says so, or it does not matter now).
    """

    verdict: Verdict
    since: int
    sentence: str
    cause: str = ""
    job: str = ""
    due: int = 0
    schedule: str = ""
    run_due: int = 0
    need: Need = Need.WELL
    state: int = 0
    service: int = 0
    place: int = 0
    too_old: int = 0

    @property
    def judgement(self) -> Judgement:
        """What was judged."""
        return Judgement(self.verdict, self.sentence, self.cause, self.run_due, self.job, self.need)


class Stamp(NamedTuple):
    """A value that differs after each change of a series' jobs, and when the series must be judged (ticks)."""

    jobs: int
    heard: int
    judge_at: int


def due(connection: Connection, tenants: Collection[int], now: int, most: int) -> dict[int, list[int]]:
    """Returns the series of these tenants that must be judged at `now` (ticks), at most so many, by tenant."""
    found: dict[int, list[int]] = {}
    values: dict[str, Any] = {"ids": dialect_of(connection).array([*tenants]), "now": now, "most": most}
    for tenant, number in _DUE.rows(connection, values):
        found.setdefault(tenant, []).append(number)
    return found


def stamps(connection: Connection, tenant: int, numbers: Collection[int]) -> dict[int, Stamp]:
    """Returns the stamp of each of these series, by which a change is noticed."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*numbers])}
    return {number: Stamp(*row) for number, *row in _STAMPS.rows(connection, values)}


def kept(connection: Connection, tenant: int, numbers: Collection[int]) -> dict[int, Kept]:
    """Returns what was judged last of each of these series, by its number. Those never judged are left out."""
    values = {"tenant": tenant, "ids": dialect_of(connection).array([*numbers])}
    return {number: _kept(row) for number, *row in _KEPT.rows(connection, values)}


def keep(connection: Connection, tenant: int, was: Mapping[int, Kept], now: Mapping[int, Kept]) -> None:
    """Stores what was judged of these series. `was`: what is stored. The caller must hold the tenant's lock."""
    new = [(tenant, number, *_row(one)) for number, one in now.items() if number not in was]
    changed = [(tenant, number, *_row(one)) for number, one in now.items() if number in was and was[number] != one]
    if new:
        _ADD.many(connection, new)
    if changed:
        _CHANGE.many(connection, changed)


def judge_at(connection: Connection, tenant: int, times: Mapping[int, int]) -> None:
    """Sets when each of these series must be judged next (ticks)."""
    if times:
        _JUDGE_AT.many(connection, [(tenant, number, times[number]) for number in sorted(times)])


def judge_all(connection: Connection, tenant: int) -> None:
    """Makes all series of a tenant due now, since something else is expected of them. It takes the tenant's lock: a
    process that is judging by the old expectations either has stored its verdicts by then, or must read the new ones.
    """
    locks.lock(connection, tenant)
    connection.execute(update(series).where(series.c.tenant == tenant).values(judge_at=0))


def judge_plans(connection: Connection, tenant: int, origin: str, plans: Collection[str]) -> None:
    """Has the series of these plans that come from an origin judged at once, since something else is expected of them.
    The caller must hold the tenant's lock.
    """
    if plans:
        of_them = (series.c.tenant == tenant, series.c.origin == origin, any_of(series.c.plan))
        ids = dialect_of(connection).array([*plans])
        connection.execute(update(series).where(*of_them).values(judge_at=0), {"ids": ids})


def judge_ahead(connection: Connection, tenant: int, now: int) -> None:
    """Makes all series of a tenant due at `now` (ticks) that were due later."""
    connection.execute(update(series).where(series.c.tenant == tenant, series.c.judge_at > now).values(judge_at=0))


def begin_anew(connection: Connection, tenant: int) -> None:
    """Begins the due times of all series of a tenant again: what was due while it was suspended is not missed."""
    judge_all(connection, tenant)
    connection.execute(update(table).where(table.c.tenant == tenant).values(schedule=""))


def forget(connection: Connection, tenant: int, numbers: Collection[int]) -> None:
    """Deletes what is kept of series that are gone."""
    for number in sorted(numbers):
        for one in (table, missed_run):
            connection.execute(delete(one).where(one.c.tenant == tenant, one.c.series == number))


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes what is kept of series that are gone, since a new series can get the number of one that is gone."""
    there = select(series.c.series).where(series.c.tenant == tenant)
    for one in (table, missed_run):
        connection.execute(delete(one).where(one.c.tenant == tenant, one.c.series.not_in(there)))


def _kept(row: Sequence[Any]) -> Kept:
    found = dict(zip(_WHAT, row, strict=True))
    return Kept(**{**found, "verdict": Verdict(found["verdict"]), "need": Need(found["need"])})


def _row(one: Kept) -> tuple[Any, ...]:
    return one.verdict.value, *(getattr(one, name) for name in _WHAT[1:])
