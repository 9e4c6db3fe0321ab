"""Tenants in the store: creates and finds them, keeps their settings, and records when one is suspended or deleted.

A deleted tenant keeps its jobs for some time and can be resumed. A purge deletes its jobs for good. The row of a tenant
is never deleted (see `free_name`).
"""

from enum import Enum
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Integer, Row, bindparam, func, insert, literal_column, select, update

from jobreport.model import ticks
from jobreport.model.audit import SERVICE
from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.expectation import Expectation, matches
from jobreport.model.good_copy_age import Ages, ages_of
from jobreport.model.nights import DEFAULT, NightHours
from jobreport.model.series import GOOD, GOOD_TOO
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store.db import locks
from jobreport.store.db.prepared import Prepared
from jobreport.store.schema.registry import tenant as table
from jobreport.store.schema.rows import storable

_BY_NUMBER: Final = select(table).where(table.c.tenant == bindparam("number"))
_TIMES: Final = ("suspended", "deleted", "purge_after", "purged")


class TenantStatus(Enum):
    """The status of a tenant. Only an active tenant's apps may read and report jobs."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    PURGED = "purged"


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant. Times are ticks; 0 means that it has not happened.

    A deleted tenant is kept until `purge_after`, unless somebody purges it before. `purged` is when its purge began.
    `night` says when its nights begin; `exceptions_good`, whether a job that finished with exceptions leaves a good
    copy; `missed_jobs`, whether a job is written for a run that did not start. `own` is what is expected of its series,
    and `common` what the operator's own tenant expects of them beside that.
    """

    number: int
    name: str
    created: int
    suspended: int = 0
    deleted: int = 0
    purge_after: int = 0
    purged: int = 0
    night: NightHours = DEFAULT
    exceptions_good: bool = False
    missed_jobs: bool = True
    own: tuple[Expectation, ...] = ()
    common: tuple[Expectation, ...] = ()

    @property
    def ages(self) -> Ages:
        """How old the last good copies of its series may become."""
        return ages_of(self.expectations)

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """What is expected of its series: its own expectations, and those of the operator for tenants of its name."""
        return self.own + tuple(one for one in self.common if matches(self.name, one.tenant))

    @property
    def good(self) -> frozenset[JobState]:
        """The states of jobs that leave a good copy."""
        return GOOD_TOO if self.exceptions_good else GOOD

    @property
    def not_good(self) -> tuple[JobState, ...]:
        """The states of jobs that ended and are not good, in the order of their codes."""
        return tuple(sorted(NOT_GOOD - self.good))

    @property
    def status(self) -> TenantStatus:
        """The status of the tenant: the first of purged, deleted, suspended and active that is true."""
        return status_of(self)

    @property
    def unfinished(self) -> bool:
        """Whether its purge has begun but not ended: it is still running, or it was interrupted.

        The last step of a purge renames the tenant (`free_name`). So the name shows whether the purge has ended.
        """
        return bool(self.purged) and not self.name.endswith(f"#{self.number}")

    def unusable(self) -> str:
        """Returns a message: why no app may read or report the tenant's jobs, and what to do. Empty if it is active."""
        match self.status:
            case TenantStatus.SUSPENDED:
                return f"the tenant {self.name} is suspended; jobreport tenant resume {self.name} ends that"
            case TenantStatus.DELETED:
                until = ticks.to_iso(self.purge_after, digits=0)
                return (
                    f"the tenant {self.name} is deleted; until {until}, or until somebody purges it, "
                    f"jobreport tenant resume {self.name} brings it back"
                )
            case TenantStatus.PURGED:
                return f"the tenant {self.name} was deleted for good"
        return ""


def status_of(row: Any) -> TenantStatus:
    """Returns the status of a tenant, from anything that has its times: a row of the table or a `Tenant`."""
    if row.purged:
        return TenantStatus.PURGED
    if row.deleted:
        return TenantStatus.DELETED
    return TenantStatus.SUSPENDED if row.suspended else TenantStatus.ACTIVE


def find(connection: Connection, name: str) -> Tenant | None:
    """Returns the tenant with this name, also if it is suspended, deleted or purged; None if there is none."""
    if not storable(name):
        return None
    row = connection.execute(select(table).where(table.c.name == name)).first()
    return _tenant(row, _common(connection)) if row else None


def find_for_update(connection: Connection, name: str) -> Tenant | None:
    """Finds a tenant in order to change it. It locks the registry first, until the transaction ends."""
    locks.lock(connection, locks.REGISTRY)
    return find(connection, name)


def by_number(connection: Connection, number: int) -> Tenant | None:
    """Returns the tenant with this number, also if it is suspended, deleted or purged; None if there is none."""
    row = connection.execute(_BY_NUMBER, {"number": number}).first()
    return _tenant(row, _common(connection)) if row else None


def list_tenants(connection: Connection) -> tuple[Tenant, ...]:
    """Returns all tenants, also suspended, deleted and purged ones, sorted by name."""
    rows = connection.execute(select(table).order_by(table.c.name, table.c.tenant)).all()
    common = next((_expectations(row.expectations) for row in rows if row.tenant == SERVICE), ())
    return tuple(_tenant(row, common) for row in rows)


