"""Collects the secrets of a command line, so that they can be masked in the output of its program as well."""

import re
from typing import Final

from jobreport.runner.redact import MASK

_LIKELY: Final = 6  # characters from which on a part, or what may be a secret, is taken for one
_MIXED: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[^/\\\s]+")


class Secrets:
    """The secrets that were found in a command line."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def hide(self, secret: str) -> str:
        """Notes the secret, and returns the mask for it."""
        # Where a program repeats it in quotes of its own, only what is between the secret's own is as it was.
        self.found.update({secret, *(part for part in re.split(r"['\"\\]+", secret) if len(part) >= _LIKELY)})
        # `Bearer TOKEN`, `user:password`, `sv=1&sig=KEY`: a program may name the part alone.
        parts = re.split(r"[\s'\"\\:=&;,?]+", secret)
        self.found.update(part for part in parts if len(part) >= _LIKELY and _MIXED.fullmatch(part))
        return MASK

    def guess(self, value: str) -> str:
        """Returns the mask for a value that may be a secret, a port or a path. Notes it as a secret only if it looks
        like one.
        """
        if len(value) >= _LIKELY and _MIXED.fullmatch(value):
            self.found.add(value)
        return MASK
