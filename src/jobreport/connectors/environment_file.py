"""Reads the secrets that a tool is given from files: never from `jobreport.toml`, and never on a command line."""

import re
import shlex
from pathlib import Path
from typing import Final

from jobreport.connectors.base import CannotReadError

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def secret(file: str) -> str:
    """Returns what a file holds, without the end of its line. Raises CannotReadError."""
    return _text(file).rstrip("\r\n")


def environment(file: str) -> dict[str, str]:
    """Returns the variables that a file sets, in lines such as `RESTIC_PASSWORD="…"`, as shells and systemd read them;
    `export` may stand before a name. Nothing in it is run or replaced.

    Raises CannotReadError for a file or a line that cannot be read; the line itself is not told.
    """
    found: dict[str, str] = {}
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
