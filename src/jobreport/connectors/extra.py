"""The libraries that only some kinds need, and that may not be installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from jobreport.connectors.base import CannotReadError
from jobreport.extras import command_for


@contextmanager
def needed(extra: str) -> Iterator[None]:
    """Within it, the libraries of an extra are imported. Raises CannotReadError with the command that brings one that
    is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise CannotReadError(f"{error.name} is not installed: {command_for(extra)}") from None
