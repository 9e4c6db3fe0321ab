"""Reads Longhorn's backups of volumes and its system backups as jobs.

A backup is an object in every cluster that uses its backup target. A backup whose spec names no snapshot was made in
another cluster. It is reported as a result, since backups that failed there do not appear here.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from jobreport.connectors.kinds.kubernetes.objects import About, Metadata, first_time, is_, one_if_ended, time_of, words
from jobreport.connectors.names import Statuses, job_id, reference
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT64_MAX, Job
from jobreport.model.sees import Sees
from jobreport.origins.longhorn import (
    BACKUPS,
    DEFAULT_TARGET,
    DELETING,
    RECURRING,
    SYSTEM_BACKUPS,
    TARGET,
    place_of,
)

_STATUSES: Final = Statuses(BACKUPS)
_SYSTEM_STATUSES: Final = Statuses(SYSTEM_BACKUPS)
_WORKS: Final = frozenset({JobState.NotStarted, JobState.Waiting, JobState.InProgress})
_BAD: Final = "Error"


class Spec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a backup was asked to be. Its snapshot is empty if it came from the backup target."""

    snapshot_name: str = ""
    labels: Mapping[str, str] | None = None
    backup_mode: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a backup is. Numbers are texts, and times may be empty."""

    state: str = ""
    url: str = ""
    snapshot_created_at: str = ""
    backup_created_at: str = ""
    last_synced_at: str | None = None
    size: str = ""
    labels: Mapping[str, str] | None = None
    messages: Mapping[str, str] | None = None
    error: str = ""
    volume_name: str = ""
    backup_target_name: str = ""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A `Backup` of longhorn.io."""

    metadata: Metadata
    spec: Spec = Spec()
    status: Status | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a system backup, such as an error."""

    type: str = ""
    status: str = ""
    message: str = ""


class SystemStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a system backup is."""

    state: str = ""
    created_at: str | None = None
    last_synced_at: str | None = None
    conditions: tuple[Condition, ...] | None = None


class SystemBackup(msgspec.Struct, frozen=True, kw_only=True):
    """A `SystemBackup` of longhorn.io."""

    metadata: Metadata
    status: SystemStatus | None = None


class TargetSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Where a backup target is."""

    url: str = msgspec.field(name="backupTargetURL", default="")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A `BackupTarget` of longhorn.io."""

    metadata: Metadata
    spec: TargetSpec = TargetSpec()


def place(target: Target, cluster: str) -> str:
    """Returns what all clusters call a backup target."""
    return place_of(target.spec.url)


def backup(record: Backup, about: About) -> Job | None:
    """Returns the job that a backup of a volume is. It is known by its target and its name, which is made at random."""
    metadata, spec, status = record.metadata, record.spec, record.status or Status()
    state, note = _STATUSES.read(status.state, ended=bool(status.backup_created_at))
    is_copy = not spec.snapshot_name
    if is_(status.state, DELETING) or _tells_of_its_deletion(metadata, state):
        return None
    if state in _WORKS and (is_copy or status.backup_created_at):
        return None  # it ended, and its state is read from the target again
    target = status.backup_target_name or metadata.label(TARGET) or DEFAULT_TARGET
    where = about.places.get((metadata.namespace, target)) or place_of(status.url)
    labels = {**(spec.labels or {}), **(status.labels or {})}
    key = ("longhorn", where or about.within(metadata), metadata.name)
    counts = one_if_ended(state)
    return Job(
        job_id=job_id(*key),
        reference=reference(*key) if where else "",
        service=ServiceType.AKS,
        type=JobType.AKSBackup,
        state=state,
        start=first_time(status.snapshot_created_at, metadata.created),
        finish=first_time(status.backup_created_at, status.last_synced_at) if state.finished else 0,
        comments=words(note, status.error, *(f"{name}: {text}" for name, text in (status.messages or {}).items())),
        description=f"Longhorn backup ({spec.backup_mode})" if spec.backup_mode else "Longhorn backup",
        plan=labels.get(RECURRING, ""),
        resource=status.volume_name or metadata.label("backup-volume"),
        size=_bytes(status.size),
        sees=Sees.RESULTS if is_copy else Sees.OBJECTS,
        failed=counts.failed,
        successful=counts.successful,
        total=counts.total,
    )


def system_backup(record: SystemBackup, about: About) -> Job | None:
    """Returns the job that a system backup is: the settings and objects of Longhorn itself."""
    metadata, status = record.metadata, record.status or SystemStatus()
    made, created = time_of(metadata.created), time_of(status.created_at)
    state, note = _SYSTEM_STATUSES.read(status.state, ended=bool(created))
    is_copy = 0 < created < made
    if is_(status.state, DELETING) or _tells_of_its_deletion(metadata, state):
        return None
    if state in _WORKS and is_copy:
        return None
    where = about.places.get((metadata.namespace, DEFAULT_TARGET))
    key = ("longhorn-system", where or about.within(metadata), metadata.name)
    errors = [one.message for one in status.conditions or () if one.type == _BAD and one.status == "True"]
    counts = one_if_ended(state)
    return Job(
        job_id=job_id(*key),
        reference=reference(*key) if where else "",
        service=ServiceType.AKS,
        type=JobType.AKSBackup,
        state=state,
        start=created if is_copy else made,
        finish=created if state.finished else 0,
        comments=words(note, *errors),
        description="Longhorn system backup",
        resource=where or about.cluster if is_copy else about.cluster,
        sees=Sees.RESULTS if is_copy else Sees.OBJECTS,
        failed=counts.failed,
        successful=counts.successful,
        total=counts.total,
    )


def _tells_of_its_deletion(metadata: Metadata, state: JobState) -> bool:
    """Whether an object is being deleted, and its state tells how that goes."""
    return bool(metadata.deleted) and state is not JobState.Successful


def _bytes(text: str) -> int:
    return min(int(text), INT64_MAX) if text.isascii() and text.isdigit() else 0
