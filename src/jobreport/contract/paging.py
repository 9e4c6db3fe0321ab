"""Reads which page is asked for: by its number, or by the skiptoken that came with the page before.

A skiptoken contains the whole question. Parameters that are given beside it must say the same.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from jobreport.contract.cursors import Cursor, InvalidSkipTokenError
from jobreport.contract.query_language import (
    FILTERS,
    MAX_QUESTION,
    PAGING,
    SKIPTOKEN,
    SORT,
    Pairs,
    Parameter,
    list_query,
    read,
    value_of,
    written_as,
)
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.incident_query import IncidentQuery
from jobreport.model.query import JobQuery, Position
from jobreport.model.series_query import SeriesQuery

PARAMETERS: Final = (*FILTERS, SORT, *PAGING, SKIPTOKEN)
_PAGE_NUMBER: Final = PAGING[0].name.casefold()

Q = TypeVar("Q", JobQuery, SeriesQuery, IncidentQuery)
ReadToken = Callable[[str], Cursor]
"""Returns the cursor of a token. Raises InvalidSkipTokenError for a token that is none."""


class Listing(msgspec.Struct, Generic[Q], frozen=True):
    """What is listed page by page. `of` names it in skiptokens. `chosen` are the parameters of a question that every
    page of it has in common, `paging` those of a page; `query` makes the question from their values.
    """

    of: str
    chosen: tuple[Parameter, ...]
    paging: tuple[Parameter, ...]
    query: Callable[[Mapping[str, Any]], Q]

    def question(self, pairs: Pairs, parameters: tuple[Parameter, ...], read_token: ReadToken) -> Q:
        """Returns the question of a request that takes `parameters`.

        Raises InvalidInputError, which names every parameter at fault, also a token that `read_token` refuses.
        """
        pairs = list(pairs)
        if tokens(pairs):
            pairs = [pair for pair in pairs if pair[0].casefold() != _PAGE_NUMBER]
        given = read(bounded(pairs), parameters)
        token: str | None = given.get(SKIPTOKEN.field)
        if token is None:
            return self.query(given)
        try:
            cursor = self._read(token, read_token)
        except InvalidSkipTokenError as error:
            raise InvalidInputError.of(SKIPTOKEN.name, str(error)) from None
        earlier = read(cursor.pairs, (*self.chosen, *self.paging))
        asked, meant = self.query(given), self.query(earlier)
        # A parameter that was left out counts as given with its default.
        faults = [
            FieldError(parameter.name, "is not what the skiptoken was given for; leave it out, or the skiptoken")
            for parameter in self.chosen
            if parameter.field in given and value_of(asked, parameter) != value_of(meant, parameter)
        ]
        if faults:
            raise InvalidInputError(faults)
        size = {"size": given["size"]} if "size" in given else {}
        return replace(self.query(earlier | size), after=cursor.after)

    def _read(self, token: str, read_token: ReadToken) -> Cursor:
        cursor = read_token(token)
        if cursor.of != self.of:
            raise InvalidSkipTokenError
        return cursor

    def cursor(self, query: Q, after: Position) -> Cursor:
        """Returns the cursor of the page that begins after this position."""
        pairs = written_as(query, self.query({}), (*self.chosen, *self.paging))
        return Cursor(tuple(pair for pair in pairs if pair[0].casefold() != _PAGE_NUMBER), after, self.of)


JOBS: Final = Listing("", (*FILTERS, SORT), PAGING, list_query)
"""The list of jobs of generation 2."""


def tokens(pairs: Pairs) -> list[str]:
    """Returns the skiptokens that are given. (A request with more than one is at fault.)"""
    return [text for name, text in pairs if name.casefold() == SKIPTOKEN.name and text]


def bounded(pairs: Pairs) -> list[tuple[str, str]]:
    """Returns the pairs. Raises InvalidInputError if they are longer than a question may be; the skiptoken is not
    counted.
    """
    pairs = list(pairs)
    if sum(len(f"{name}{text}".encode()) for name, text in pairs if name.casefold() != SKIPTOKEN.name) > MAX_QUESTION:
        raise InvalidInputError.of("", f"the question is longer than {MAX_QUESTION} bytes")
    return pairs
