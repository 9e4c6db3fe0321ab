"""Says how the path of a request stands in the log: without the addresses of inboxes, which are secrets in a path.

Somebody types such an address nearly right, or a proxy sets a folder before it: then no route matches, and yet it may
be the address that is used everywhere else. So what follows one of our words is left out wherever it stands, and in a
path that is none of ours whatever may be a secret.
"""

import re
from typing import Final

_SLASH: Final = r"(?:[/\\]|%(?:25)*(?:2f|5c))"
_AFTER_A_WORD: Final = re.compile(rf"((?:^|{_SLASH})(?:ping|push|p|hook){_SLASH}).+", re.IGNORECASE | re.DOTALL)
_MAY_BE_SECRET: Final = re.compile(r"[A-Za-z0-9_%.~+=-]*[A-Za-z0-9_%-]{16}[A-Za-z0-9_%.~+=-]*")
"""A UUID, with or without its hyphens; a ping key; a part of one."""


def logged(path: str, *, ours: bool) -> str:
    """Returns the path as the log has it. `ours`: a route matched it, so that its parts are what they seem to be."""
    path = _AFTER_A_WORD.sub(r"\1…", path)
    return path if ours else _MAY_BE_SECRET.sub("…", path)
