"""Option values of a certain range or list, refused in the words of this program instead of the library's."""

from collections.abc import Iterable
from typing import Any, Final

import click

from jobreport.model.spelling import meant

_DIGITS: Final = 18
_SHOWN: Final = 1_000_000
"""A larger limit is no help to anybody who reads it."""


class Number(click.ParamType[int]):
    """A whole number from `min` to `max`; a limit that is None is none."""

    name = "number"

    def __init__(self, min: int | None = None, max: int | None = None) -> None:
        self.min, self.max = min, max

    @property
    def limits(self) -> str:
        """The limits in words, such as `from 1 to 3`; empty if there are none."""
        if self.min is None:
            return ""
        return f"from {self.min} on" if self.max is None else f"from {self.min} to {self.max}"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Returns the limits as help shows them, such as `1-3`."""
        return "N" if self.min is None or self.max is None or self.max > _SHOWN else f"{self.min}-{self.max}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number. Anything else is a usage error."""
        text = str(value).strip()
        digits = text.removeprefix("-")
        number = int(text) if digits.isdecimal() and len(digits) <= _DIGITS else None
        low, high = self.min, self.max
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            self.fail(f"{text!r} is no whole number {self.limits}".rstrip(), param, ctx)
        return number


class OneOf(click.Choice[str]):
    """One of some words, in any case."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__([*words], case_sensitive=False)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Returns the message for a value that is none of the words."""
        rest = f"there are {', '.join(self.choices)}"
        return f"{str(value)!r} is not known: {meant(str(value), self.choices, rest)}"
