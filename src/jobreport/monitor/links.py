"""Makes the addresses of pages. Their parameters are those of the API's query language."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

Value = str | int | None
Go = Callable[..., str]
"""Returns the address of a page, as `link` does, for the tenant of the request."""


def link(path: str, /, **parameters: Value) -> str:
    """Returns the address of a page. A parameter that is None or an empty text is left out."""
    pairs = [(name, value) for name, value in parameters.items() if value not in (None, "")]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def go_from(base: str, tenant: str | None) -> Go:
    """Returns the function that makes the addresses of a request: `base` stands before their paths, and `tenant` is
    named in each of them; None if the viewer need not name one.
    """

    def go(path: str, /, **parameters: Value) -> str:
        return partial(link, base + path, tenant=tenant)(**parameters)

    return go