def add(connection: Connection, name: str, now: int) -> tuple[Tenant, bool]:
    """Finds the tenant with this name, or creates it. The second value says whether it was created."""
    locks.lock(connection, locks.REGISTRY)
    existing = find(connection, name)
    if existing is not None:
        return existing, False
    number: int = connection.execute(select(func.coalesce(func.max(table.c.tenant), 0) + 1)).scalar_one()
    new = Tenant(number=SERVICE if name == SERVICE_NAME else number, name=name, created=now)
    connection.execute(insert(table).values(tenant=new.number, name=name, created=now))
    return new, True


def set_times(connection: Connection, number: int, **times: int) -> None:
    """Sets the given times of the tenant (ticks). 0 clears a time: `suspended=0` ends a suspension."""
    _set(connection, number, **{name: value or None for name, value in times.items()})


def set_night(connection: Connection, number: int, night: NightHours) -> None:
    """Sets when the nights of the tenant begin."""
    _set(connection, number, zone=night.zone, night=night.minute)


def set_exceptions_good(connection: Connection, number: int, exceptions_good: bool) -> None:
    """Sets whether a job that finished with exceptions leaves a good copy. The series of the tenant are not changed:
    that is up to `store.derived.good_jobs`.
    """
    _set(connection, number, exceptions_good=exceptions_good)


def set_missed_jobs(connection: Connection, number: int, missed_jobs: bool) -> None:
    """Sets whether a job is written for a run of the tenant that did not start."""
    _set(connection, number, missed_jobs=missed_jobs)


def set_expectations(connection: Connection, number: int, expectations: tuple[Expectation, ...]) -> None:
    """Sets what is expected of the tenant's series; of the operator's own tenant, of those of others too."""
    _set(connection, number, expectations=msgspec.json.encode(expectations).decode() if expectations else None)


def ages(connection: Connection, number: int) -> Ages:
    """Returns how old the last good copies of the tenant's series may become."""
    rows = {row[0]: row for row in _EXPECTATIONS.rows(connection, {"tenant": number})}
    if number not in rows:
        return Ages()
    common = _expectations(rows[SERVICE][2]) if SERVICE in rows and number != SERVICE else ()
    common = tuple(one for one in common if one.tenant)
    return _ages(rows[number][1], _expectations(rows[number][2]), common)


@lru_cache(maxsize=1024)
def _ages(name: str, own: tuple[Expectation, ...], common: tuple[Expectation, ...]) -> Ages:
    return ages_of((*own, *(one for one in common if matches(name, one.tenant))))


_EXPECTATIONS: Final = Prepared(
    select(table.c.tenant, table.c.name, table.c.expectations).where(
        (table.c.tenant == bindparam("tenant")) | (table.c.tenant == literal_column(str(SERVICE), Integer))
    )
)
_COMMON: Final = Prepared(select(table.c.expectations).where(table.c.tenant == literal_column(str(SERVICE), Integer)))


def _common(connection: Connection) -> tuple[Expectation, ...]:
    """Returns what the operator's own tenant expects, also of others."""
    rows = _COMMON.rows(connection, {})
    return _expectations(rows[0][0]) if rows else ()


@lru_cache(maxsize=1024)
def _expectations(text: str | None) -> tuple[Expectation, ...]:
    return msgspec.json.decode(text, type=tuple[Expectation, ...]) if text else ()


def _set(connection: Connection, number: int, **values: int | str | None) -> None:
    connection.execute(update(table).where(table.c.tenant == number).values(values))


def night_hours(connection: Connection, number: int) -> NightHours:
    """Returns when the nights of the tenant begin."""
    rows = _NIGHT.rows(connection, {"tenant": number})
    return NightHours(*rows[0]) if rows else DEFAULT


_NIGHT: Final = Prepared(select(table.c.zone, table.c.night).where(table.c.tenant == bindparam("tenant")))


def free_name(connection: Connection, tenant: Tenant) -> None:
    """Renames a purged tenant, so that a new tenant can have its name: `acme` with the number 7 becomes `acme#7`.

    The row stays, so that the number is never used again and the audit log can still show a name for it.
    """
    renamed = f"{tenant.name}#{tenant.number}"
    connection.execute(update(table).where(table.c.tenant == tenant.number).values(name=renamed))


def _tenant(row: Row[Any], common: tuple[Expectation, ...]) -> Tenant:
    times = {name: getattr(row, name) or 0 for name in _TIMES}
    return Tenant(
        number=row.tenant,
        name=row.name,
        created=row.created,
        night=NightHours(row.zone, row.night),
        exceptions_good=row.exceptions_good,
        missed_jobs=row.missed_jobs,
        own=_expectations(row.expectations),
        # Its own expectations are for others only if they name tenants.
        common=tuple(one for one in common if one.tenant) if row.tenant != SERVICE else (),
        **times,
    )
