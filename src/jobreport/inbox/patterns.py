"""Regular expressions of an operator, which search reports within a limit of time.

Anybody may write a report, and an expression that works well on most reports may take years on one of them. The library
is `regex`, since it can be stopped and lets other threads work meanwhile.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

import regex

MAX_PATTERN: Final = 2_000
"""The characters of an expression."""
SECONDS: Final = 2.0
"""How long all expressions together may take at one report: the processor's time, as the library counts it."""


class SlowError(Exception):
    """Raised if expressions take too long at a report."""


class Budget:
    """The time that is left for a report, in seconds of the processor's time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.process_time() + seconds

    def left(self) -> float:
        """Returns how much is left. Raises SlowError if nothing is."""
        if (seconds := self._end - time.process_time()) <= 0:
            raise SlowError
        return seconds


class Pattern:
    """One expression. `in_lines`: upper and lower case are the same, and ^ and $ are at each line.

    Raises ValueError if it is none; the message says why.
    """

    def __init__(self, text: str, *, in_lines: bool = False) -> None:
        if len(text) > MAX_PATTERN:
            raise ValueError(f"is longer than {MAX_PATTERN:,} characters")
        try:
            self._pattern = regex.compile(text, regex.IGNORECASE | regex.MULTILINE if in_lines else 0)
        except (regex.error, RecursionError, OverflowError) as error:
            words = (str(error).splitlines() or ["it is nested too deeply"])[0]
            raise ValueError(f"is no regular expression: {words}") from None

    @property
    def groups(self) -> list[str]:
        """The names of its groups."""
        return list(self._pattern.groupindex)

    def word(self, text: str, budget: Budget) -> str | None:
        """Returns the first group that has something at the first place where it is found; if it has no groups, all
        that is found there; None if nothing is. Raises SlowError.
        """
        found = next(self._found(text, budget), None)
        if found is None or not self._pattern.groups:
            return found and str(found[0])
        return next((group for group in found.groups() if group is not None), None)

    def named(self, text: str, budget: Budget) -> dict[str, str] | None:
        """Returns what the named groups hold at the first place where it is found; None if it is not. A group that has
        no part in it, or an empty one, is left out. Raises SlowError.
        """
        return next(self.every(text, budget), None)

    def every(self, text: str, budget: Budget) -> Iterator[dict[str, str]]:
        """Gives what the named groups hold at each place where it is found. Raises SlowError."""
        for found in self._found(text, budget):
            yield {name: value.strip() for name, value in found.groupdict("").items() if value.strip()}

    def _found(self, text: str, budget: Budget) -> Iterator[Any]:
        try:
            for found in self._pattern.finditer(text, timeout=budget.left(), concurrent=True):
                yield found
                budget.left()
        except (TimeoutError, MemoryError):
            raise SlowError from None
