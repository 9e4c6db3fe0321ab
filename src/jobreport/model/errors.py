"""What is wrong with an input: the field, what was wrong and what would be right."""

from collections.abc import Iterable
from typing import Final

import msgspec

MAX_FAULTS: Final = 100
"""Faults listed in one answer; nobody reads on, so no more are looked for."""


class FieldError(msgspec.Struct, frozen=True):
    """One fault. `field` is a path such as `pagination.pageSize` or `[3].state`; empty for the whole input."""

    field: str
    message: str

    def under(self, prefix: str) -> "FieldError":
        """This fault as the document names it that holds the value at `prefix`."""
        if not self.field or not prefix:
            return FieldError(prefix or self.field, self.message)
        joint = "" if self.field.startswith("[") else "."
        return FieldError(f"{prefix}{joint}{self.field}", self.message)


class InvalidInputError(ValueError):
    """An input that breaks documented rules; `errors` names every fault that was found."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors))

    @classmethod
    def of(cls, field: str, message: str) -> "InvalidInputError":
        """The error for a single fault."""
        return cls([FieldError(field, message)])
