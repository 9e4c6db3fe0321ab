"""Writes lengths of time and numbers of bytes as people read them."""

from typing import Final

from jobreport.model import ticks

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def span(duration: int) -> str:
    """Returns a duration (ticks) as people write it: 0.4s, 12s, 4m 01s, 2h 05m, 1d 16h."""
    seconds, rest = divmod(duration, ticks.PER_SECOND)
    if rest and seconds < 10:
        return f"{duration / ticks.PER_SECOND:.1f}s"
    for unit, size, below, below_size in (("d", 86_400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // below_size:02d}{below}"
    return f"{seconds}s"


def counted(number: int, thing: str) -> str:
    """Returns a number of things in words: 1 job, 1,200 jobs, 2 entries."""
    many = f"{thing.removesuffix('y')}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number:,} {thing if number == 1 else many}"


def bytes_in_words(size: int) -> str:
    """Returns the size in the unit that reads best, such as 1.5 MiB."""
    amount, unit = float(size), _UNITS[0]
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    return f"{size:,} {unit}" if unit == _UNITS[0] else f"{amount:,.1f} {unit}"
