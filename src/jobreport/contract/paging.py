"""Reads which page is asked for: by its number, or by the skiptoken that came with the page before.

A skiptoken contains the whole question. Parameters that are given beside it must say the same.
"""

from collections.abc import Callable
from typing import Any, Final

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
    written,
)
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.query import JobQuery, Position

PARAMETERS: Final = (*FILTERS, SORT, *PAGING, SKIPTOKEN)
_QUESTION: Final = (*FILTERS, SORT)
_PAGE_NUMBER: Final = PAGING[0].name.casefold()


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


def question(pairs: Pairs, parameters: tuple[Parameter, ...], read_token: Callable[[str], Cursor]) -> JobQuery:
    """Returns the question of a request that takes `parameters`; `read_token` returns the cursor of a token.

    Raises InvalidInputError, which names every parameter at fault, also a token that `read_token` refuses with
    InvalidSkipTokenError.
    """
    pairs = list(pairs)
    if tokens(pairs):
        pairs = [pair for pair in pairs if pair[0].casefold() != _PAGE_NUMBER]
    given = read(bounded(pairs), parameters)
    token: str | None = given.get(SKIPTOKEN.field)
    if token is None:
        return list_query(given)
    try:
        cursor = read_token(token)
    except InvalidSkipTokenError as error:
        raise InvalidInputError.of(SKIPTOKEN.name, str(error)) from None
    earlier = read(cursor.pairs, (*_QUESTION, *PAGING))
    asked, meant = list_query(given), list_query(earlier)
    faults = [
        FieldError(parameter.name, "is not what the skiptoken was given for; leave it out, or the skiptoken")
        for parameter in _QUESTION
        if parameter.field in given and _value(asked, parameter) != _value(meant, parameter)
    ]
    if faults:
        raise InvalidInputError(faults)
    size = {"size": given["size"]} if "size" in given else {}
    return replace(list_query(earlier | size), after=cursor.after)


def _value(query: JobQuery, parameter: Parameter) -> Any:
    """Returns the value that a query has for a parameter. A parameter that was left out counts as given with its
    default.
    """
    return getattr(query if parameter is SORT else query.where, parameter.field)


def cursor_of(query: JobQuery, after: Position) -> Cursor:
    """Returns the cursor of the page that begins after this position."""
    return Cursor(tuple(written(replace(query, after=None, page=0))), after)
