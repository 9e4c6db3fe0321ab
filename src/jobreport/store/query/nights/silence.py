"""Finds silent tenants: those for which nothing was reported for longer than their own rhythm allows.

A tenant is silent if a night passed without a job in which it usually has one, and nothing came since. A tenant usually
has a job in a night if most of its last four nights of the same weekday had one: a tenant that works from Monday to
Friday is not missed on Sunday. For a tenant that is new, fewer weeks are looked at; fewer than three nights with jobs
are no rhythm.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from statistics import median_low
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, bindparam, func, literal_column, select

from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import RHYTHM
from jobreport.model.nights import NightHours
from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of, walk
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived.counts import day_of
from jobreport.store.query.codes import constant
from jobreport.store.query.nights.ended import SOME, ended_in_nights
from jobreport.store.registry.tenants import Tenant
from jobreport.store.schema.jobs import job
from jobreport.store.schema.repeated import HEARD

_WEEK: Final = 7
_NIGHTS: Final = 4 * _WEEK
_DAY: Final = timedelta(1)
_ZERO: Final = literal_column("0", BigInteger)
_EVER: Final = 2**31 - 1
"""The last UTC day that can be counted."""
_LAST_END: Final = Prepared(
    select(
        SOME.c.tenant,
        walk(select(func.max(job.c.finish)), job, "job_ended")
        .where(job.c.tenant == SOME.c.tenant, job.c.finish > _ZERO)
        .correlate(SOME)
        .scalar_subquery(),
    )
)
_RUNNING: Final = Prepared(
    walk(select(job.c.tenant), job, "job_state")
    .where(
        any_of(job.c.tenant),
        job.c.state == constant(JobState.InProgress),
        bindparam("since", type_=BigInteger()) <= HEARD,
        # The condition of the index.
        job.c.state != constant(JobState.Successful),
    )
    .distinct()
)


@lru_cache(maxsize=1)
def _looks() -> Prepared:
    """Returns the statement that says of each tenant in which nights a job ended."""
    return Prepared(select(SOME.c.tenant, *ended_in_nights(_NIGHTS)))


def silent(connection: Connection, tenants: Iterable[Tenant], last_jobs: Mapping[str, int], now: int) -> dict[int, int]:
    """Returns since when (ticks) each of these tenants is silent at `now`, by its number. Left out are those that are
    not, those of which there never was a job, and those with which a longer age of all copies is agreed.

    `last_jobs` has the start of the newest job of each by its name (ticks; 0: none), as `standings` tells it. Only of
    those that began nothing since the last complete night any more is read.
    """
    of = {one.number: one for one in tenants}
    hours = {number: one.night for number, one in of.items()}
    started = {number: last_jobs.get(one.name, 0) for number, one in of.items()}
    ends = {one: nights.night_of(one, now) - _DAY for one in set(hours.values())}
    begins = {number: nights.begin(one, ends[one]) for number, one in hours.items()}
    quiet = [one for one, last in started.items() if 0 < last < min(begins[one], now - of[one].ages.tenant)]
    if not quiet:
        return {}
    ids = dialect_of(connection).array(quiet)
    days = {"first": day_of(min(started[one] for one in quiet)), "last": _EVER}
    since = {one: started[one] for one in quiet}
    for one, end in _LAST_END.rows(connection, {"ids": ids, **days}):
        since[one] = max(since[one], end or 0)
    running = _RUNNING.rows(connection, {"ids": ids, "since": min(begins[one] for one in quiet)})
    runs = {one for (one,) in running}
    by_night: dict[tuple[NightHours, date], list[int]] = {}
    for one, last in since.items():
        if one not in runs and last < min(begins[one], now - of[one].ages.tenant):
            by_night.setdefault((hours[one], nights.night_of(hours[one], last)), []).append(one)
    return {
        one: since[one]
        for (at, night), several in by_night.items()
        for one in _missed(connection, several, at, night, ends[at])
    }


def _missed(connection: Connection, tenants: Collection[int], hours: NightHours, last: date, until: date) -> list[int]:
    """Returns those of these tenants of whom a night is missed, from the one after `last` to `until`."""
    days = [last - _DAY * (_NIGHTS - 1 - place) for place in range(_NIGHTS)]
    values: dict[str, Any] = {
        f"begin{place}": nights.begin(hours, day) for place, day in enumerate((*days, last + _DAY))
    }
    values |= {
        "ids": dialect_of(connection).array([*tenants]),
        "first": day_of(values["begin0"]),
        "last": day_of(values[f"begin{_NIGHTS}"] - 1),
    }
    after = min((until - last).days, _WEEK)
    found = []
    for tenant, *looks in _looks().rows(connection, values):
        there: list[int] = looks
        if sum(map(bool, there)) < RHYTHM:
            continue
        first = next((place for place, one in enumerate(there) if one), _NIGHTS)
        for ahead in range(after):
            same = [1 if there[place] else 0 for place in range(ahead, _NIGHTS, _WEEK) if place >= first]
            if median_low(same or [0]):
                found.append(tenant)
                break
    return found
