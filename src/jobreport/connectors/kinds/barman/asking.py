"""Calls barman, which writes errors as JSON to standard output and then ends with the exit code 1."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from jobreport.connectors.base import CannotReadError
from jobreport.connectors.command import Command, Limits, chunks
from jobreport.connectors.kinds.barman.settings import Settings
from jobreport.runner.redact import redact
from jobreport.runner.text import clean, shorten

_ERROR_KEYS: Final = ("_ERROR", "_EXCEPTION")
_MAX_MESSAGE: Final = 300
_OUTPUT: Final = 256  # MiB


def asked(settings: Settings, *words: str) -> dict[str, Any]:
    """Returns what barman answers to a command, by the names of servers. Raises CannotReadError, in barman's words."""
    what = f"barman {words[0]}"
    command = Command(
        argv=[*settings.command, "-f", "json", *words],
        name=what,
        limits=Limits(seconds=settings.longest, output=_OUTPUT),
    )
    printed: list[bytes] = []
    try:
        printed.extend(chunks(command))
    except CannotReadError as error:
        raise CannotReadError(_error_message(printed, what) or str(error)) from None
    if told := _error_message(printed, what):
        raise CannotReadError(told)
    answer = _answer(printed)
    if answer is None:
        raise CannotReadError(f"{what} printed no object of JSON")
    return answer


def _error_message(printed: list[bytes], what: str) -> str:
    """Returns the error that barman wrote; empty if it wrote none."""
    said = " ".join(_errors(_answer(printed) or {}))
    return f"{what}: {shorten(redact(clean(said)), _MAX_MESSAGE)}" if said else ""


def _errors(answer: dict[str, Any]) -> Iterator[str]:
    for name in _ERROR_KEYS:
        said = answer.get(name) or ()
        for one in said if isinstance(said, list | tuple) else [said]:
            yield str(one).partition("\n")[0]


def _answer(printed: list[bytes]) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(b"".join(printed), type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return None
