"""Checks that the database is intact, and that the kept counts and the index of job IDs agree with the jobs."""

from typing import Final

import msgspec
from sqlalchemy import Connection, func, select, union

from jobreport.model import ticks
from jobreport.store import Store
from jobreport.store.db import dialect_of
from jobreport.store.derived import trigrams
from jobreport.store.derived.counts import ANY
from jobreport.store.derived.recount import Key, kept_counts, recount
from jobreport.store.derived.repair import repair_counts, repair_trigrams
from jobreport.store.schema.jobs import job, job_count
from jobreport.store.schema.jobs import subject as subjects
from jobreport.store.schema.registry import tenant as tenants

_MAX_FAULTS: Final = 20


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A kept count that is wrong. `kept` is the stored number, `true` the right one. A code of -1 means any.

    `tenant` is the name of the tenant, `day` an ISO date.
    """

    tenant: str
    day: str
    service: int
    type: int
    state: int
    kept: int
    true: int


class Orphans(msgspec.Struct, frozen=True, kw_only=True):
    """The number of a tenant's jobs whose subject is missing: their description, plan, resource and origin are lost."""

    tenant: str
    jobs: int


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check. `faults` are messages of the database; if there are any, nothing else was checked.

    `differences` are wrong counts. `unsearchable`: the index of parts of job IDs is wrong. Both can be repaired.
    `orphans` cannot be repaired. A subject without jobs is no fault.
    """

    tenants: int
    jobs: int
    faults: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    unsearchable: bool = False
    orphans: tuple[Orphans, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return self.repairable and not self.differences and not self.unsearchable

    @property
    def repairable(self) -> bool:
        """Whether a repair can correct everything that is wrong."""
        return not self.faults and not self.orphans


def check(store: Store, *, repair: bool = False) -> CheckResult:
    """Checks a store, and with `repair` repairs it. The result says what was wrong before the repair.

    Each tenant is read in its own snapshot, and nobody has to wait. The wrong counts of a tenant are repaired in one
    transaction, which counts their days again. A wrong index of job IDs is made again in another transaction.
    """
    with store.reading() as connection:
        faults = dialect_of(connection).integrity_faults(connection, _MAX_FAULTS)
        names = _tenants(connection)
    if faults:
        return CheckResult(tenants=len(names), jobs=0, faults=faults)
    jobs, found, orphans = 0, [], []
    for number, name in names.items():
        with store.reading() as connection:
            dialect_of(connection).lift_time_limits(connection)
            true = recount(connection, number)
            held = kept_counts(connection, number)
            lost = _without_subject(connection, number)
        if lost:
            orphans.append(Orphans(tenant=name, jobs=lost))
        jobs += sum(count for key, count in true.items() if key[1:] == (ANY, ANY, ANY))
        wrong = {key: (held.get(key, 0), true.get(key, 0)) for key in held.keys() | true.keys()}
        wrong = {key: both for key, both in wrong.items() if both[0] != both[1]}
        found += [_difference(name, key, *wrong[key]) for key in sorted(wrong)]
        if wrong and repair:
            with store.writing() as connection:
                repair_counts(connection, number, {key[0] for key in wrong})
    with store.reading() as connection:
        unsearchable = not dialect_of(connection).has_trigram_index and not trigrams.is_consistent(connection)
    if unsearchable and repair:
        with store.writing() as connection:
            repair_trigrams(connection)
    return CheckResult(
        tenants=len(names),
        jobs=jobs,
        faults=(),
        differences=tuple(found),
        unsearchable=unsearchable,
        orphans=tuple(orphans),
    )


def _without_subject(connection: Connection, tenant: int) -> int:
    """Returns the number of the tenant's jobs whose subject is missing."""
    # The jobs are first counted by subject, from an index: there are few subjects.
    named = select(job.c.subject, func.count().label("jobs")).where(job.c.tenant == tenant).group_by(job.c.subject)
    each = named.subquery("each")
    known = select(subjects.c.subject).where(subjects.c.tenant == tenant)
    return int(connection.execute(select(func.sum(each.c.jobs)).where(each.c.subject.not_in(known))).scalar() or 0)


def _tenants(connection: Connection) -> dict[int, str]:
    """Returns the names, by number, of all tenants that are registered, or have jobs or counts.

    A tenant that is not registered gets a name such as `#5`, from its number.
    """
    still = select(tenants.c.tenant, tenants.c.name).where(tenants.c.purged.is_(None))
    named = {row.tenant: row.name for row in connection.execute(still)}
    present = connection.execute(union(select(job.c.tenant), select(job_count.c.tenant))).scalars()
    return dict(sorted({**{number: f"#{number}" for number in present}, **named}.items()))


def _difference(tenant: str, key: Key, kept: int, true: int) -> Difference:
    day, service, kind, state = key
    return Difference(tenant=tenant, day=day_name(day), service=service, type=kind, state=state, kept=kept, true=true)


def day_name(day: int) -> str:
    """Returns the ISO date of a UTC day (day 0 is 0001-01-01); the number itself if there is no such day."""
    try:
        return ticks.to_iso(day * ticks.PER_DAY, digits=0)[:10]
    except (OverflowError, ValueError):
        return str(day)
