"""Reads the names and values of a request's query string."""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from jobreport.model.errors import InvalidInputError

MAX_QUERY: Final = 60_000
"""The longest query string, in bytes. The HTTP parser refuses a target of 64 KiB."""
_MAX_VALUES: Final = 1000


def pairs(request: Request, *, lenient: bool = False) -> list[tuple[str, str]]:
    """Returns names and values in their order, also the empty ones. `lenient`: what is not UTF-8 is replaced.

    Raises InvalidInputError if the query string is too long, has too many values, or is not UTF-8.
    """
    errors = "replace" if lenient else "strict"
    raw: bytes = request.scope["query_string"]
    if len(raw) > MAX_QUERY:
        raise InvalidInputError.of("", f"the query string is longer than {MAX_QUERY} bytes")
    try:
        return parse_qsl(raw.decode(errors=errors), keep_blank_values=True, errors=errors, max_num_fields=_MAX_VALUES)
    except UnicodeDecodeError:
        raise InvalidInputError.of("", "the query string is not UTF-8, percent-encoded") from None
    except ValueError:
        raise InvalidInputError.of("", f"the query string has more than {_MAX_VALUES} values") from None
