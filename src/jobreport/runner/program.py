"""Finds the program that a command names, as a shell does.

`execvp` alone answers differently: it takes a folder of PATH that may not be searched for a program that may not be
run, and goes on to the next folder if a file is a script without `#!`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SHELL: Final = "/bin/sh"
_LOOKED_AT: Final = 80  # bytes; so many a shell reads to tell a script from a binary


class NotFoundError(Exception):
    """Raised if no folder of PATH has a file of this name, or if the name is empty."""


def find(name: str, environment: Mapping[str, str] | None) -> str | None:
    """Returns the path of the first file called `name` on the PATH of `environment` (None: our own) that may be run;
    otherwise of the first that may not. None if the system itself is to look: `name` is a path, or this is Windows.

    Raises NotFoundError.
    """
    if not name:
        raise NotFoundError(name)
    if os.name != "posix" or "/" in name:
        return None
    first = None
    for folder in os.get_exec_path(environment):
        path = f"{folder or '.'}/{name}"
        if os.path.isfile(path):  # noqa: PTH113 - a folder that may not be searched has no such file, and is no error
            if os.access(path, os.X_OK):
                return path
            first = first or path
    if first is None:
        raise NotFoundError(name)
    return first


def is_script(path: str) -> bool:
    """Returns whether a file that the system could not run is a script: text in its first line."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError:
        return False
    return b"\0" not in start.partition(b"\n")[0]
