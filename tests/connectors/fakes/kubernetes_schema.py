"""What the objects of Velero, CloudNativePG and Longhorn may hold, and what the API of a cluster may answer.

The names, types and values of `CRDS` are those of the schemas (openAPIV3Schema) that these tools install: Velero after
1.18, CloudNativePG 1.30, Longhorn 1.13; of what a spec says, the part that the fake uses. Of the API's own answers,
Kubernetes' client has the schema: `fits` compares with its models.

A type is `text`, `int`, `bool`, `time` (RFC 3339), `any`, or values with `|` between them; `?` before it: or null.
A name that ends with `!` must be there.
"""

import re
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

KEY = {"name!": "text", "key!": "text"}
CONDITIONS = {
    "?": [dict.fromkeys(("lastProbeTime", "lastTransitionTime", "message", "reason", "status", "type"), "text")]
}
BACKUP_PHASES = (
    "New|Queued|ReadyToStart|FailedValidation|InProgress|WaitingForPluginOperations|"
    "WaitingForPluginOperationsPartiallyFailed|Finalizing|FinalizingPartiallyFailed|Completed|PartiallyFailed|Failed"
)
HOOKS = {"?": {"hooksAttempted": "int", "hooksFailed": "int"}}
NAMES = {"?": ["text"]}
CRDS: dict[str, Any] = {
    "backups.velero.io": {
        "spec": {
            **dict.fromkeys(("csiSnapshotTimeout", "itemOperationTimeout", "storageLocation", "ttl"), "text"),
            **dict.fromkeys(("defaultVolumesToFsBackup", "snapshotMoveData", "snapshotVolumes"), "?bool"),
            **dict.fromkeys(
                ("includedNamespaces", "excludedNamespaces", "includedResources", "excludedResources"), NAMES
            ),
            "backupType": "Full|Incremental",
            "volumeSnapshotLocations": ["text"],
        },
        "status": {
            **dict.fromkeys(("completionTimestamp", "expiration", "startTimestamp"), "?time"),
            **dict.fromkeys(("errors", "warnings", "queuePosition", "version"), "int"),
            **dict.fromkeys(("volumeSnapshotsAttempted", "volumeSnapshotsCompleted"), "int"),
            **dict.fromkeys(("csiVolumeSnapshotsAttempted", "csiVolumeSnapshotsCompleted"), "int"),
            **dict.fromkeys((f"backupItemOperations{how}" for how in ("Attempted", "Completed", "Failed")), "int"),
            "failureReason": "text",
            "formatVersion": "text",
            "hookStatus": HOOKS,
            "phase": f"{BACKUP_PHASES}|Deleting",
            "progress": {"?": {"itemsBackedUp": "int", "totalItems": "int"}},
            "validationErrors": NAMES,
        },
    },
    "restores.velero.io": {
        "spec": {
            **dict.fromkeys(("backupName", "scheduleName", "itemOperationTimeout"), "text"),
            **dict.fromkeys(("includedNamespaces", "excludedNamespaces", "includedResources"), NAMES),
            "existingResourcePolicy": "?text",
            "restorePVs": "?bool",
        },
        "status": {
            **dict.fromkeys(("completionTimestamp", "startTimestamp"), "?time"),
            **dict.fromkeys(("errors", "warnings"), "int"),
            **dict.fromkeys((f"restoreItemOperations{how}" for how in ("Attempted", "Completed", "Failed")), "int"),
            "failureReason": "text",
            "hookStatus": HOOKS,
            "phase": BACKUP_PHASES.replace("Queued|ReadyToStart|", ""),
            "progress": {"?": {"itemsRestored": "int", "totalItems": "int"}},
            "validationErrors": NAMES,
        },
    },
    "backupstoragelocations.velero.io": {
        "spec": {
            "accessMode": "ReadOnly|ReadWrite",
            "backupSyncPeriod": "?text",
            "config": {"*": "text"},
            "credential": {"key!": "text", "name": "text", "optional": "bool"},
            "default": "bool",
            "objectStorage!": {"bucket!": "text", "caCert": "text", "prefix": "text"},
            "provider!": "text",
            "validationFrequency": "?text",
        },
        "status": {
            "lastSyncedTime": "?time",
            "lastValidationTime": "?time",
            "message": "text",
            "phase": "Available|Unavailable",
        },
    },
    "backups.postgresql.cnpg.io": {
        "spec!": {
            "cluster!": {"name!": "text"},
            "method": "barmanObjectStore|volumeSnapshot|plugin",
            "online": "bool",
            "pluginConfiguration": {"name!": "text", "parameters": {"*": "text"}},
            "target": "primary|prefer-standby",
        },
        "status": {
            **dict.fromkeys(("startedAt", "stoppedAt"), "time"),
            **dict.fromkeys(("reconciliationStartedAt", "reconciliationTerminatedAt"), "time"),
            **dict.fromkeys(("backupId", "backupName", "destinationPath", "endpointURL", "serverName"), "text"),
            **dict.fromkeys(("beginLSN", "endLSN", "beginWal", "endWal", "encryption", "method", "phase"), "text"),
            **dict.fromkeys(("error", "commandError", "commandOutput"), "text"),
            "instanceID": dict.fromkeys(("ContainerID", "podName", "sessionID"), "text"),
            "majorVersion": "int",
            "online": "bool",
            "pluginMetadata": {"*": "text"},
            "s3Credentials": {
                **dict.fromkeys(("accessKeyId", "secretAccessKey", "sessionToken", "region"), KEY),
                "inheritFromIAMRole": "bool",
            },
            "snapshotBackupStatus": {"elements": [{"name!": "text", "tablespaceName": "text", "type!": "text"}]},
        },
    },
    "backups.longhorn.io": {
        "spec": {
            "backupBlockSize": "-1|2097152|16777216",
            "backupMode": "full|incremental",
            "labels": {"*": "text"},
            "snapshotName": "text",
            "syncRequestedAt": "?time",
        },
        "status": {
            **dict.fromkeys(("backupCreatedAt", "snapshotCreatedAt", "snapshotName", "state", "error", "url"), "text"),
            **dict.fromkeys(("size", "newlyUploadDataSize", "reUploadedDataSize", "compressionMethod"), "text"),
            **dict.fromkeys(("volumeName", "volumeSize", "volumeCreated", "volumeBackingImageName"), "text"),
            **dict.fromkeys(("backupTargetName", "ownerID", "replicaAddress"), "text"),
            "labels": {"?": {"*": "text"}},
            "messages": {"?": {"*": "text"}},
            "lastSyncedAt": "?time",
            "progress": "int",
        },
    },
    "backuptargets.longhorn.io": {
        "spec": {
            **dict.fromkeys(("backupTargetURL", "credentialSecret", "pollInterval"), "text"),
            "syncRequestedAt": "?time",
        },
        "status": {"available": "bool", "conditions": CONDITIONS, "lastSyncedAt": "?time", "ownerID": "text"},
    },
    "systembackups.longhorn.io": {
        "spec": {"volumeBackupPolicy": "?text"},
        "status": {
            **dict.fromkeys(("managerImage", "ownerID", "state"), "text"),
            "conditions": CONDITIONS,
            "createdAt": "time",
            "gitCommit": "?text",
            "lastSyncedAt": "?time",
            "version": "?text",
        },
    },
}


