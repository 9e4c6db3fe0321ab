"""Writes ranges of time as people read them."""

from zoneinfo import ZoneInfo

from jobreport.model import ticks


def moment(time: int, zone: ZoneInfo | None = None) -> str:
    """Returns a time (ticks) to the minute, in `zone` or in that of this machine."""
    return f"{ticks.local(time, zone):%Y-%m-%d %H:%M}"


def ended(since: int | None, until: int | None, zone: ZoneInfo | None = None) -> str:
    """Returns between which times (ticks) the jobs ended that were asked for; empty if no such time was given."""
    parts = [f"{word} {moment(time, zone)}" for word, time in (("from", since), ("to", until)) if time is not None]
    return f"ended {' '.join(parts)}" if parts else ""
