"""Objects as Velero, CloudNativePG and Longhorn leave them in a cluster, written for these tests."""

from datetime import datetime, timedelta
from typing import Any

VELERO_BACKUPS = "backups.velero.io"
VELERO_RESTORES = "restores.velero.io"
LOCATIONS = "backupstoragelocations.velero.io"
CNPG_BACKUPS = "backups.postgresql.cnpg.io"
LONGHORN_BACKUPS = "backups.longhorn.io"
SYSTEM_BACKUPS = "systembackups.longhorn.io"
TARGETS = "backuptargets.longhorn.io"
NIGHT = datetime.fromisoformat("2026-11-22T02:00:00Z")


def at(seconds: float) -> str:
    """So many seconds after the night's two o'clock."""
    return (NIGHT + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def metadata(namespace: str, name: str, created: float, **more: Any) -> dict[str, Any]:
    """The metadata of an object; `told`: when its status was last written."""
    told = more.pop("told", None)
    if told is not None:
        fields = {"f:status": {".": {}, "f:phase": {}}}
        written = {"manager": "operator", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields}
        more["managedFields"] = [written | {"apiVersion": "v1", "time": at(told)}]
    uid = f"5f0e2c1a-0000-4000-8000-{abs(hash((namespace, name, created))) % 10**12:012d}"
    return {
        "namespace": namespace,
        "name": name,
        "uid": uid,
        "resourceVersion": "7",
        "creationTimestamp": at(created),
    } | more


def velero_backup(phase: str = "Completed", name: str = "nightly-20261122020000", **status: Any) -> dict[str, Any]:
    """A backup that began two seconds after it was made and took a minute, so far as its phase lets it."""
    more = {one: status.pop(one) for one in ("created", "told", "location", "namespaces", "labels") if one in status}
    told: dict[str, Any] = {"phase": phase}
    if phase not in {"", "New", "Queued", "ReadyToStart", "FailedValidation"}:
        told |= {"startTimestamp": at(2), "progress": {"totalItems": 58, "itemsBackedUp": 58}}
    if phase in {"Completed", "PartiallyFailed", "Failed", "Deleting"}:
        told["completionTimestamp"] = at(62)
    labels = more.get("labels", {"velero.io/schedule-name": "nightly"})
    written = {"told": more["told"]} if "told" in more else {}
    return {
        "metadata": metadata("velero", name, more.get("created", 0), labels=labels, **written),
        "spec": {
            "storageLocation": more.get("location", "default"),
            "includedNamespaces": more.get("namespaces", ["*"]),
            "ttl": "720h0m0s",
        },
        "status": told | status,
    }


def velero_location(bucket: str = "backups", name: str = "default", **more: Any) -> dict[str, Any]:
    """A storage location; `prefix` and `config` are as they are there."""
    store = {"bucket": bucket} | ({"prefix": more["prefix"]} if "prefix" in more else {})
    spec = {"provider": "aws", "objectStorage": store, "config": more.get("config", {"region": "eu-central-1"})}
    return {"metadata": metadata("velero", name, -9000), "spec": spec, "status": {"phase": "Available"}}


def velero_restore(phase: str = "Completed", **status: Any) -> dict[str, Any]:
    """A restore of the night's backup."""
    told: dict[str, Any] = {"phase": phase, "startTimestamp": at(3601)}
    if phase in {"Completed", "PartiallyFailed", "Failed"}:
        told |= {"completionTimestamp": at(3620), "progress": {"totalItems": 38, "itemsRestored": 38}}
    return {
        "metadata": metadata("velero", "nightly-20261122020000-20261122030000", 3600),
        "spec": {"backupName": "nightly-20261122020000", "includedNamespaces": ["shop"]},
        "status": told | status,
    }


def cnpg_backup(phase: str = "completed", name: str = "nightly-20261122020000", **status: Any) -> dict[str, Any]:
    """A backup of a PostgreSQL cluster by a schedule."""
    told: dict[str, Any] = {"phase": phase} if phase else {}
    if phase not in {"", "pending", "invalid backup definition"}:
        told |= {"startedAt": at(1), "reconciliationStartedAt": at(0), "method": "volumeSnapshot"}
    if phase == "completed":
        told |= {"stoppedAt": at(31), "reconciliationTerminatedAt": at(45)}
    labels = {"cnpg.io/cluster": "pg", "cnpg.io/scheduled-backup": "nightly"}
    written = {"told": status.pop("written")} if "written" in status else {}
    return {
        "metadata": metadata(status.pop("namespace", "shop"), name, 0, labels=labels, **written),
        "spec": {"method": "volumeSnapshot", "cluster": {"name": "pg"}},
        "status": told | status,
    }


def longhorn_backup(state: str = "Completed", name: str = "backup-83c9c062105a4466", **more: Any) -> dict[str, Any]:
    """A backup of a volume by a recurring job. `copied`: it came from the backup target."""
    copied, deleted = more.pop("copied", False), more.pop("deleted", None)
    labels = {"RecurringJob": "daily-backup", "longhorn.io/volume-access-mode": "rwo"}
    told: dict[str, Any] = {
        **dict.fromkeys(("url", "size", "backupCreatedAt", "error", "replicaAddress", "volumeCreated"), ""),
        "state": state,
        "snapshotCreatedAt": at(2),
        "volumeName": "pvc-0f1e2d3c",
        "backupTargetName": "default",
        "lastSyncedAt": None,
        "labels": None,
        "messages": None,
    }
    if state == "Completed":
        url = f"s3://backups@eu-central-1/?backup={name}&volume=pvc-0f1e2d3c"
        told |= {"backupCreatedAt": at(41), "size": "1088421888", "url": url, "lastSyncedAt": at(45), "labels": labels}
    if state == "Error":
        told |= {"snapshotCreatedAt": "", "lastSyncedAt": at(8)}
    about = {"labels": {"backup-target": "default", "backup-volume": "pvc-0f1e2d3c"}}
    spec = {"snapshotName": "" if copied else "daily-ba-7d1c0d5e", "backupMode": "incremental"}
    return {
        "metadata": metadata("longhorn-system", name, 90_000 if copied else 3, **about, **(deleted or {})),
        "spec": spec | ({} if copied else {"labels": labels}),
        "status": told | more,
    }


def longhorn_target(url: str = "s3://backups@eu-central-1/", name: str = "default") -> dict[str, Any]:
    """A backup target."""
    return {"metadata": metadata("longhorn-system", name, -9000), "spec": {"backupTargetURL": url}}


def system_backup(state: str = "Ready", created: float = 3600, **status: Any) -> dict[str, Any]:
    """A system backup."""
    told = {"state": state, "version": "v1.12.1"} | ({"createdAt": at(3620)} if state == "Ready" else {})
    return {
        "metadata": metadata("longhorn-system", "sys-20261122", created),
        "spec": {"volumeBackupPolicy": "if-not-present"},
        "status": told | status,
    }
