"""A connector that reads Duplicati, as `jobreport.toml` would name it, and what the tests' fixtures give."""

from typing import Any, Protocol

from jobreport.connectors.collect import PassResult
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.duplicati import KIND, Settings


class Look(Protocol):
    """Looks once, a minute after the last time."""

    def __call__(self, **settings: Any) -> PassResult: ...


def wanted(url: str, password_file: str, **settings: Any) -> Configured:
    """A connector that reads a server."""
    told = Settings(url=url, password_file=password_file, **settings)
    return Configured(name="pc-1", kind=KIND, every=300, tenant="default", settings=told)
