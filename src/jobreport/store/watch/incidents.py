"""Incidents in the store: opened, changed and closed with the verdicts of series, one open one a series at most.

All functions that write expect that the tenant's lock is held. What they write is news for the rules, which look at it
later (`store.watch.notices`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    bindparam,
    delete,
    literal_column,
    select,
    update,
)

from jobreport.model.incident import NOT_WELL, Incident
from jobreport.model.job import fold
from jobreport.model.judgement import Judgement, Verdict
from jobreport.store.db import dialect_of
from jobreport.store.db.bulk_write import PreparedInsert, PreparedWrite
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.incidents import incident as table
from jobreport.store.schema.incidents import incident_group as groups
from jobreport.store.schema.incidents import incident_told as told
from jobreport.store.schema.jobs import series as all_series

_ZERO: Final = literal_column("0", Integer)
_FIELDS: Final = Incident.__struct_fields__
_COLUMNS: Final = tuple(table.columns.keys())
COLUMNS: Final = tuple(table.c[name] for name in _FIELDS)
"""The columns from which `incident_of` makes an incident, in order."""
OPEN: Final = "incident_open"
"""The index of what is open. Without statistics SQLite would read all that a tenant ever had."""
IS_OPEN: Final = table.c.closed == literal_column("0", BigInteger)
_CHANGING: Final = (
    *("verdict", "sentence", "cause", "job", "changed", "closed", "ended"),
    *("held", "returned", "back", "ticket"),
)
_OPEN_OF: Final = walk(
    select(*COLUMNS).where(table.c.tenant == bindparam("tenant"), any_of(table.c.series), IS_OPEN), table, OPEN
)
_OPEN_AMONG: Final = Prepared(
    walk(
        select(table.c.series).where(table.c.tenant == bindparam("tenant"), any_of(table.c.series), IS_OPEN),
        table,
        OPEN,
    )
)
_ADD: Final = PreparedInsert(table)
_CHANGE: Final = PreparedWrite(
    update(table)
    .where(table.c.tenant == bindparam("of"), table.c.incident == bindparam("which"))
    .values({name: bindparam(f"new_{name}") for name in (*_CHANGING, "news")}),
    ["of", "which", *(f"new_{name}" for name in (*_CHANGING, "news"))],
)
_SAY: Final = PreparedWrite(
    update(table)
    .where(table.c.tenant == bindparam("of"), table.c.series == bindparam("which"), IS_OPEN)
    .values(sentence=bindparam("new_sentence"), job=bindparam("new_job")),
    ["of", "which", "new_sentence", "new_job"],
)
_NOTE: Final = (
    update(table)
    .where(table.c.tenant == bindparam("of"), table.c.incident == bindparam("which"))
    .values(ticket=bindparam("new_ticket"))
)
_NEWS: Final = (
    update(table)
    .where(table.c.tenant == bindparam("of"), table.c.incident == bindparam("which"), IS_OPEN)
    .values(news=1)
)
_READ: Final = PreparedWrite(
    update(table).where(table.c.tenant == bindparam("of"), table.c.incident == bindparam("which")).values(news=_ZERO),
    ["of", "which"],
)


def open_of(connection: Connection, tenant: int, numbers: Collection[int]) -> dict[int, Incident]:
    """Returns the open incidents of these series, by the number of the series."""
    if not numbers:
        return {}
    values = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return {row.series: incident_of(row) for row in connection.execute(_OPEN_OF, values)}


def open_among(connection: Connection, tenant: int, numbers: Collection[int]) -> set[int]:
    """Returns which of these series have an open incident."""
    if not numbers:
        return set()
    array: dict[str, Any] = {"tenant": tenant, "ids": dialect_of(connection).array(sorted(numbers))}
    return {number for (number,) in _OPEN_AMONG.rows(connection, array)}


def add(connection: Connection, incidents: Iterable[Incident]) -> None:
    """Stores new incidents."""
    if rows := [*map(_row, incidents)]:
        _ADD.many(connection, rows)


def _row(one: Incident) -> tuple[Any, ...]:
    values = msgspec.structs.asdict(one)
    values |= {"folded_plan": fold(one.plan), "folded_resource": fold(one.resource)}
    values |= {"verdict": one.verdict.value, "news": 1}
    return tuple([values[name] for name in _COLUMNS])


def change(connection: Connection, incidents: Iterable[Incident], *, news: bool = True) -> None:
    """Stores how incidents are now. `news`: rules look at what changed."""
    rows = [
        (one.tenant, one.incident, one.verdict.value, *(getattr(one, name) for name in _CHANGING[1:]), int(news))
        for one in incidents
    ]
    if rows:
        _CHANGE.many(connection, rows)


def say(connection: Connection, tenant: int, said: Mapping[int, Judgement]) -> None:
    """Stores what is said now of the open incidents of these series, by the number of the series. That is no news."""
    if said:
        _SAY.many(connection, [(tenant, number, one.sentence, one.job) for number, one in said.items()])


def one_named(connection: Connection, tenant: int, name: str) -> Incident | None:
    """Returns the incident with this ID; None if there is none."""
    row = connection.execute(select(*COLUMNS).where(table.c.tenant == tenant, table.c.incident == name)).first()
    return incident_of(row) if row else None


def news(connection: Connection, tenant: int, most: int) -> list[Incident]:
    """Returns the incidents of which something happened that no rule has looked at, at most so many."""
    chosen = select(*COLUMNS).where(table.c.tenant == tenant, table.c.news > _ZERO)
    return [*map(incident_of, connection.execute(chosen.order_by(table.c.opened).limit(most)))]


def have_read(connection: Connection, incidents: Sequence[Incident]) -> None:
    """Notes that the rules have looked at these."""
    if incidents:
        _READ.many(connection, [(one.tenant, one.incident) for one in incidents])


def with_work(connection: Connection, now: int) -> set[int]:
    """Returns the tenants of which rules have something to look at (ticks)."""
    found = set(connection.execute(select(table.c.tenant).where(table.c.news > _ZERO).distinct()).scalars())
    for one in (told, groups):
        due = one.c.due > literal_column("0", BigInteger), one.c.due <= now
        found.update(connection.execute(select(one.c.tenant).where(*due).distinct()).scalars())
    return found


def held(connection: Connection) -> dict[int, list[Incident]]:
    """Returns the open incidents that somebody has, by tenant."""
    found: dict[int, list[Incident]] = {}
    for row in connection.execute(select(*COLUMNS).where(IS_OPEN, table.c.held != literal_column("''"))):
        found.setdefault(row.tenant, []).append(incident_of(row))
    return found


def going_on(connection: Connection, tenant: int | None = None) -> dict[int, list[Incident]]:
    """Returns the open incidents that nobody has, by tenant: of all, or of one."""
    found: dict[int, list[Incident]] = {}
    mine = () if tenant is None else (table.c.tenant == tenant,)
    for row in connection.execute(select(*COLUMNS).where(IS_OPEN, table.c.held == literal_column("''"), *mine)):
        found.setdefault(row.tenant, []).append(incident_of(row))
    return found


def make_news(connection: Connection, those: Sequence[Incident]) -> None:
    """Has the rules look at open incidents once more."""
    if those:
        connection.execute(_NEWS, [{"of": one.tenant, "which": one.incident} for one in those])


def hold(connection: Connection, tenant: int, series: int, by: str, ticket: str) -> None:
    """Notes who looks after the open incident of a series, if it has one."""
    values = {"held": by, "back": ""} | ({"ticket": ticket} if ticket else {})
    connection.execute(update(table).where(table.c.tenant == tenant, table.c.series == series, IS_OPEN).values(values))


def close(connection: Connection, tenant: int, series: int, now: int, why: str) -> None:
    """Closes the open incident of a series, if it has one, although nothing became well."""
    values = {"closed": now, "changed": now, "ended": f"{NOT_WELL}{why}", "news": 1}
    connection.execute(update(table).where(table.c.tenant == tenant, table.c.series == series, IS_OPEN).values(values))


def release(connection: Connection, tenant: int, series: int, now: int, why: str) -> int:
    """Notes that nobody looks after the open incident of a series any more, and why. Returns how many that were."""
    mine = table.c.tenant == tenant, table.c.series == series, IS_OPEN, table.c.held != literal_column("''")
    values = {"held": "", "returned": now, "back": why, "news": 1}
    return connection.execute(update(table).where(*mine).values(values)).rowcount


def note_ticket(connection: Connection, those: Iterable[Incident]) -> None:
    """Stores the tickets of incidents. That is no news."""
    rows = [{"of": one.tenant, "which": one.incident, "new_ticket": one.ticket} for one in those]
    if rows:
        connection.execute(_NOTE, rows)


def of_series(connection: Connection, tenant: int, series: int, most: int) -> list[Incident]:
    """Returns the last incidents of a series, newest first."""
    chosen = walk(select(*COLUMNS).where(table.c.tenant == tenant, table.c.series == series), table, "incident_series")
    return [*map(incident_of, connection.execute(chosen.order_by(table.c.opened.desc()).limit(most)))]


def end_unused(connection: Connection, tenant: int, now: int) -> None:
    """Closes the incidents of series that are gone, and takes the number of these from them, since a new series can get
    it.
    """
    numbers = select(table.c.series).where(table.c.tenant == tenant, table.c.series > _ZERO).distinct()
    of_them = set(connection.execute(numbers).scalars())
    if not of_them:
        return
    array = {"ids": dialect_of(connection).array(sorted(of_them))}
    known = select(all_series.c.series).where(all_series.c.tenant == tenant, any_of(all_series.c.series))
    for number in of_them - set(connection.execute(known, array).scalars()):
        mine = table.c.tenant == tenant, table.c.series == number
        gone = {"closed": now, "changed": now, "ended": f"{NOT_WELL}its jobs are gone", "news": 1}
        connection.execute(update(table).where(*mine, IS_OPEN).values(gone))
        connection.execute(update(table).where(*mine).values(series=0))


def closed_before(connection: Connection, before: int) -> set[int]:
    """Returns the tenants that have incidents which were closed before a time (ticks)."""
    over = table.c.closed > literal_column("0", BigInteger), table.c.closed < before
    return set(connection.execute(select(table.c.tenant).where(*over).distinct()).scalars())


def delete_closed(connection: Connection, tenant: int, before: int) -> int:
    """Deletes the incidents that were closed before a time (ticks). Returns how many these were."""
    over = table.c.tenant == tenant, table.c.closed > literal_column("0", BigInteger), table.c.closed < before
    mine = select(table.c.incident).where(*over)
    connection.execute(delete(told).where(told.c.tenant == tenant, told.c.incident.in_(mine)))
    ended = groups.c.closed > literal_column("0", BigInteger), groups.c.closed < before
    connection.execute(delete(groups).where(groups.c.tenant == tenant, *ended))
    return connection.execute(delete(table).where(*over)).rowcount


def end_all(connection: Connection, tenant: int) -> None:
    """Deletes all incidents of a tenant."""
    for one in (told, groups, table):
        connection.execute(delete(one).where(one.c.tenant == tenant))


def incident_of(row: Row[Any]) -> Incident:
    """Returns the incident that a row of `COLUMNS` begins with."""
    # By their places: to look each up by its name would take four times as long.
    values: dict[str, Any] = dict(zip(_FIELDS, row, strict=False))
    values["verdict"] = Verdict(values["verdict"])
    return Incident(**values)
