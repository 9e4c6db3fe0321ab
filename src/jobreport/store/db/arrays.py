"""Former names of `expressions.any_of` and `Dialect.array`, until no room uses them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from jobreport.store.db import dialect_of
from jobreport.store.db.expressions import any_of as one_of

__all__ = ["among", "one_of"]


def among(connection: Connection, texts: Sequence[str] | Sequence[int]) -> str | list[str] | list[int]:
    """The value of the parameter."""
    return dialect_of(connection).array(texts)
