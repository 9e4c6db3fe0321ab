"""Subjects: what a job is about, that is its service, its type and four texts (description, plan, resource, origin).

The same jobs run every night, so a store with millions of jobs has few different subjects. Each is stored once, under a
number, and its jobs contain only this number. A subject belongs to one series (`store.derived.series`): the same
without the description.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, not_, select, update

from jobreport.model.job import Job, fold
from jobreport.model.series import NONE
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import series
from jobreport.store.derived.digests import digest
from jobreport.store.schema.jobs import job as job_table
from jobreport.store.schema.jobs import subject as table

Subject = tuple[int, int, str, str, str, str]
"""Service, type, description, plan, resource and origin."""

_BATCH: Final = 500
_KNOWN: Final = select(table.c.digest, table.c.subject, table.c.series).where(
    table.c.tenant == bindparam("tenant"), table.c.digest.in_(bindparam("digests", expanding=True))
)
_FEW: Final = 4
"""Up to so many are asked for one by one, by a statement that is made already."""
_KNOWN_ONE: Final = Prepared(
    select(table.c.subject, table.c.series).where(
        table.c.tenant == bindparam("tenant"), table.c.digest == bindparam("digest")
    )
)
_LAST: Final = select(func.coalesce(func.max(table.c.subject), 0)).where(table.c.tenant == bindparam("tenant"))


class Numbers(NamedTuple):
    """The number of a subject, and that of its series (0: it belongs to none)."""

    subject: int
    series: int


def subject_of(job: Job) -> Subject:
    """Returns what the job is about. Plain numbers: a member of an enumeration is slow to hash."""
    return job.service._value_, job.type._value_, job.description, job.plan, job.resource, job.origin


def numbers(connection: Connection, tenant: int, every: Iterable[Subject]) -> dict[Subject, Numbers]:
    """Returns the numbers of these subjects.

    New subjects and series are added. The caller must hold the tenant's lock.
    """
    wanted = {digest(subject): subject for subject in set(every)}
    found = _known(connection, tenant, list(wanted))
    if missing := sorted(wanted.keys() - found.keys()):
        last: int = connection.execute(_LAST, {"tenant": tenant}).scalar_one()
        keys = {one: series_key(wanted[one]) for one in missing}
        of_series = series.numbers(connection, tenant, {key for key in keys.values() if key})
        for number, one in enumerate(missing, last + 1):
            key = keys[one]
            found[one] = Numbers(number, of_series[key] if key else NONE)
        connection.execute(insert(table), [row(tenant, found[one], wanted[one]) for one in missing])
    return {subject: found[one] for one, subject in wanted.items()}


def _known(connection: Connection, tenant: int, digests: Sequence[bytes]) -> dict[bytes, Numbers]:
    """Returns the numbers of those of these subjects that are stored, by their digests."""
    found: dict[bytes, Numbers] = {}
    if len(digests) <= _FEW:
        for one in digests:
            rows = _KNOWN_ONE.rows(connection, {"tenant": tenant, "digest": one})
            found.update((one, Numbers(*row)) for row in rows)
        return found
    for first in range(0, len(digests), _BATCH):
        given = {"tenant": tenant, "digests": digests[first : first + _BATCH]}
        found.update((row.digest, Numbers(row.subject, row.series)) for row in connection.execute(_KNOWN, given))
    return found


def series_key(subject: Subject) -> series.Key | None:
    """Returns the series of a subject: the same without the description. None if it has neither plan nor resource."""
    service, kind, _, plan, resource, origin = subject
    return (service, kind, plan, resource, origin) if plan or resource else None


class Misplaced(NamedTuple):
    """A subject that names a series which is not its own. `series` is what it names, `right` what it should name; 0 if
    that series is missing.
    """

    subject: int
    key: series.Key | None
    series: int
    right: int


def misplaced(connection: Connection, tenant: int) -> list[Misplaced]:
    """Returns the subjects of the tenant that name another series than their own, or one that is missing."""
    own = series.keys(connection, tenant)
    columns = [table.c[name] for name in ("subject", "series", "service", "type", "plan", "resource", "origin")]
    rows = connection.execute(select(*columns).where(table.c.tenant == tenant).order_by(table.c.subject))
    wrong = []
    for number, named, service, kind, plan, resource, origin in rows:
        key = series_key((service, kind, "", plan, resource, origin))
        right = own.get(key, NONE) if key else NONE
        if named != right or (key and right == NONE):
            wrong.append(Misplaced(number, key, named, right))
    return wrong


def place(connection: Connection, tenant: int, wrong: Iterable[Misplaced]) -> set[int]:
    """Puts these subjects into their own series. Returns every series whose jobs have changed by that.

    The caller must hold the tenant's lock.
    """
    wrong = list(wrong)
    right = series.numbers(connection, tenant, {one.key for one in wrong if one.key})
    changed = set[int]()
    for one in wrong:
        number = right[one.key] if one.key else NONE
        changed |= {one.series, number} - {NONE}
        mine = table.c.tenant == tenant, table.c.subject == one.subject
        connection.execute(update(table).where(*mine).values(series=number))
    return changed


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes the subjects of the tenant that have no jobs any more, and the series that have no subjects any more."""
    of_it = (job_table.c.tenant == table.c.tenant, job_table.c.subject == table.c.subject)
    used = select(job_table.c.job_id).where(*of_it).correlate(table).exists()
    connection.execute(delete(table).where(table.c.tenant == tenant, not_(used)))
    series.delete_unused(connection, tenant)


def row(tenant: int, numbers: Numbers, subject: Subject) -> dict[str, object]:
    """Returns all columns of the row of a subject."""
    service, kind, description, plan, resource, origin = subject
    return {
        "tenant": tenant,
        "subject": numbers.subject,
        "digest": digest(subject),
        "series": numbers.series,
        "service": service,
        "type": kind,
        "description": description,
        "plan": plan,
        "resource": resource,
        "origin": origin,
        "folded": fold(description),
    }
