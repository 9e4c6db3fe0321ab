"""Reads what is secret of a channel from its file, anew each time, so that it can be replaced while the server runs."""

from pathlib import Path

from jobreport.watch.channels import http
from jobreport.watch.channels.base import UndeliveredError


def read(key: str, file: str) -> list[str]:
    """Returns the lines of the file that the key names, without empty ones. Raises UndeliveredError if it has none."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UndeliveredError(f"{key}: cannot read {file}: {reason}") from None
    found = [stripped for line in lines if (stripped := line.strip())]
    if not found or not all(line.isprintable() for line in found):
        raise UndeliveredError(f"{key}: {file} must have a line with what is secret")
    return found


def only(key: str, file: str) -> str:
    """Returns the only line of the file. Raises UndeliveredError if it has more or none."""
    lines = read(key, file)
    if len(lines) > 1:
        raise UndeliveredError(f"{key}: {file} must have one line, and has {len(lines)}")
    return lines[0]


def address(key: str, file: str) -> str:
    """Returns the address in the file. Raises UndeliveredError if it has none that can be called."""
    found = only(key, file)
    try:
        http.check(key, found)
    except ValueError as error:
        raise UndeliveredError(str(error)) from None
    return found
