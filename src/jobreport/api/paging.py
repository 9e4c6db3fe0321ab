"""The parameters of a request in, the question that they ask out; and the token of the page after its answer.

A skiptoken has the whole question in it. What is given beside it must say the same.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

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
from jobreport.identity.cursors import InvalidSkipTokenError, Skip
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.query import ListQuery, Place

PARAMETERS: Final = (*FILTERS, SORT, *PAGING, SKIPTOKEN)
_QUESTION: Final = (*FILTERS, SORT)
_PAGE_NUMBER: Final = PAGING[0].name.casefold()


def tokens(pairs: Pairs) -> list[str]:
    """The skiptokens that are given; more than one is a fault."""
    return [text for name, text in pairs if name.casefold() == SKIPTOKEN.name and text]


def bounded(pairs: Pairs) -> list[tuple[str, str]]:
    """The pairs; InvalidInputError where they are longer than a question may be, whose token is not counted."""
    pairs = list(pairs)
    if sum(len(f"{name}{text}".encode()) for name, text in pairs if name.casefold() != SKIPTOKEN.name) > MAX_QUESTION:
        raise InvalidInputError.of("", f"the question is longer than {MAX_QUESTION} bytes")
    return pairs


def question(pairs: Pairs, parameters: tuple[Parameter, ...], tell: Callable[[str], Skip]) -> ListQuery:
    """The question of a request that takes `parameters`; `tell` says what a token names, or InvalidSkipTokenError.

    InvalidInputError names every parameter at fault.
    """
    pairs = list(pairs)
    if tokens(pairs):
        pairs = [pair for pair in pairs if pair[0].casefold() != _PAGE_NUMBER]
    given = read(bounded(pairs), parameters)
    token: str | None = given.get(SKIPTOKEN.field)
    if token is None:
        return list_query(given)
    try:
        skip = tell(token)
    except InvalidSkipTokenError as error:
        raise InvalidInputError.of(SKIPTOKEN.name, str(error)) from None
    before = read(skip.pairs, (*_QUESTION, *PAGING))
    asked, meant = list_query(given), list_query(before)
    faults = [
        FieldError(parameter.name, "is not what the skiptoken was given for; leave it out, or the skiptoken")
        for parameter in _QUESTION
        if parameter.field in given and _said(asked, parameter) != _said(meant, parameter)
    ]
    if faults:
        raise InvalidInputError(faults)
    size = {"size": given["size"]} if "size" in given else {}
    return replace(list_query(before | size), after=skip.after)


def _said(query: ListQuery, parameter: Parameter) -> Any:
    """What a query says of a parameter: the default, where it was left out, is as good as given."""
    return getattr(query if parameter is SORT else query.where, parameter.field)


def skip_to(query: ListQuery, after: Place) -> Skip:
    """What the token of the next page names."""
    return Skip(tuple(written(replace(query, after=None, page=0))), after)
