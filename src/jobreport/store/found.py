"""A search's text, beside any other filters, in; the jobs that hold it out, by the ways of `store.search`."""

import json
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, Final

from sqlalchemy import Connection, func, select

from jobreport.model.query import Place, Sort
from jobreport.store import filters, grams, order
from jobreport.store.access import Access
from jobreport.store.filters import Kind, Texts
from jobreport.store.prepared import Prepared
from jobreport.store.schema import job as table

_MOST: Final = 100_000
"""So many candidates are looked at one by one."""

Keys = list[tuple[Any, ...]]
"""The columns of an order."""


class Found:
    """The jobs of a kind whose ID or description holds the text. `kind` has the other filters."""

    def __init__(self, connection: Connection, kind: Kind, values: dict[str, Any]) -> None:
        self._connection, self._values = connection, values
        self._about = kind._replace(way=Access.SUBJECT, texts=Texts.ABOUT)
        self._named = kind._replace(
            way=Access.NUMBER if kind.dialect == "sqlite" else Access.SUBJECT, texts=Texts.NAMED
        )

    @cached_property
    def _candidates(self) -> tuple[Kind, dict[str, Any]] | None:
        """How those are read that hold it in their ID alone; None where there are too many that may."""
        if self._named.dialect != "sqlite":
            few = int(_number_of(self._named).value(self._connection, self._values)) <= _MOST
            return (self._named, self._values) if few else None
        found = grams.candidates(self._connection, self._values["search"], _MOST)
        if found is None:
            return None
        named = found.match or json.dumps(found.numbers)
        kind = self._named._replace(among="match" if found.match else "numbers")
        return kind, {**self._values, "candidates": named}

    @property
    def named(self) -> bool:
        """Whether the jobs can be told by an index."""
        return self._candidates is not None

    @property
    def parts(self) -> Iterator[tuple[Kind, dict[str, Any]]]:
        """The kinds of which each of them is of exactly one, with their values; only where they can be told."""
        assert self._candidates
        yield self._about, self._values
        yield self._candidates

    @cached_property
    def total(self) -> int:
        """How many they are; only where they can be told."""
        assert self._candidates
        kind, values = self._candidates
        about = int(_number_of(self._about).value(self._connection, self._values))
        return about + int(_number_of(kind).value(self._connection, values))

    def keys(self, sort: Sort, after: Place | None) -> list[str]:
        """The IDs of all of them in order, or of those after a place; only where they can be told."""
        assert self._candidates
        kind, values = self._candidates
        found: Keys = [
            *_keys_of(self._about, sort).rows(self._connection, self._values),
            *_keys_of(kind, sort).rows(self._connection, values),
        ]
        if after:
            place = order.place_key(sort, after)
            found = [key for key in found if (key < place if sort.descending else key > place)]
        return [key[-1] for key in sorted(found, reverse=sort.descending)]


@lru_cache(maxsize=256)
def _number_of(kind: Kind) -> Prepared:
    return Prepared(filters.narrowed(select(func.count()).select_from(table), kind))


@lru_cache(maxsize=256)
def _keys_of(kind: Kind, sort: Sort) -> Prepared:
    """The columns of the order, in no order."""
    return Prepared(filters.narrowed(select(*order.columns(sort)), kind))
