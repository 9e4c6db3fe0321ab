"""Writes values for people: texts of jobs, times in a zone, lengths of time, bytes.

A text of a job may contain anything. It stands in `<bdi>`, so that it cannot turn round what stands after it, and
characters that show nothing or change the direction of writing are shown as signs.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from jobreport.model import ticks
from jobreport.model.lengths import duration

_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, marks of direction, characters without width, and halves of surrogate pairs."""
_PICTURES: Final = 0x2400
"""Unicode has a picture of each of the first 32 control characters from here on."""
_OPEN: Final = Markup("<bdi>")
_CLOSE: Final = Markup("</bdi>")
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_MINUTE: Final = 60


def bdi(text: str) -> Markup:
    """Returns the text of a job on one line, isolated from what stands beside it."""
    return _OPEN + _visible(text, keep_lines=False) + _CLOSE


def lines(text: str) -> Markup:
    """Returns the text of a job with its line ends, for an element that keeps white space."""
    return _OPEN + _visible(text, keep_lines=True) + _CLOSE


def visible(text: str) -> str:
    """Returns the text with signs in place of hidden characters, for attributes and titles, where no element can be."""
    return _HIDDEN.sub(_sign, text)


def _visible(text: str, *, keep_lines: bool) -> Markup:
    if not _HIDDEN.search(text):  # as nearly all are; a long list has hundreds
        return escape(text)
    found: list[Markup] = []
    last = 0
    for hidden in _HIDDEN.finditer(text):
        found.append(escape(text[last : hidden.start()]))
        if keep_lines and hidden[0] in "\n\t":
            found.append(escape(hidden[0]))
        else:
            found.append(Markup('<span class="hidden-char">{}</span>').format(_sign(hidden)))
        last = hidden.end()
    found.append(escape(text[last:]))
    return Markup("").join(found)


def _sign(hidden: re.Match[str]) -> str:
    code = ord(hidden[0])
    if code < 32:
        return chr(_PICTURES + code)
    return "\u2421" if code == 0x7F else f"U+{code:04X}"


def plural(number: int, one: str, many: str = "") -> str:
    """Returns the number with its noun: `1 job`, `1,200 jobs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def age(length: int) -> str:
    """Returns how long ago something was, in ticks: `3 d 6 h`. It does not change more often than each minute."""
    return "less than 1 min" if length < _MINUTE * ticks.PER_SECOND else duration(length)


def size(number: int) -> str:
    """Returns a number of bytes in the largest unit in which it is at least 1: `2.1 GiB`."""
    value, unit = float(number), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return (
        f"{number} B" if not unit else f"{value:.1f} {_UNITS[unit]}" if value < 100 else f"{value:.0f} {_UNITS[unit]}"
    )


class Times:
    """Writes times in a zone, as they are seen at `now` (ticks)."""

    def __init__(self, zone: str, now: int) -> None:
        self.zone, self.now = zone, now
        self._zone = ZoneInfo(zone)

    def local(self, moment: int) -> datetime:
        """Returns the moment (ticks) in the zone."""
        return ticks.to_datetime(moment).astimezone(self._zone)

    def short(self, moment: int) -> Markup:
        """Returns the moment as short as it is clear: `02:14`, `Mon 02:14`, `20 Nov 02:14`. UTC is its tooltip."""
        return self._element(moment, self._short)

    def beside(self, moment: int) -> str:
        """Returns the time of day in UTC, to stand beside the local one: `01:14 UTC`; empty if both are the same."""
        return f"{_utc(moment, '%H:%M')} UTC" if self.local(moment).utcoffset() else ""

    def full(self, moment: int) -> Markup:
        """Returns the moment to the second, with UTC beside it: `Mon 23 Nov 2026 02:14:04 (01:14:04 UTC)`; in a zone
        that shows the same time as UTC, that alone: `Mon 23 Nov 2026 02:14:04 UTC`.
        """
        utc = f"({_utc(moment, '%H:%M:%S')} UTC)" if self.local(moment).utcoffset() else "UTC"
        written = self._element(moment, _written("%a {0.day} %b %Y %H:%M:%S"))
        return Markup('{} <span class="utc">{}</span>').format(written, utc)

    def dated(self, moment: int) -> Markup:
        """Returns the moment with its day, to the minute: `Fri 20 Nov 18:00`; with the year if it is another one."""
        year = "" if self.local(moment).year == self.local(self.now).year else " %Y"
        return self._element(moment, _written(f"%a {{0.day}} %b{year} %H:%M"))

    def hour(self, moment: int) -> str:
        """Returns the time of day to the minute as a plain text: `02:14`."""
        return f"{self.local(moment):%H:%M}"

    def plain(self, moment: int) -> str:
        """Returns the moment to the second as a plain text: `Mon 23 Nov 2026 02:14:04`."""
        return _written("%a {0.day} %b %Y %H:%M:%S")(self.local(moment))

    def moment(self, moment: int) -> str:
        """Returns the moment to the minute as a plain text: `Mon 23 Nov 02:14`."""
        return _written("%a {0.day} %b %H:%M")(self.local(moment))

    def clock(self, moment: int) -> Markup:
        """Returns the time of day to the second."""
        return self._element(moment, _written("%H:%M:%S"))

    def day(self, moment: int) -> str:
        """Returns the day of the moment: `Fri 20 Nov`."""
        return _written("%a {0.day} %b")(self.local(moment))

    def ago(self, moment: int) -> str:
        """Returns how long ago the moment was."""
        return age(self.now - moment)

    def _short(self, local: datetime) -> str:
        today = self.local(self.now)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if timedelta(0) < today.date() - local.date() < timedelta(7):
            return f"{local:%a %H:%M}"
        if local.year == today.year:
            return f"{local.day} {local:%b %H:%M}"
        return f"{local.day} {local:%b %Y %H:%M}"

    def _element(self, moment: int, write: Callable[[datetime], str]) -> Markup:
        return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
            ticks.to_iso(moment, digits=0), _utc(moment, "%Y-%m-%d %H:%M:%S"), write(self.local(moment))
        )


def _utc(moment: int, form: str) -> str:
    return ticks.to_datetime(moment).strftime(form)


def _written(form: str) -> Callable[[datetime], str]:
    return lambda local: local.strftime(form.format(local))
