"""Reads the secrets of a channel from its file, each time anew, so that they can be replaced while the server runs."""

from jobreport import secret_files
from jobreport.watch.channels import http
from jobreport.watch.channels.base import UndeliveredError


def read(key: str, file: str) -> list[str]:
    """Returns the lines of the file that the key names, without empty ones. Raises UndeliveredError if it has none."""
    try:
        return secret_files.lines(key, file)
    except secret_files.SecretFileError as error:
        raise UndeliveredError(str(error)) from None


def only(key: str, file: str) -> str:
    """Returns the only line of the file. Raises UndeliveredError if it has more or none."""
    try:
        return secret_files.only(key, file)
    except secret_files.SecretFileError as error:
        raise UndeliveredError(str(error)) from None


def address(key: str, file: str) -> str:
    """Returns the address in the file. Raises UndeliveredError if it has none that can be called."""
    found = only(key, file)
    try:
        http.check(key, found)
    except ValueError as error:
        raise UndeliveredError(str(error)) from None
    return found
