"""Decides where the browser may go after a form: to a page of this monitor, and nowhere else.

The address of the page is in the query of the link that leads to the form, such as that to `/sign-in`, which anybody
can write.
"""

import re
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

_LONGEST: Final = 4000
# Browsers drop tabs and line ends from an address and read a backslash as a slash. So `/\evil.example` would lead to
# another host, as `//evil.example` does.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local(path: str) -> str:
    """Returns `path` if it is a path of this monitor, with or without a query; otherwise `/`."""
    return path if len(path) <= _LONGEST and _LOCAL.fullmatch(path) else "/"


def asked(request: Request) -> str:
    """Returns the path and the query of the request."""
    query = request.scope["query_string"].decode("latin-1")
    return quote(request.scope["path"]) + (f"?{query}" if query else "")
