"""Writes lengths of time as people say them: `3 d 6 h`, `38 min`, `4 s`."""

from typing import Final

from jobreport.model import ticks

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


def duration(length: int) -> str:
    """Returns a length of time in ticks in its two largest units: `3 d 6 h`, `38 min`, `4 s`."""
    seconds = max(0, length) // ticks.PER_SECOND
    for unit, name, smaller, part in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
    ):
        if seconds >= unit:
            whole, rest = divmod(seconds, unit)
            return f"{whole:,} {name} {rest // smaller} {part}" if rest // smaller else f"{whole:,} {name}"
    return f"{seconds // _MINUTE} min" if seconds >= _MINUTE else f"{seconds} s"


def typed(length: int) -> str:
    """Returns a length of time in ticks as people type it: `26h`, `14d`, `90m`."""
    seconds = length // ticks.PER_SECOND
    for unit, size in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
