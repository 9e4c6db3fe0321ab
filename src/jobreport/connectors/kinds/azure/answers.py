"""The answers of Azure as they came: taken from below the SDK, which drops what it does not know.

The SDK makes the addresses, signs in, tries again and follows pages. Of a list it gets only the link to the next page:
to make its models takes longer than all the rest, and they have less than what was sent.
"""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from jobreport import http_times
from jobreport.connectors.base import CannotReadError


class _List(msgspec.Struct, rename="camel"):
    value: list[msgspec.Raw]  # where it is missing, this is another answer than a list, such as an error's
    next_link: str | None = None


class Answer:
    """One good answer: called by the SDK with each answer that comes (`raw_response_hook`)."""

    def __init__(self, where: str, *, whole: bool = False) -> None:
        self._where, self._whole = where, whole
        self.items: Sequence[msgspec.Raw] = ()
        self.body = b""
        self.clock = 0

    def __call__(self, answer: Any) -> None:
        """Takes an answer. Raises CannotReadError if it is good and cannot be understood."""
        sent = answer.http_response
        if sent.status_code != HTTPStatus.OK:
            return
        self.clock, self.body = http_times.date(sent.headers.get("Date", "")), sent.content
        if self._whole:
            answer.http_response = _Bare(sent, {})
            return
        try:
            page = msgspec.json.decode(self.body, type=_List)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CannotReadError(f"Azure's answer about {self._where} is no list: {error}") from None
        self.items = page.value
        answer.http_response = _Bare(sent, {"value": [], "nextLink": page.next_link})


class _Bare:
    """An answer of which the SDK sees no more than this."""

    def __init__(self, answer: Any, seen: dict[str, Any]) -> None:
        self._answer, self._seen = answer, seen

    def json(self) -> dict[str, Any]:
        return self._seen

    def text(self, encoding: str | None = None) -> str:
        return json.dumps(self._seen)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)
