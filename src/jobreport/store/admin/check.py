"""Checks that the database is intact, and that all that is derived from the jobs agrees with them.

That is: the kept counts and sums, how the series stand, the causes of jobs, and the index of job IDs.
"""

from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, union

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import dialect_of
from jobreport.store.derived import causes, series, series_counts, series_texts, subjects, trigrams
from jobreport.store.derived.counts import ANY, touch
from jobreport.store.derived.recount import DERIVED, Derived
from jobreport.store.derived.repair import repair_causes, repair_days, repair_series, repair_trigrams
from jobreport.store.derived.series_parts import Reader
from jobreport.store.schema.jobs import job, job_count
from jobreport.store.schema.jobs import series as series_table
from jobreport.store.schema.jobs import subject as subject_table
from jobreport.store.schema.registry import tenant as tenants

_MAX_FAULTS: Final = 20
_SERIES: Final = 500


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A kept count or sum that is wrong. `kept` is the stored number, `true` the right one. A code of -1 means any.

    `tenant` is the name of the tenant, `day` an ISO date, `what` the name of the number: `jobs`, `ended` and so on. For
    a number of series the day is empty.
    """

    tenant: str
    day: str
    service: int
    type: int
    state: int
    what: str
    kept: int
    true: int


class SeriesDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A series of which something is kept that is wrong. `kept` is what is stored, `true` what the jobs say.

    `tenant` is the name of the tenant, `what` the name of the field of `model.series.SeriesStatus`. Or it is `number`:
    jobs of this plan and resource name another series than their own. A number of 0 is none. Or it is `text`,
    `resource` or `origin`: by this the series is found; empty if there is no such series, or nothing to find it by.
    """

    tenant: str
    series: int
    plan: str
    resource: str
    what: str
    kept: int | str
    true: int | str


