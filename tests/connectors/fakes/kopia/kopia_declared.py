"""Holds records against what kopia's source declares of them, as of its version 0.23.1: names and types.

A type with `?` may be left out; one in a list is that of each item. A name that stands for another table is one of its
objects. All that is not here is a fault.
"""

from collections.abc import Iterator
from typing import Any, Final

_TYPES: Final[dict[str, Any]] = {"text": str, "whole": int, "any": object}
DECLARED: Final[dict[str, dict[str, Any]]] = {
    # snapshot.Manifest, with what its list adds
    "Manifest": {
        **dict.fromkeys(("id", "description", "startTime", "endTime"), "text"),
        "source": "SourceInfo",
        "stats": "Stats",
        "incomplete": "text?",
        "rootEntry": "DirEntry?",
        "tags": "any?",
        "storageStats": "any?",
        "pins": ["text"],
        "retentionReason": ["text"],
    },
    "SourceInfo": dict.fromkeys(("host", "userName", "path"), "text"),
    "Stats": dict.fromkeys(
        (
            *("totalSize", "excludedTotalSize", "fileCount", "cachedFiles", "nonCachedFiles", "dirCount"),
            *("excludedFileCount", "excludedDirCount", "ignoredErrorCount", "errorCount"),
        ),
        "whole",
    ),
    "DirEntry": {
        **dict.fromkeys(("name", "type", "mode", "mtime"), "text?"),
        **dict.fromkeys(("size", "uid", "gid"), "whole?"),
        "obj": "text",
        "summ": "DirectorySummary?",
    },
    "DirectorySummary": {
        **dict.fromkeys(("size", "files", "symlinks", "dirs", "numFailed"), "whole"),
        "maxTime": "text",
        "incomplete": "text?",
        "numIgnoredErrors": "whole?",
        "errors": ["EntryWithError"],
    },
    "EntryWithError": {"path": "text", "error": "text"},
    # uitask.Info, and the list of them
    "TaskListResponse": {"tasks": ["Info"]},
    "Info": {
        **dict.fromkeys(("id", "startTime", "kind", "description", "status", "progressInfo"), "text"),
        **dict.fromkeys(("endTime", "errorMessage"), "text?"),
        "counters": "any?",
    },
    "RepositoryStatus": {
        **dict.fromkeys(("configFile", "uniqueIDHex"), "text"),
        **dict.fromkeys(("clientOptions", "storage", "contentFormat", "objectFormat", "blobRetention"), "any"),
        "volume": "any?",
    },
}


def faults(value: Any, kind: Any, at: str = "") -> Iterator[str]:
    """Gives what of a value is not as it is declared."""
    if isinstance(kind, list):
        for number, item in enumerate(value or []):
            yield from faults(item, kind[0], f"{at}[{number}]")
        return
    kind = kind.rstrip("?")
    if kind in _TYPES:
        if not isinstance(value, _TYPES[kind]) or isinstance(value, bool):
            yield f"{at}: {value!r} is no {kind}"
        return
    declared = DECLARED[kind]
    for name in value.keys() - declared.keys():
        yield f"{at}.{name} is not declared"
    for name, one in declared.items():
        if name in value and not (value[name] is None and str(one).endswith(("?", "]"))):
            yield from faults(value[name], one, f"{at}.{name}")
        elif name not in value and isinstance(one, str) and not one.endswith("?"):
            yield f"{at}.{name} is missing"
