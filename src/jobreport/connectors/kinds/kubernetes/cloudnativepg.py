"""Reads CloudNativePG's backups of PostgreSQL as jobs. A recovery is a new Cluster there, and no object of its own."""

from collections.abc import Mapping
from typing import Final

import msgspec

from jobreport.connectors.kinds.kubernetes.objects import About, Metadata, first_time, is_, one_if_ended, words
from jobreport.connectors.names import Statuses, job_id
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.origins.cloudnativepg import PHASES, SCHEDULE, WITHOUT_LOGS

_STATUSES: Final = Statuses(PHASES)


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of."""

    cluster: Mapping[str, str] = {}
    method: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a backup is."""

    phase: str = ""
    method: str = ""
    started_at: str | None = None
    stopped_at: str | None = None
    reconciliation_started_at: str | None = None
    reconciliation_terminated_at: str | None = None
    error: str = ""
    command_error: str = ""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A `Backup` of postgresql.cnpg.io."""

    metadata: Metadata
    spec: Spec = Spec()
    status: Status | None = None


def backup(record: Backup, about: About) -> Job:
    """Returns the job that a backup is. Only the cluster in which it was made knows it."""
    metadata, spec, status = record.metadata, record.spec, record.status or Status()
    finish = first_time(status.stopped_at, status.reconciliation_terminated_at)
    state, note = _STATUSES.read(status.phase, ended=bool(finish))
    if is_(status.phase, WITHOUT_LOGS) and finish:
        state = JobState.Exception
    counts = one_if_ended(state)
    method = status.method or spec.method
    return Job(
        job_id=job_id("cnpg", about.within(metadata), metadata.name, metadata.created),
        service=ServiceType.Common,
        type=JobType.Backup,
        state=state,
        start=first_time(status.started_at, status.reconciliation_started_at, metadata.created),
        finish=finish if state.finished else 0,
        comments=words(note, status.error, status.command_error),
        description=f"PostgreSQL backup ({method})" if method else "PostgreSQL backup",
        plan=metadata.label(SCHEDULE),
        resource=f"{about.within(metadata)}/{spec.cluster.get('name', '')}",
        failed=counts.failed,
        successful=counts.successful,
        total=counts.total,
        sees=Sees.OBJECTS,
    )
