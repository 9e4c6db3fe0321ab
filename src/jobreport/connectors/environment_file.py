"""Reads the variables that a tool is given from a file: secrets stand neither in `jobreport.toml` nor in a command."""

import re
import shlex
from pathlib import Path
from typing import Final

from jobreport.connectors.base import CannotReadError

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PASSWORD: Final = re.compile(r"//[^/@\s]*:[^/@\s]*@")


def check_no_password(key: str, address: str, variable: str) -> None:
    """Raises ValueError if the address that a key has holds a password; `variable` may hold it in a file."""
    if _PASSWORD.search(address):
        raise ValueError(f"{key} must hold no password: set {variable} in the file of environment_file")


def environment(file: str) -> dict[str, str]:
    """Returns the variables that a file sets, in lines such as `RESTIC_PASSWORD="…"`, as shells and systemd read them;
    `export` may stand before a name. Nothing in it is run or replaced. Without a file there are none.

    Raises CannotReadError for a file or a line that cannot be read; the line itself is not told.
    """
    found: dict[str, str] = {}
    if not file:
        return found
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise CannotReadError(f"{file}, line {number}, cannot be read: {error}") from None
        for name, equals, value in (word.partition("=") for word in words if word != "export"):
            if not equals or not _NAME.fullmatch(name):
                raise CannotReadError(f'{file}, line {number}, is no NAME="value"')
            found[name] = value
    return found


def _text(file: str) -> str:
    try:
        text = Path(file).read_text("utf-8")
    except OSError as error:
        raise CannotReadError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CannotReadError(f"{file} cannot be read: it is not UTF-8") from None
    if "\0" in text:
        raise CannotReadError(f"{file} cannot be read: it has a NUL character")
    return text
