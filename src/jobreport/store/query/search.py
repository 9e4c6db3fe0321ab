"""A search's text, beside any other filters, in; the jobs that hold it out."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from jobreport.model.query import Place
from jobreport.store.db.prepared import Prepared
from jobreport.store.derived import trigrams
from jobreport.store.query import conditions, contains, keyset
from jobreport.store.query.conditions import Kind, Texts
from jobreport.store.query.contains import MOST
from jobreport.store.query.indexes import Access
from jobreport.store.schema.jobs import job as table

Keys = list[tuple[Any, ...]]
"""The columns of an order."""


class Found:
    """The jobs of a kind whose ID or description holds the text; `kind` has the other filters and the order."""

    def __init__(self, connection: Connection, kind: Kind, values: dict[str, Any]) -> None:
        self._connection, self._values, self._sort = connection, values, kind.sort
        self._by_name: tuple[Kind, dict[str, Any]] = kind, values
        self._about = kind._replace(way=Access.SUBJECT, texts=Texts.ABOUT)
        self._named = self._in_file(kind) if kind.dialect == "sqlite" else self._by_trigrams(kind)

    def _in_file(self, kind: Kind) -> Keys | None:
        found = trigrams.candidates(self._connection, self._values["search"], MOST)
        if found is None:
            return None
        by_number = kind._replace(way=Access.NUMBER, texts=Texts.NAMED, among="match" if found.match else "numbers")
        candidates = found.match or json.dumps(found.numbers)
        self._by_name = by_number, {**self._values, "candidates": candidates}
        return keys_of(by_number).rows(self._connection, self._by_name[1])

    def _by_trigrams(self, kind: Kind) -> Keys | None:
        self._by_name = kind._replace(way=Access.SUBJECT, texts=Texts.NAMED), self._values
        return contains.named_at_most(self._connection, keys_of(self._by_name[0]), self._values, MOST)

    @property
    def told(self) -> bool:
        """Whether an index tells the jobs; where too many may hold the text, it does not."""
        return self._named is not None

    def parts(self) -> Iterable[tuple[Kind, dict[str, Any]]]:
        """The kinds of which each of them is of exactly one, with their values; only where they are told."""
        assert self._named is not None
        return (self._about, self._values), self._by_name

    def total(self) -> int:
        """How many they are; only where they are told."""
        assert self._named is not None
        return int(_number_of(self._about).value(self._connection, self._values)) + len(self._named)

    def job_ids(self, after: Place | None) -> list[str]:
        """The IDs of all of them in order, or of those after a place; only where they are told."""
        assert self._named is not None
        every: Keys = [*keys_of(self._about).rows(self._connection, self._values), *self._named]
        if after:
            place = keyset.place_key(self._sort, after)
            every = [key for key in every if (key < place if self._sort.descending else key > place)]
        return [key[-1] for key in sorted(every, reverse=self._sort.descending)]


@lru_cache(maxsize=256)
def _number_of(kind: Kind) -> Prepared:
    return Prepared(conditions.narrowed(select(func.count()).select_from(table), kind))


@lru_cache(maxsize=256)
def keys_of(kind: Kind) -> Prepared:
    """The columns of the order, in no order; of those that are named by trigrams at most `most`."""
    found = conditions.narrowed(select(*keyset.columns(kind.sort)), kind)
    bounded = kind.texts is Texts.NAMED and kind.dialect != "sqlite"
    return Prepared(found.limit(bindparam("most")) if bounded else found)
