"""Says which known name a misspelled one was probably meant to be."""

import difflib
from collections.abc import Iterable
from typing import Final

_CUTOFF: Final = 0.6
"""How alike two names must be, from 0 to 1. Below it a suggestion is more often wrong than right."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name that `name` resembles most, whatever the case; empty if it resembles none."""
    names = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(name.casefold()[:100], names, n=1, cutoff=_CUTOFF)
    return names[near[0]] if near else ""


def meant(name: str, known: Iterable[str], rest: str) -> str:
    """Returns the sentence `rest`, such as `must be one of a, b`; if `name` resembles a known one, after that one."""
    near = nearest(name, known)
    if not near:
        return rest
    return f"did you mean {near}? {f'It {rest}' if rest.startswith('must') else rest[0].upper() + rest[1:]}"
