"""What the tables of limits have in common."""

from typing import Final

Rows = list[tuple[str, str, str]]
"""What is limited, the limit, and what happens beyond it."""
MIB: Final = 1024 * 1024
