"""Decides where the browser may go after signing in: to a page of this monitor, and nowhere else.

The address of the page is in the query of the link to `/sign-in`, which anybody can write.
"""

import re
from typing import Final

_LONGEST: Final = 4000
# Browsers drop tabs and line ends from an address and read a backslash as a slash. So `/\evil.example` would lead to
# another host, as `//evil.example` does.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local(path: str) -> str:
    """Returns `path` if it is a path of this monitor, with or without a query; otherwise `/`."""
    return path if len(path) <= _LONGEST and _LOCAL.fullmatch(path) else "/"
