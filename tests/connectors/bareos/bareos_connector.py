"""A connector that reads a director, as `jobreport.toml` would name it."""

from typing import Any

from jobreport.connectors.configured import Configured
from jobreport.connectors.kinds.bareos import KIND, Settings


def wanted(**settings: Any) -> Configured:
    """A connector with these settings, of the director `fs1-dir` if no other is named."""
    told = Settings(**{"director": "fs1-dir", **settings})
    return Configured(name="cellar", kind=KIND, every=300, tenant="default", settings=told)
