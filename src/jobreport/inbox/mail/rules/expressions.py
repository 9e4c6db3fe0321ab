"""Regular expressions of an operator's own, which find words in a mail within a limit of time.

Anybody writes mails, and an expression that is good for each mail of its sender may take years at another. The
library is `regex`, for it stops when it is told to; it lets other threads work meanwhile.
"""

import time
from collections.abc import Iterator
from typing import Final

import regex

MAX_EXPRESSION: Final = 2_000
"""The characters of an expression."""
SECONDS: Final = 2.0
"""How long all own expressions together may take at one mail: the processor's time, as the library counts it."""


class SlowError(Exception):
    """Raised if expressions take too long at a mail."""


class Budget:
    """The time that is left for a mail, in seconds of the processor's time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.process_time() + seconds

    def left(self) -> float:
        """Returns how much is left. Raises SlowError if nothing is."""
        if (seconds := self._end - time.process_time()) <= 0:
            raise SlowError
        return seconds


class Expression:
    """One expression. Upper and lower case are the same, and ^ and $ are at each line. Raises ValueError if it is none;
    the message says why.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_EXPRESSION:
            raise ValueError(f"is longer than {MAX_EXPRESSION:,} characters")
        try:
            self._pattern = regex.compile(text, regex.IGNORECASE | regex.MULTILINE)
        except (regex.error, RecursionError, OverflowError) as error:
            words = (str(error).splitlines() or ["it is nested too deeply"])[0]
            raise ValueError(f"is no regular expression: {words}") from None

    @property
    def groups(self) -> list[str]:
        """The names of its groups."""
        return list(self._pattern.groupindex)

    def search(self, text: str, budget: Budget) -> dict[str, str] | None:
        """Returns what the named groups hold at the first place where it is found; None if it is not. A group that has
        no part in it, or an empty one, is left out. Raises SlowError.
        """
        return next(self._found(text, budget), None)

    def every(self, text: str, budget: Budget) -> Iterator[dict[str, str]]:
        """Gives what the named groups hold at each place where it is found. Raises SlowError."""
        return self._found(text, budget)

    def _found(self, text: str, budget: Budget) -> Iterator[dict[str, str]]:
        try:
            for found in self._pattern.finditer(text, timeout=budget.left(), concurrent=True):
                yield {name: value.strip() for name, value in found.groupdict("").items() if value.strip()}
                budget.left()
        except (TimeoutError, MemoryError):
            raise SlowError from None
