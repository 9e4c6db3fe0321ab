"""Reads secrets from the files that settings name, anew each time, so that they can be replaced while a server runs."""

from pathlib import Path


class SecretFileError(ValueError):
    """Raised if a file has not the secret that it should have. The message names the key and the file."""


def lines(key: str, file: str) -> list[str]:
    """Returns the lines of the file that the key names, without empty ones. Raises SecretFileError if it has none."""
    try:
        every = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SecretFileError(f"{key}: cannot read {file}: {reason}") from None
    found = [stripped for line in every if (stripped := line.strip())]
    if not found or not all(line.isprintable() for line in found):
        raise SecretFileError(f"{key}: {file} must have a line with what is secret")
    return found


def only(key: str, file: str) -> str:
    """Returns the only line of the file. Raises SecretFileError if it has more or none."""
    found = lines(key, file)
    if len(found) > 1:
        raise SecretFileError(f"{key}: {file} must have one line, and has {len(found)}")
    return found[0]
