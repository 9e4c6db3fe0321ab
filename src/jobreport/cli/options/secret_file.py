"""Reads secrets from files, and warns if other users than the owner and the group can read or change such a file."""

import os
import stat
from pathlib import Path
from typing import Final

from jobreport import settings
from jobreport.cli.output.warning import warn

_OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP
"""Mode bits that a file with a secret must not have. Its group may read it."""
_warned: Final[set[tuple[str, int]]] = set()


def secret(name: str) -> str | None:
    """Returns `settings.secret`, and warns if it is in a file that others can read or change. Raises SettingError as
    that does.
    """
    found = settings.secret(name)
    if found is not None and (file := settings.secret_file(name)):
        warn_of_others(f"the file {file} ({name}_FILE)", file)
    return found


def warn_of_others(what: str, file: str | Path) -> None:
    """Warns once if others can read or change the file. `what` names it in the message."""
    if os.name != "posix":  # elsewhere a mode says nothing
        return
    try:
        mode = stat.S_IMODE(Path(file).stat().st_mode)
    except OSError:  # it has just been read; it is a secret no more
        return
    if mode & _OTHERS and (str(file), mode) not in _warned:
        _warned.add((str(file), mode))
        warn(f"{what} can be read or changed by others (mode {mode:04o}): chmod 600 it")
