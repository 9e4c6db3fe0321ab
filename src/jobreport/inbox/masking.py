"""Masks recognised secrets in what a sender wrote, before any of it becomes a job.

Looking for secrets takes much longer than reading the document, so only as much is looked at as a job may store.
"""

import re
from functools import lru_cache
from typing import Any, Final

import msgspec

from jobreport.model.job import MAX_RAW
from jobreport.runner.redact import MASK, redact, redact_long
from jobreport.runner.text import clean, json_value

_DEEPEST: Final = 100
"""Levels of lists and objects that are kept of a record."""
_MOST_NAME: Final = 200
_A_VALUE: Final = 8
"""Counted for each value of a document beside its characters, so that many short ones are not looked at for long."""
_LEFT_OUT: Final = "…"
_HARMLESS: Final = re.compile(r"[\w.+-]{0,12}|\d{4}-\d\d-\d\d[T ][\d:.,]{4,20}(?:Z|[+-][\d:]{2,6})?", re.ASCII)
"""What is too short to be a secret that is recognised, and times."""


def masked(text: str) -> str:
    """Returns a text without secrets, and without characters that no job may have."""
    return text if _HARMLESS.fullmatch(text) else redact_long(clean(text))


def record_of(content: str) -> str:
    """Returns a sender's record as a job may have it: JSON without secrets, and of what is too long, the beginning.

    What is not JSON gives nothing.
    """
    value = json_value(content)
    if value is None:
        return ""
    masking = _Masking()
    record = msgspec.json.encode(masking.of(value, 0))
    if len(record) <= MAX_RAW and not masking.ended:
        return record.decode()
    text = record.decode()[:MAX_RAW]
    while len(record := msgspec.json.encode({"beginning": text})) > MAX_RAW:
        text = text[: len(text) * 3 // 4]
    return record.decode()


class _Masking:
    """Masks one document, until more of it was looked at than a job keeps; the rest is left out."""

    def __init__(self) -> None:
        self._left = 2 * MAX_RAW

    @property
    def ended(self) -> bool:
        """Whether there was more than was looked at."""
        return self._left <= 0

    def of(self, value: Any, depth: int) -> Any:
        """Returns a value without secrets."""
        self._left -= _A_VALUE
        if isinstance(value, str):
            text = masked(value[: max(0, self._left)])
            self._left -= len(text)
            return text
        if not isinstance(value, list | dict):
            return value
        if depth >= _DEEPEST:
            return _LEFT_OUT
        if isinstance(value, list):
            return [self.of(one, depth + 1) for one in value if self._left > 0]
        return {_name(name): self._under(name, one, depth) for name, one in value.items() if self._left > 0}

    def _under(self, name: str, value: Any, depth: int) -> Any:
        """Returns what stands under a name, masked as a whole if the name is that of a secret."""
        self._left -= len(name)
        plain = isinstance(value, str | int | float) and not isinstance(value, bool)
        return MASK if plain and value and _is_secret(name[-_MOST_NAME:]) else self.of(value, depth + 1)


@lru_cache(4096)
def _name(name: str) -> str:
    return masked(name)


@lru_cache(4096)
def _is_secret(name: str) -> bool:
    pair = f"{name}=x"
    return redact(pair) != pair
