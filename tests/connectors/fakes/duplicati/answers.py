"""Holds answers against what Duplicati's server declares, as far as they are looked at, as of its version 2.2.

A type with `?` may be null; one in a list is that of each item. Of the system's description, and of a backup, the
server tells more than stands here: what a test's answer has of it must stand here all the same.
"""

from collections.abc import Iterator
from typing import Any, Final

_TYPES: Final = {"string": str, "int": int, "bool": bool}
DECLARED: Final[dict[str, dict[str, Any]]] = {
    "AccessTokenOutput": {"AccessToken": "string", "RefreshNonce": "string?"},
    "BackupAndSchedule": {"Backup": "Backup", "Schedule": "Schedule?"},
    "Backup": {
        **dict.fromkeys(("ID", "Name", "Description", "TargetURL", "DBPath", "OperationType"), "string"),
        "ExternalID": "string?",
        "Tags": ["string"],
        "Sources": ["string"],
        "Settings": ["Setting"],
        "Metadata": "texts",
        **dict.fromkeys(("IsTemporary", "DBPathExists"), "bool"),
    },
    "Setting": {**dict.fromkeys(("Name", "Value", "Filter"), "string"), "Argument": "string?"},
    "Schedule": {"ID": "int", "Tags": ["string"], "Time": "string", "Repeat": "string", "LastRun": "string"},
    "SystemInfo": {
        **dict.fromkeys(("ServerVersion", "MachineName", "OSType"), "string"),
        "APIVersion": "int",
        "Options": ["Option"],
    },
    "Option": {
        **dict.fromkeys(("Name", "Type", "ShortDescription", "LongDescription"), "string"),
        "DefaultValue": "string?",
    },
    "LogRow": {
        **dict.fromkeys(("ID", "OperationID", "Timestamp"), "int"),
        **dict.fromkeys(("Type", "Message"), "string"),
        "Exception": "string?",
    },
    "ServerStatus": {
        "ActiveTask": "Task?",
        "ProgramState": "string",
        "SchedulerQueueIds": ["Task"],
        "ProposedSchedule": ["Due"],
        **dict.fromkeys(("HasWarning", "HasError"), "bool"),
        "EstimatedPauseEnd": "string",
    },
    "Task": {"Item1": "int", "Item2": "string?"},
    "Due": {"Item1": "string", "Item2": "string"},
    "IsBackupActive": {"Status": "string", "Active": "bool"},
    "Error": {"Error": "string", "Code": "int", "HelpId": "string"},
}
OPERATIONS: Final = (
    *("Backup", "Restore", "List", "ListAffected", "ListChanges", "Delete", "RestoreControlfiles", "Repair"),
    *("CreateLogDb", "Compact", "Test", "TestFilters", "SystemInfo", "ListRemote", "ListBrokenFiles"),
    *("PurgeBrokenFiles", "PurgeFiles", "SendMail", "Vacuum", "Sync", "ListFilesets", "ListFolder"),
    *("ListFileVersions", "SearchFiles", "SetLock", "ReadLockInfo", "RemoteSynchronization"),
)
"""What an operation may be called."""
RESULTS: Final = ("Unknown", "Success", "Warning", "Error", "Fatal")
"""What a result may be."""


def faults(kind: Any, value: Any, where: str = "") -> Iterator[str]:
    """Gives what of a value is not as it is declared."""
    where = where or str(kind)
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for one in value:
            yield from faults(kind[0], one, f"{where}[]")
    elif kind.endswith("?"):
        if value is not None:
            yield from faults(kind[:-1], value, where)
    elif kind == "texts":
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            yield f"{where} is no texts by name"
    elif kind in _TYPES:
        if not isinstance(value, _TYPES[kind]) or (kind == "int" and isinstance(value, bool)):
            yield f"{where} is {value!r}, and no {kind}"
    else:
        declared = DECLARED[kind]
        yield from (f"{where} has no {name}" for name in value if name not in declared)
        for name, one in declared.items():
            if name in value:
                yield from faults(one, value[name], f"{where}.{name}")
            elif not (isinstance(one, str) and one.endswith("?")):
                yield f"{where} lacks {name}"
