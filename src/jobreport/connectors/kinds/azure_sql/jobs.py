"""Makes jobs of the long-term backups and of the operations of Azure SQL. Pure.

A long-term backup has no state: only a backup that succeeded is in the list. An operation has no end time, so the time
at which it was first seen as ended is taken.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.azure import records
from jobreport.connectors.names import Statuses, job_id
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.origins.azure_backup import reference
from jobreport.origins.azure_sql import STATES, restores

_STATUSES: Final = Statuses(STATES)
_LATE: Final = "its origin does not tell when it ended: it was first seen ended then"
PLAN: Final = "long-term retention"


class BackupProperties(msgspec.Struct, rename="camel"):
    """What a long-term backup says of itself."""

    backup_time: str | None = None
    database_name: str | None = None
    server_name: str | None = None
    managed_instance_name: str | None = None


class Backup(msgspec.Struct):
    """A backup in long-term retention."""

    id: str
    properties: BackupProperties


class OperationProperties(msgspec.Struct, rename="camel"):
    """What an operation on a database says of itself."""

    database_name: str | None = None
    server_name: str | None = None
    operation: str | None = None
    operation_friendly_name: str | None = None
    create_mode: str | None = None
    state: str | None = None
    start_time: str | None = None
    error_code: int | None = None
    error_description: str | None = None


class Operation(msgspec.Struct):
    """An operation on a database."""

    id: str
    properties: OperationProperties


def backup_of(raw: msgspec.Raw | bytes, where: str) -> Job:
    """Returns the job of a long-term backup. Raises CannotReadError."""
    record = records.understood(raw, Backup, where)
    fields = record.properties
    if not (at := records.time_of(fields.backup_time)):
        raise UnreadableRecordError(f"a record of {where} does not tell when the backup was made")
    name = reference(record.id)
    owner = fields.server_name or fields.managed_instance_name
    return Job(
        job_id=job_id(name),
        reference=name,
        service=ServiceType.AzureSQL,
        type=JobType.SQLBackup,
        state=JobState.Successful,
        start=at,
        finish=at,
        **records.counts_of(JobState.Successful),
        description=records.text_of("description", "Long-term backup"),
        plan=PLAN,
        resource=records.text_of("resource", "/".join(filter(None, (owner, fields.database_name)))),
        raw=records.raw_of(raw, ended=True),
    )


def restore_of(raw: msgspec.Raw | bytes, where: str, first_seen: Callable[[str], int]) -> Job | None:
    """Returns the job of an operation; None if it restores nothing. Raises CannotReadError.

    `first_seen` tells when an operation, by its ID, was first seen ended (ticks).
    """
    record = records.understood(raw, Operation, where)
    fields = record.properties
    names = [name for name in (fields.operation, fields.operation_friendly_name) if name]
    if not restores(fields.create_mode or "", names):
        return None
    state, note = _STATUSES.read(fields.state or "", ended=False)
    start = records.time_of(fields.start_time)
    name = reference(record.id)
    finish = max(first_seen(name), start) if state.finished else 0
    why = fields.error_description if state is not JobState.Successful else None
    code = f"error {fields.error_code}" if why and fields.error_code else None
    return Job(
        job_id=job_id(name),
        reference=name,
        service=ServiceType.AzureSQL,
        type=JobType.SQLRestore,
        state=state,
        start=start,
        finish=finish,
        **records.counts_of(state),
        comments=records.comments_of([note, why, code, _LATE if state.finished else None]),
        description=records.text_of("description", fields.operation_friendly_name or fields.operation or "Restore"),
        plan=records.text_of("plan", fields.server_name),
        resource=records.text_of("resource", "/".join(filter(None, (fields.server_name, fields.database_name)))),
        raw=records.raw_of(raw, ended=state.finished),
    )
