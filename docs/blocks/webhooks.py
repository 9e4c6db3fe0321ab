"""Writes the table of the functions that expressions of mappings have beside JMESPath's own."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.inbox.webhooks.expressions import FUNCTIONS


def functions() -> str:
    """Each function with its arguments, and what it finds."""
    rows = ((f"`{name}({', '.join(one.takes)})`", one.gives) for name, one in sorted(FUNCTIONS.items()))
    return table(("function", "what it finds"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"expression-functions": functions}