def is_valid(kind: str, record: dict[str, Any]) -> None:
    """Raises AssertionError if an object of this kind could not be in a cluster, and says where."""
    schema = {"apiVersion!": "text", "kind!": "text", "metadata!": "any"} | CRDS[kind]
    _check(record, schema, kind)
    fits(record["metadata"], "V1ObjectMeta", kind)


def _check(value: Any, type_: Any, where: str) -> None:
    match type_:
        case {"?": inner}:
            _check(value, inner, where) if value is not None else None
        case dict():
            assert isinstance(value, dict), f"{where}: {value!r} is no object"
            known = {name.rstrip("!"): inner for name, inner in type_.items()}
            required = {name.rstrip("!") for name in type_ if name.endswith("!")}
            assert required <= value.keys(), f"{where}: {required - value.keys()} is missing"
            for name, inner in value.items():
                assert name in known or "*" in known, f"{where}: it has no {name}"
                _check(inner, known.get(name, known.get("*")), f"{where}.{name}")
        case [inner]:
            assert isinstance(value, list), f"{where}: {value!r} is no list"
            for one in value:
                _check(one, inner, where)
        case str():
            _check_scalar(value, type_, where)


def _check_scalar(value: Any, type_: str, where: str) -> None:
    if type_ == "any" or (type_.startswith("?") and value is None):
        return
    match type_.removeprefix("?"):
        case "text":
            good = isinstance(value, str)
        case "int":
            good = isinstance(value, int) and not isinstance(value, bool)
        case "bool":
            good = isinstance(value, bool)
        case "time":
            good = isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
        case values:
            good = value in values.split("|")
    assert good, f"{where}: {value!r} is not of the type {type_}"


@cache
def _model(name: str) -> Any:
    """A model of Kubernetes' client, if it has one of this name. The client is loaded when it is needed first: each
    process of the tests reads this file, and to load a thousand models takes a sixth of all that it reads.
    """
    return getattr(import_module("kubernetes.client"), name, None)


def fits(value: Any, type_: str, where: str = "answer") -> None:
    """Raises AssertionError if a value does not fit a model of Kubernetes' client."""
    if inner := re.fullmatch(r"list\[(.*)\]", type_, re.IGNORECASE):
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for one in value:
            fits(one, inner[1], where)
    elif type_.lower().startswith("dict"):
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
    elif model := _model(type_):
        names = {json_name: name for name, json_name in model.attribute_map.items()}
        assert value.keys() <= names.keys(), f"{where}: {type_} has no {value.keys() - names.keys()}"
        model(**{names[name]: one for name, one in value.items()})  # it raises ValueError if one is missing
        for name, one in value.items():
            fits(one, model.openapi_types[names[name]], f"{where}.{name}")
    else:
        plain = {"str": "text", "int": "int", "bool": "bool", "datetime": "time"}
        _check_scalar(value, plain.get(type_, "any"), where)
