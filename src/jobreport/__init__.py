"""Jobreport: every backup job of a company, kept and exactly reported."""

from typing import TYPE_CHECKING, Any

__version__: str
"""Looked up when it is first asked for: the lookup takes longer than a small command."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name != "__version__":
            raise AttributeError(f"module 'jobreport' has no attribute {name!r}")
        from importlib.metadata import version

        globals()["__version__"] = found = version("jobreport")
        return found
