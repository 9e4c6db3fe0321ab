"""Reads what headers of HTTP answers tell of time: when the answer was made, and how long to wait."""

import email.utils
import time

from jobreport.model import ticks


def date(said: str | None) -> int:
    """Returns the time of a header such as Date (RFC 9110 §5.6.7), in ticks; 0 if it tells none."""
    try:
        return ticks.from_datetime(email.utils.parsedate_to_datetime(said)) if said else 0
    except (ValueError, TypeError, OverflowError):
        return 0


def retry_after(said: str | None) -> float | None:
    """Returns the seconds that a Retry-After asks for, as a number or as a date (RFC 9110 §10.2.3), at least 0; None if
    it says neither.
    """
    text = (said or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(until - time.time(), 0.0)
