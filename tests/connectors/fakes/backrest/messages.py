"""Holds requests and answers against Backrest's own messages, as they are declared for version 1.14, in the JSON that
protocol buffers have: int64 as a text, what is zero or empty left out, of a oneof one field at most.
"""

from collections.abc import Iterator
from typing import Any, Final

STATUSES: Final = (
    *("STATUS_UNKNOWN", "STATUS_PENDING", "STATUS_INPROGRESS", "STATUS_SUCCESS", "STATUS_WARNING", "STATUS_ERROR"),
    *("STATUS_SYSTEM_CANCELLED", "STATUS_USER_CANCELLED"),
)
"""The statuses of an operation; the first is the one that is left out."""
_ENUMS: Final = {"OperationStatus": STATUSES}
_COUNTED: Final = (
    *("filesNew", "filesChanged", "filesUnmodified", "dirsNew", "dirsChanged", "dirsUnmodified", "dataBlobs"),
    *("treeBlobs", "dataAdded", "totalFilesProcessed", "totalBytesProcessed"),
)
_SUMMARY: Final = dict.fromkeys(_COUNTED, "int64") | {"totalDuration": "double"}
MESSAGES: Final[dict[str, dict[str, str]]] = {
    "OperationList": {"operations": "[Operation"},
    "Operation": {
        **dict.fromkeys(("id", "originalId", "modno", "flowId", "originalFlowId"), "int64"),
        **dict.fromkeys(
            ("repoId", "repoGuid", "planId", "instanceId", "originalInstanceKeyid", "snapshotId"), "string"
        ),
        **dict.fromkeys(("displayMessage", "logref"), "string"),
        **dict.fromkeys(("unixTimeStartMs", "unixTimeEndMs"), "int64"),
        "status": "OperationStatus",
        "operationBackup": "|OperationBackup",
        "operationIndexSnapshot": "|OperationIndexSnapshot",
        "operationForget": "|OperationForget",
        "operationPrune": "|OperationPrune",
        "operationRestore": "|OperationRestore",
        "operationStats": "|OperationStats",
        "operationRunHook": "|OperationRunHook",
        "operationCheck": "|OperationPrune",
        "operationRunCommand": "|OperationRunCommand",
    },
    "OperationBackup": {
        "lastStatus": "BackupProgressEntry",
        "errors": "[BackupProgressError",
        "dryRun": "bool",
    },
    "BackupProgressEntry": {"status": "|BackupProgressStatusEntry", "summary": "|BackupProgressSummary"},
    "BackupProgressStatusEntry": {
        "percentDone": "double",
        **dict.fromkeys(("totalFiles", "totalBytes", "filesDone", "bytesDone"), "int64"),
        "currentFile": "[string",
    },
    "BackupProgressSummary": {**_SUMMARY, "snapshotId": "string"},
    "BackupProgressError": dict.fromkeys(("item", "during", "message"), "string"),
    "OperationIndexSnapshot": {"snapshot": "ResticSnapshot", "forgot": "bool"},
    "ResticSnapshot": {
        **dict.fromkeys(("id", "hostname", "username", "tree", "parent"), "string"),
        "unixTimeMs": "int64",
        **dict.fromkeys(("paths", "tags"), "[string"),
        "summary": "SnapshotSummary",
    },
    "SnapshotSummary": _SUMMARY,
    "OperationForget": {"forget": "[ResticSnapshot", "policy": "RetentionPolicy"},
    "RetentionPolicy": {},
    "OperationPrune": dict.fromkeys(("output", "outputLogref"), "string"),
    "OperationRestore": {"path": "string", "target": "string", "lastStatus": "RestoreProgressEntry"},
    "RestoreProgressEntry": {
        "messageType": "string",
        **dict.fromkeys(("secondsElapsed", "percentDone"), "double"),
        **dict.fromkeys(("totalBytes", "bytesRestored", "totalFiles", "filesRestored"), "int64"),
    },
    "OperationStats": {"stats": "RepoStats"},
    "RepoStats": {
        **dict.fromkeys(("totalSize", "totalUncompressedSize", "totalBlobCount", "snapshotCount"), "int64"),
        "compressionRatio": "double",
    },
    "OperationRunHook": {"parentOp": "int64", "name": "string", "outputLogref": "string"},
    "OperationRunCommand": {"command": "string", "outputLogref": "string", "outputSizeBytes": "int64"},
    "Config": {"modno": "int32", "version": "int32", "instance": "string", "sync": "Multihost"},
    "Multihost": {"knownHosts": "[Peer", "authorizedClients": "[Peer"},
    "Peer": dict.fromkeys(("instanceId", "keyId", "instanceUrl"), "string"),
    "GetOperationsRequest": {"selector": "OpSelector", "lastN": "int64"},
    "OpSelector": {
        "ids": "[int64",
        **dict.fromkeys(("instanceId", "originalInstanceKeyid", "repoGuid", "planId", "snapshotId"), "?string"),
        **dict.fromkeys(("flowId", "modnoGte"), "?int64"),
    },
    "Empty": {},
}
"""By message, the names of its fields in JSON and their types. `[`: repeated, `|`: of a oneof, `?`: optional, so that
it may be empty and say so.
"""


def faults(message: str, value: Any, where: str = "") -> Iterator[str]:
    """Gives what of a value is not as its message declares it."""
    where = where or message
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    fields = MESSAGES[message]
    if len([name for name in value if fields.get(name, "").startswith("|")]) > 1:
        yield f"{where} has two of a oneof"
    for name, one in value.items():
        if (kind := fields.get(name)) is None:
            yield f"{where} has no field {name}"
        elif kind.startswith("["):
            if not isinstance(one, list) or not one:
                yield f"{where}.{name} is no list, or is empty and there"
            else:
                yield from (fault for item in one for fault in _of(kind[1:], item, f"{where}.{name}[]", bare=False))
        else:
            yield from _of(kind.lstrip("|?"), one, f"{where}.{name}", bare=kind[0] not in "|?")


def _of(kind: str, value: Any, where: str, *, bare: bool) -> Iterator[str]:
    """`bare`: what is zero is left out."""
    if kind in MESSAGES:
        yield from faults(kind, value, where)
    elif kind in _ENUMS:
        if value not in _ENUMS[kind][int(bare) :]:
            yield f"{where} is {value!r}"
    elif kind == "int64":
        if not isinstance(value, str) or str(int(value)) != value or (bare and value == "0"):
            yield f"{where} is {value!r}, and no int64"
    elif kind == "bool":
        if value is not True:
            yield f"{where} is {value!r}, and no true"
    else:
        right = {"string": str, "int32": int, "double": int | float}[kind]
        if not isinstance(value, right) or (bare and not value):
            yield f"{where} is {value!r}, and no {kind}"
