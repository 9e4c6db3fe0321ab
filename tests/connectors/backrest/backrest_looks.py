"""A connector that reads Backrest, as `jobreport.toml` would name it, and what the tests' fixtures give."""

from typing import Any, Protocol

from fakes.loopback import Answer

from jobreport.connectors.collect import PassResult
from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.backrest import KIND, Settings


class Look(Protocol):
    """Looks once, at the instance or at another server."""

    def __call__(self, at: str = ..., **settings: Any) -> PassResult: ...


class Serve(Protocol):
    """Serves on loopback, and returns the address."""

    def __call__(self, answer: Answer) -> str: ...


def wanted(url: str, name: str = "backups", **settings: Any) -> Configured:
    """A connector that reads an instance."""
    return Configured(name=name, kind=KIND, every=300, tenant="default", settings=Settings(url=url, **settings))
