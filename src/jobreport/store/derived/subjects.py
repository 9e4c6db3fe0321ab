"""Subjects: the four texts that say what a job is about (description, plan, resource, origin).

The same jobs run every night, so a store with millions of jobs has few different subjects. Each is stored once, under a
number, and its jobs contain only this number.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, not_, select

from jobreport.model.job import Job, fold
from jobreport.store.schema.jobs import job as job_table
from jobreport.store.schema.jobs import subject as table

Subject = tuple[str, str, str, str]
"""Description, plan, resource and origin."""

_BATCH: Final = 500
_DIGEST_BYTES: Final = 16
_KNOWN: Final = select(table.c.digest, table.c.subject).where(
    table.c.tenant == bindparam("tenant"), table.c.digest.in_(bindparam("digests", expanding=True))
)
_LAST: Final = select(func.coalesce(func.max(table.c.subject), 0)).where(table.c.tenant == bindparam("tenant"))


def subject_of(job: Job) -> Subject:
    """Returns the four texts of the job."""
    return job.description, job.plan, job.resource, job.origin


def digest(subject: Subject) -> bytes:
    """Returns the hash by which a subject is found: 128 bits, of its texts joined by NUL, which no text contains."""
    return blake2b("\0".join(subject).encode(), digest_size=_DIGEST_BYTES).digest()


def numbers(connection: Connection, tenant: int, jobs: Iterable[Job]) -> dict[Subject, int]:
    """Returns the number of the subject of each job. New subjects are added. The caller must hold the tenant's lock."""
    wanted = {digest(subject): subject for subject in {subject_of(job) for job in jobs}}
    found: dict[bytes, int] = {}
    digests = list(wanted)
    for first in range(0, len(digests), _BATCH):
        batch = digests[first : first + _BATCH]
        found.update(
            (row.digest, row.subject) for row in connection.execute(_KNOWN, {"tenant": tenant, "digests": batch})
        )
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        last: int = connection.execute(_LAST, {"tenant": tenant}).scalar_one()
        found.update((one, number) for number, one in enumerate(missing, last + 1))
        connection.execute(insert(table), [row(tenant, found[one], wanted[one]) for one in missing])
    return {subject: found[one] for one, subject in wanted.items()}


def delete_unused(connection: Connection, tenant: int) -> None:
    """Deletes the subjects of the tenant that have no jobs any more."""
    of_it = (job_table.c.tenant == table.c.tenant, job_table.c.subject == table.c.subject)
    used = select(job_table.c.job_id).where(*of_it).correlate(table).exists()
    connection.execute(delete(table).where(table.c.tenant == tenant, not_(used)))


def row(tenant: int, number: int, subject: Subject) -> dict[str, object]:
    """Returns all columns of the row of a subject."""
    description, plan, resource, origin = subject
    return {
        "tenant": tenant,
        "subject": number,
        "digest": digest(subject),
        "description": description,
        "plan": plan,
        "resource": resource,
        "origin": origin,
        "folded": fold(description),
    }
