"""Takes recognised secrets out of what a sender wrote, before anything of it becomes a job."""

from typing import Any, Final

import msgspec

from jobreport.model.job import MAX_RAW
from jobreport.runner.tools.redact import MASK, redact, redact_long
from jobreport.runner.tools.text import clean, json_value

_DEEPEST: Final = 100
"""Levels of lists and objects that are kept of a record."""
_MOST_NAME: Final = 200


def masked(text: str) -> str:
    """Returns a text without secrets, and without characters that no job may have."""
    return redact_long(clean(text)) if text else ""


def record_of(content: str) -> str:
    """Returns a sender's record as a job may have it: JSON without secrets, and of what is too long, the beginning.

    What is not JSON gives nothing.
    """
    value = json_value(content)
    if value is None:
        return ""
    record = msgspec.json.encode(_masked(value, 0))
    if len(record) <= MAX_RAW:
        return record.decode()
    text = record.decode()
    while len(record := msgspec.json.encode({"beginning": text})) > MAX_RAW:
        text = text[: len(text) * 3 // 4]
    return record.decode()


def _masked(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return masked(value)
    if depth >= _DEEPEST:
        return "…" if isinstance(value, dict | list) else value
    if isinstance(value, list):
        return [_masked(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {masked(name): _under(name, one, depth) for name, one in value.items()}
    return value


def _under(name: str, value: Any, depth: int) -> Any:
    """Returns what stands under a name, masked as a whole if the name is that of a secret."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        pair = f"{name[-_MOST_NAME:]}=x"
        if value and redact(pair) != pair:
            return MASK
    return _masked(value, depth + 1)
