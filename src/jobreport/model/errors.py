"""The errors of an input. Each names the field, says what is wrong with it, and what would be right."""

from collections.abc import Iterable
from typing import Final

import msgspec

MAX_FAULTS: Final = 100
"""An answer lists at most this many faults. Nobody would read more, so the search stops there."""


class FieldError(msgspec.Struct, frozen=True):
    """One fault. `field` is a path such as `pagination.pageSize` or `[3].state`; it is empty for the whole input."""

    field: str
    message: str

    def under(self, prefix: str) -> "FieldError":
        """Returns this fault for an outer document, which contains the input at `prefix`.

        Example: `state` under `[3]` becomes `[3].state`.
        """
        if not self.field or not prefix:
            return FieldError(prefix or self.field, self.message)
        joint = "" if self.field.startswith("[") else "."
        return FieldError(f"{prefix}{joint}{self.field}", self.message)


class InvalidInputError(ValueError):
    """Raised if an input breaks documented rules. `errors` has every fault that was found."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors))

    @classmethod
    def of(cls, field: str, message: str) -> "InvalidInputError":
        """Returns the error for a single fault."""
        return cls([FieldError(field, message)])
