"""Says in one line why a job is not good."""

from typing import Final

from jobreport.model.cause import cause_of
from jobreport.model.job import CAUSES

MAX_WHY: Final = 160
"""The most characters of the line."""


def why(code: str, text: str, comments: str) -> str:
    """Returns why a job is not good: its only comment; or its cause, by `code` and `text`; or its first comment.

    The text of a cause that is not well known is a comment without its names and numbers; then the comment is shown.
    Empty if nothing is said.
    """
    lines = [line.strip() for line in comments.splitlines() if line.strip()]
    if len(lines) == 1:
        return _cut(lines[0])
    if text and code in CAUSES:
        return _cut(text)
    telling = (line for line in lines if (own := cause_of(line)) and own.code == code)
    return _cut(next(telling, text) or next(iter(lines), ""))


def _cut(said: str) -> str:
    return said if len(said) <= MAX_WHY else f"{said[: MAX_WHY - 1]}…"
