"""Reads Velero's backups and restores as jobs.

A backup is an object in every cluster that shares its storage location: Velero copies it there when it has ended. So
its reference names the location, not the cluster. Such a copy is reported as a result, since a backup that failed
before anything was stored has no copy.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jobreport.connectors.kinds.kubernetes.objects import About, Metadata, first_time, is_, one_if_ended, time_of, words
from jobreport.connectors.names import Statuses, job_id, reference
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, TEXT_LIMITS, Job
from jobreport.model.sees import Sees
from jobreport.origins.velero import DELETING, PHASES, SCHEDULE, place_of
from jobreport.runner.tools.base import Counts

_STATUSES: Final = Statuses(PHASES)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How many items there are, and how many are done. It may be behind what is true."""

    total: int = msgspec.field(name="totalItems", default=0)
    backed_up: int = msgspec.field(name="itemsBackedUp", default=0)
    restored: int = msgspec.field(name="itemsRestored", default=0)


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """How many commands within pods were tried, and how many failed."""

    attempted: int = msgspec.field(name="hooksAttempted", default=0)
    failed: int = msgspec.field(name="hooksFailed", default=0)


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a backup or a restore is."""

    phase: str = ""
    start_timestamp: str | None = None
    completion_timestamp: str | None = None
    progress: Progress | None = None
    errors: int = 0
    warnings: int = 0
    failure_reason: str = ""
    validation_errors: tuple[str, ...] | None = None
    hook_status: Hooks | None = None
    backup_item_operations_failed: int = 0
    restore_item_operations_failed: int = 0
    volume_snapshots_attempted: int = 0
    volume_snapshots_completed: int = 0
    csi_attempted: int = msgspec.field(name="csiVolumeSnapshotsAttempted", default=0)
    csi_completed: int = msgspec.field(name="csiVolumeSnapshotsCompleted", default=0)


class BackupSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a backup is of."""

    storage_location: str = ""
    included_namespaces: tuple[str, ...] | None = None


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A `Backup` of velero.io."""

    metadata: Metadata
    spec: BackupSpec = BackupSpec()
    status: Status | None = None


class RestoreSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a restore is from, and of."""

    backup_name: str = ""
    schedule_name: str = ""
    included_namespaces: tuple[str, ...] | None = None


class Restore(msgspec.Struct, frozen=True, kw_only=True):
    """A `Restore` of velero.io."""

    metadata: Metadata
    spec: RestoreSpec = RestoreSpec()
    status: Status | None = None


class ObjectStorage(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a store of objects backups are."""

    bucket: str = ""
    prefix: str = ""


class LocationSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a storage location is."""

    object_storage: ObjectStorage = ObjectStorage()
    config: Mapping[str, str] | None = None


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A `BackupStorageLocation` of velero.io."""

    metadata: Metadata
    spec: LocationSpec = LocationSpec()


def place(location: Location, cluster: str) -> str:
    """Returns what all clusters call a storage location."""
    store, config = location.spec.object_storage, location.spec.config or {}
    return place_of(store.bucket, store.prefix, config.get("s3Url", ""), config.get("storageAccount", ""), cluster)


def backup(record: Backup, about: About) -> Job | None:
    """Returns the job that a backup is. It is known by its place, its name and its start; before it starts, and where
    its place is not known, by the cluster's own name for it.
    """
    metadata, spec, status = record.metadata, record.spec, record.status or Status()
    if is_(status.phase, DELETING):
        return None
    where = about.places.get((metadata.namespace, spec.storage_location))
    is_copy = 0 < time_of(status.completion_timestamp) < time_of(metadata.created)
    of = where or spec.storage_location if is_copy else about.cluster
    known = where and time_of(status.start_timestamp)
    key = (
        ("velero", where, metadata.name, status.start_timestamp)
        if known
        else ("velero", about.within(metadata), metadata.name, metadata.created)
    )
    return Job(
        job_id=job_id(*key),
        reference=reference(*key) if known else "",
        type=JobType.AKSBackup,
        description="Velero backup",
        plan=metadata.label(SCHEDULE),
        resource=_with_namespaces(of, spec.included_namespaces),
        sees=Sees.RESULTS if is_copy else Sees.OBJECTS,
        **_how(metadata, status, (status.progress or Progress()).backed_up),
    )


def restore(record: Restore, about: About) -> Job | None:
    """Returns the job that a restore is. It is only in the cluster that it was made in."""
    metadata, spec, status = record.metadata, record.spec, record.status or Status()
    if is_(status.phase, DELETING):
        return None
    source = spec.backup_name or spec.schedule_name
    return Job(
        job_id=job_id("velero-restore", about.within(metadata), metadata.name, metadata.created),
        type=JobType.AKSRestore,
        description=f"Velero restore of {source}" if source else "Velero restore",
        plan=spec.schedule_name,
        resource=_with_namespaces(about.cluster, spec.included_namespaces),
        sees=Sees.OBJECTS,
        **_how(metadata, status, (status.progress or Progress()).restored),
    )


def _how(metadata: Metadata, status: Status, done: int) -> dict[str, Any]:
    """Returns what backups and restores tell in the same way: the service, the state, times, counts and comments."""
    finish = time_of(status.completion_timestamp)
    state, note = _STATUSES.read(status.phase, ended=bool(finish))
    counts = _counts(status, state, done)
    if state is JobState.Successful and counts.failed:
        state, note = JobState.Exception, f"its origin says {status.phase}, and that {counts.failed:,} failed"
    hooks = status.hook_status or Hooks()
    return {
        "service": ServiceType.AKS,
        "state": state,
        "start": first_time(status.start_timestamp, metadata.created),
        "finish": finish if state.finished else 0,
        "failed": counts.failed,
        "successful": counts.successful,
        "total": counts.total,
        "comments": words(
            note,
            status.failure_reason,
            *(status.validation_errors or ()),
            f"{status.errors:,} errors" if status.errors else "",
            f"{status.warnings:,} warnings" if status.warnings else "",
            f"{hooks.failed:,} of {hooks.attempted:,} hooks failed" if hooks.failed else "",
        ),
    }


def _counts(status: Status, state: JobState, done: int) -> Counts:
    """Returns how many items there are; it is one object if it does not tell. Snapshots are only counted when all has
    ended.
    """
    lost = status.backup_item_operations_failed + status.restore_item_operations_failed
    if state.finished:
        lost += max(0, status.volume_snapshots_attempted - status.volume_snapshots_completed)
        lost += max(0, status.csi_attempted - status.csi_completed)
    failed = status.errors + lost
    total = status.progress.total if status.progress else 0
    if not (total or failed):
        return one_if_ended(state)
    if state is JobState.Failed or state is JobState.Exception:
        failed = max(failed, 1)
    good, failed, total = (min(max(0, number), INT32_MAX) for number in (done, failed, total or failed))
    return Counts(failed=failed, successful=good, total=total)


def _with_namespaces(name: str, namespaces: tuple[str, ...] | None) -> str:
    chosen = [one for one in namespaces or () if one != "*"]
    said = f"{name}: {', '.join(chosen)}" if chosen else name
    return said if len(said) <= TEXT_LIMITS["resource"] else f"{name}: {len(chosen):,} namespaces"
