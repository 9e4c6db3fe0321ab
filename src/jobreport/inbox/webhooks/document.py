"""Reads the document in a delivery, and its times: all that may be wrong with one becomes the same error in words."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import msgspec

from jobreport.inbox.report import UnreadableError
from jobreport.inbox.webhooks.base import Delivery
from jobreport.model import ticks
from jobreport.runner.text import json_value

Form = TypeVar("Form")
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Begins a text of some senders on Windows, and is no part of it."""
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_A_YEAR_ONE: Final = "0001-01-01"
_LONGEST_TIME: Final = 64
"""Characters. No sender writes a time with more."""
_MOST_SECONDS: Final = 400 * 86_400


def text_of(delivery: Delivery) -> str:
    """Returns the body as text. What is no UTF-8 in it is replaced."""
    body = delivery.body
    text = body.decode("utf-16", "replace") if body.startswith(_UTF_16) else body.decode("utf-8", "replace")
    return text.removeprefix(_MARK)


def is_form(delivery: Delivery) -> bool:
    """Whether the body is the fields of a form. JSON that is sent as one, as curl does unless it is told, is none."""
    if delivery.content_type != _URLENCODED:
        return False
    text = text_of(delivery)
    return not text.lstrip().startswith(("{", "[")) or json_value(text) is None


def json_of(delivery: Delivery, form: type[Form], sender: str) -> Form:
    """Returns the JSON object in the body as `form`, in which numbers may be texts. Raises UnreadableError.

    `sender` names the form for people, such as `a report of Duplicati`.
    """
    return json_in(text_of(delivery), form, sender)


def json_in(text: str, form: type[Form], sender: str) -> Form:
    """Returns the JSON object in a text as `form`. Raises UnreadableError."""
    if not text.strip():
        raise UnreadableError(f"the body is empty, where {sender} was expected as JSON")
    try:
        return msgspec.json.decode(text, type=form, strict=False)
    except RecursionError:
        raise UnreadableError(f"the body is nested too deep for {sender}") from None
    except ValueError as error:  # no JSON, another form, or half of a surrogate pair
        raise UnreadableError(f"the body is not {sender}: {error}") from None


def time_of(text: str | None, field: str) -> int:
    """Returns the ticks of an ISO 8601 time; 0 if there is none, or year 1, as .NET and Go write that there is none.

    Raises UnreadableError, which names the `field`.
    """
    if not text or text.startswith(_A_YEAR_ONE):
        return 0
    if len(text) > _LONGEST_TIME:
        raise UnreadableError(f"{field} has {len(text):,} characters, too many for a time")
    try:
        return ticks.check(ticks.from_iso(text, zone=UTC))
    except ValueError as error:
        raise UnreadableError(f"{field} {error}") from None


def mail_time_of(text: str, field: str) -> int:
    """Returns the ticks of a time as mails write it: `Thu, 02 Jan 2020 03:04:05 +0000`. Raises UnreadableError."""
    try:
        return ticks.check(ticks.from_datetime(parsedate_to_datetime(text)))
    except (ValueError, OverflowError, TypeError, IndexError):
        raise UnreadableError(f"{field} is no time such as Thu, 02 Jan 2020 03:04:05 +0000") from None


def unix_time_of(number: int, unit: int, field: str) -> int:
    """Returns the ticks of a time that is counted from 1970 in units of so many ticks; 0 for 0.

    Raises UnreadableError, which names the `field`.
    """
    if not number:
        return 0
    at = ticks.UNIX_EPOCH + number * unit
    if not ticks.UNIX_EPOCH <= at < ticks.YEAR_2200:
        raise UnreadableError(f"{field} must be a time from 1970 to 2199, counted from 1970")
    return at


def record(text: str) -> str:
    """Returns a report that is no JSON as a job's record, which is."""
    return msgspec.json.encode({"text": text}).decode()


def before(finish: int, length: int) -> int:
    """Returns when something began that took `length` ticks until `finish`; 0 if it cannot have."""
    if not finish or not 0 <= length <= _MOST_SECONDS * ticks.PER_SECOND:
        return 0
    return max(finish - length, ticks.UNIX_EPOCH)