class Orphans(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a tenant's jobs whose subject is missing: their description, plan, resource and origin are lost."""

    tenant: str
    jobs: int


class WrongCauses(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a tenant's jobs whose stored cause is not the one that their origin gave or their comments tell."""

    tenant: str
    jobs: int


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check. `faults` are messages of the database; if there are any, nothing else was checked.

    `differences` are wrong counts and sums, `series` are wrong series, `causes` wrong causes. `unsearchable`: the index
    of parts of job IDs, or that of the names of series, is wrong. All of these can be repaired. `orphans` cannot be
    repaired. A subject or a cause without jobs is no fault.
    """

    tenants: int
    jobs: int
    faults: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    series: tuple[SeriesDifference, ...] = ()
    causes: tuple[WrongCauses, ...] = ()
    unsearchable: bool = False
    orphans: tuple[Orphans, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        derived = (self.differences, self.series, self.causes, self.unsearchable)
        return self.repairable and not any(derived)

    @property
    def repairable(self) -> bool:
        """Whether a repair can correct everything that is wrong."""
        return not self.faults and not self.orphans


def check(store: Store, *, repair: bool = False) -> CheckResult:
    """Checks a store, and with `repair` repairs it. The result says what was wrong before the repair.

    Each tenant is read in its own snapshot, and nobody has to wait. What is wrong of a tenant is repaired in one
    transaction, which counts its days again. A wrong index of job IDs is made again in another transaction.
    """
    with store.reading() as connection:
        faults = dialect_of(connection).integrity_faults(connection, _MAX_FAULTS)
        names = _tenants(connection)
    if faults:
        return CheckResult(tenants=len(names), jobs=0, faults=faults)
    wrong = []
    for number, name in names.items():
        wrong.append(_wrong(store, number, name))
        if repair:
            _repair(store, number, wrong[-1])
    with store.reading() as connection:
        unsearchable = not dialect_of(connection).has_trigram_index and not (
            trigrams.is_consistent(connection) and series_texts.is_consistent(connection)
        )
    if unsearchable and repair:
        with store.writing() as connection:
            repair_trigrams(connection)
    return CheckResult(
        tenants=len(names),
        jobs=sum(one.jobs for one in wrong),
        faults=(),
        differences=tuple(each for one in wrong for each in one.differences),
        series=tuple(each for one in wrong for each in one.series),
        causes=tuple(WrongCauses(tenant=one.tenant, jobs=one.causes) for one in wrong if one.causes),
        unsearchable=unsearchable,
        orphans=tuple(Orphans(tenant=one.tenant, jobs=one.orphans) for one in wrong if one.orphans),
    )


class _Wrong(NamedTuple):
    """What is wrong of one tenant: of its days by what is derived of them, of its series and their counts, the number
    of jobs with a wrong cause, and of jobs without a subject. `jobs` is the number of all its jobs.
    """

    tenant: str
    jobs: int
    days: dict[Derived, dict[int, list[Difference]]]
    series: list[SeriesDifference]
    counts: list[Difference]
    causes: int
    orphans: int

    @property
    def differences(self) -> list[Difference]:
        """All counts and sums that are wrong."""
        return [one for by_day in self.days.values() for each in by_day.values() for one in each] + self.counts


def _wrong(store: Store, tenant: int, name: str) -> _Wrong:
    """Returns what is wrong of a tenant, as it is in one snapshot."""
    with store.reading() as connection:
        dialect_of(connection).lift_time_limits(connection)
        days = {derived: _differences(connection, tenant, name, derived) for derived in DERIVED}
        of_series, counts = _series(connection, tenant, name)
        return _Wrong(
            tenant=name,
            jobs=int(connection.execute(select(func.count()).where(job.c.tenant == tenant)).scalar_one()),
            days=days,
            series=of_series,
            counts=counts,
            causes=sum(1 for _ in causes.wrong(connection, tenant)),
            orphans=_without_subject(connection, tenant),
        )


def _repair(store: Store, tenant: int, wrong: _Wrong) -> None:
    """Repairs what is wrong of a tenant, in one transaction, but for jobs without a subject."""
    if not (wrong.differences or wrong.series or wrong.causes):
        return
    with store.writing() as connection:
        for derived, by_day in wrong.days.items():
            repair_days(connection, tenant, derived, {*by_day})
        repair_series(connection, tenant, sorted({one.series for one in wrong.series}))
        if wrong.causes:
            repair_causes(connection, tenant)
        touch(connection, tenant)


def _without_subject(connection: Connection, tenant: int) -> int:
    """Returns the number of the tenant's jobs whose subject is missing."""
    # The jobs are first counted by subject, from an index: there are few subjects.
    named = select(job.c.subject, func.count().label("jobs")).where(job.c.tenant == tenant).group_by(job.c.subject)
    each = named.subquery("each")
    known = select(subject_table.c.subject).where(subject_table.c.tenant == tenant)
    return int(connection.execute(select(func.sum(each.c.jobs)).where(each.c.subject.not_in(known))).scalar() or 0)


def _tenants(connection: Connection) -> dict[int, str]:
    """Returns the names, by number, of all tenants that are registered, or have jobs or counts.

    A tenant that is not registered gets a name such as `#5`, from its number.
    """
    still = select(tenants.c.tenant, tenants.c.name).where(tenants.c.purged.is_(None))
    named = {row.tenant: row.name for row in connection.execute(still)}
    present = connection.execute(union(select(job.c.tenant), select(job_count.c.tenant))).scalars()
    return dict(sorted({**{number: f"#{number}" for number in present}, **named}.items()))


def _differences(connection: Connection, tenant: int, name: str, derived: Derived) -> dict[int, list[Difference]]:
    """Returns what is wrong in a table of a tenant, by day."""
    none = (0,) * len(derived.values)
    true, kept = derived.recount(connection, tenant, None), derived.kept(connection, tenant)
    by_day: dict[int, list[Difference]] = {}
    for key in sorted(key for key in kept.keys() | true.keys() if kept.get(key, none) != true.get(key, none)):
        codes = {"state": ANY, **dict(zip(derived.codes, key[1:], strict=True))}
        by_day[key[0]] = by_day.get(key[0], []) + [
            Difference(tenant=name, day=day_name(key[0]), **codes, what=what, kept=held, true=right)
            for what, held, right in zip(derived.values, kept.get(key, none), true.get(key, none), strict=True)
            if held != right
        ]
    return by_day


def _series(connection: Connection, tenant: int, name: str) -> tuple[list[SeriesDifference], list[Difference]]:
    """Returns what is wrong of the series of a tenant, and of their counts."""
    right: series_counts.Counts = {}
    good = series.good_states(connection, tenant)
    rows = connection.execute(
        select(*(series_table.c[name] for name in ("series", "service", "type", "plan", "resource")))
        .where(series_table.c.tenant == tenant)
        .order_by(series_table.c.series)
    ).all()
    wrong = [
        SeriesDifference(
            tenant=name,
            series=one.series,
            plan=one.key[2] if one.key else "",
            resource=one.key[3] if one.key else "",
            what="number",
            kept=one.series,
            true=one.right,
        )
        for one in subjects.misplaced(connection, tenant)
    ]
    wrong += _wrong_texts(connection, tenant, name)
    for first in range(0, len(rows), _SERIES):
        part = rows[first : first + _SERIES]
        kept = series.read(connection, tenant, [row.series for row in part])
        for row in part:
            true = Reader(connection, tenant, row.series, good).whole()
            series_counts.add(right, series_counts.mark(row.service, row.type, true))
            wrong += [
                SeriesDifference(
                    tenant=name,
                    series=row.series,
                    plan=row.plan,
                    resource=row.resource,
                    what=what,
                    kept=getattr(kept[row.series], what),
                    true=getattr(true, what),
                )
                for what in series.FIELDS
                if getattr(kept[row.series], what) != getattr(true, what)
            ]
    return wrong, _wrong_series_counts(name, series_counts.kept(connection, tenant), right)


def _wrong_texts(connection: Connection, tenant: int, name: str) -> list[SeriesDifference]:
    """Returns what is wrong of the texts by which series of a tenant are found."""
    none = ("", "", "")
    return [
        SeriesDifference(tenant=name, series=number, plan="", resource="", what=what, kept=held, true=right)
        for number, (there, true) in series_texts.differences(connection, tenant).items()
        for what, held, right in zip(("resource", "origin", "text"), there or none, true or none, strict=True)
        if held != right
    ]


def _wrong_series_counts(name: str, kept: series_counts.Counts, true: series_counts.Counts) -> list[Difference]:
    """Returns what is wrong of the counts of series of a tenant."""
    none = [0] * len(series_counts.VALUES)
    return [
        Difference(tenant=name, day="", service=service, type=kind, state=state, what=what, kept=held, true=right)
        for service, kind, state in sorted(kept.keys() | true.keys())
        for what, held, right in zip(
            series_counts.VALUES,
            kept.get((service, kind, state), none),
            true.get((service, kind, state), none),
            strict=True,
        )
        if held != right
    ]


def day_name(day: int) -> str:
    """Returns the ISO date of a UTC day (day 0 is 0001-01-01); the number itself if there is no such day."""
    try:
        return ticks.to_iso(day * ticks.PER_DAY, digits=0)[:10]
    except (OverflowError, ValueError):
        return str(day)
