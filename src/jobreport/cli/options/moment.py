"""Reads the value of an option that is a time: ISO 8601, ticks, how long ago, or words such as yesterday."""

from datetime import date, datetime, timedelta
from typing import Any, Final

import click

from jobreport.clock import now_ticks
from jobreport.contract import spoken_times
from jobreport.contract.spoken_times import seconds
from jobreport.contract.values import DAY
from jobreport.model import ticks

_DATE: Final = len("2026-11-23")
_KNOWN: Final = "7d (seven days ago), yesterday, 'last monday 18:00', 2026-11-23, 2026-11-23T08:00Z, or .NET ticks"


def _read(text: str) -> datetime | date | None:
    """Returns the time that is written, or the day if it has no time of day; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # the message of the exception is written for programmers
        return spoken_times.read(text, datetime.now())  # noqa: DTZ005 - words are about this machine's clock
    return moment.date() if len(text) <= _DATE else moment


class Moment(click.ParamType[int | str]):
    """A time: ISO 8601 (without a zone: this machine's zone), ticks, how long ago (7d, 1h30m), or words (yesterday).

    With `end`, a day without a time stands for its last tick. With `days`, such a day is returned as an ISO date,
    since only the command knows in which zone the day is meant.
    """

    name = "time"

    def __init__(self, *, end: bool = False, days: bool = False) -> None:
        self._end, self._days = end, days

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Returns ticks. Anything else is a usage error."""
        if isinstance(value, int):
            return value
        text = str(value).strip()
        if self._days and DAY.fullmatch(text):
            return text
        try:
            if text.isdecimal():
                return ticks.check(int(text))
            ago = seconds(text.lower().removesuffix("ago"))
            if ago is not None:
                return ticks.check(now_ticks() - ago * ticks.PER_SECOND)
            moment = _read(text)
            if moment is None:
                near = spoken_times.nearest(text)
                hint = f"did you mean {near}?" if near else f"write one such as {_KNOWN}"
                self.fail(f"{text!r} is no time: {hint}", param, ctx)
            if isinstance(moment, datetime) and moment.tzinfo:
                return ticks.from_iso(text)  # a datetime has no seventh digit
            return self._ticks(moment)
        except ValueError as error:
            self.fail(f"{text!r} is no time such as {_KNOWN}: {error}", param, ctx)

    def _ticks(self, found: datetime | date) -> int | str:
        if isinstance(found, datetime):
            return ticks.from_datetime(found.astimezone())
        if self._days:
            return found.isoformat()
        first = datetime(found.year, found.month, found.day)  # noqa: DTZ001 - of this machine's zone, just below
        if self._end:
            return ticks.from_datetime((first + timedelta(days=1)).astimezone()) - 1
        return ticks.from_datetime(first.astimezone())
