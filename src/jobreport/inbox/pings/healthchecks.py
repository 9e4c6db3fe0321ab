"""Reads pings in the form of Healthchecks: `/ping/<uuid>` or `/ping/<ping-key>/<slug>`, then a word such as `/start`.

`docs/reference/pings.md` says which forms are accepted. They follow the documentation and the source of Healthchecks.
"""

import re
from collections.abc import Sequence
from typing import Final

from jobreport.inbox.pings.ping import Ping, Refused, Target
from jobreport.model.ping import Signal

MOST_STATUS: Final = 255
"""The highest exit status."""
BAD_URL: Final = "invalid url format"
NOT_FOUND: Final = "not found"
UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
SLUG: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)
_WORDS: Final = {"start": Signal.START, "fail": Signal.FAIL, "log": Signal.LOG}


def target_of(parts: Sequence[str]) -> tuple[Target, str]:
    """Returns whom the path is for, and the word behind it (empty: none). `parts` are those after `/ping/`.

    Raises Refused if nobody can have such an address.
    """
    first, *rest = parts
    if UUID.fullmatch(first):
        if len(rest) > 1:
            raise Refused(404, NOT_FOUND)
        return Target(first), "".join(rest)
    if not rest or len(rest) > 2 or not KEY.fullmatch(first) or not SLUG.fullmatch(rest[0]):
        raise Refused(404, NOT_FOUND)
    if rest[0] != rest[0].lower():
        raise Refused(400, BAD_URL)
    word = "".join(rest[1:])
    if word and not _known(word):
        raise Refused(404, NOT_FOUND)
    return Target(first, rest[0]), word


def read(word: str, query: Sequence[tuple[str, str]]) -> Ping:
    """Returns the ping of a word behind the address and a query string. Raises Refused."""
    if word and not _known(word):
        raise Refused(404, NOT_FOUND)
    signal, status = _WORDS.get(word, Signal.SUCCESS), None
    if _NUMBER.fullmatch(word):
        status = int(word.lstrip("0")[:20] or 0)
        if status > MOST_STATUS:
            raise Refused(400, BAD_URL)
        signal = Signal.FAIL if status else Signal.SUCCESS
    run = last_of(query, "rid")
    if run is not None and not UUID.fullmatch(run.lower()):
        raise Refused(400, "invalid uuid format")
    return Ping(signal=signal, exit_status=status, run=(run or "").lower())


def creates(query: Sequence[tuple[str, str]]) -> bool:
    """Returns whether the inbox of an unknown slug is to be made."""
    return last_of(query, "create") == "1"


def last_of(query: Sequence[tuple[str, str]], name: str) -> str | None:
    """Returns the last value of a parameter; None if it is not there."""
    return next((value for given, value in reversed(query) if given == name), None)


def _known(word: str) -> bool:
    return word in _WORDS or _NUMBER.fullmatch(word) is not None
