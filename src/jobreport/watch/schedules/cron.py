"""Lines of cron, as Debian's cron reads them.

At a change of the clocks, a line with a fixed hour runs once: what the clocks skip runs right after it, and what comes
twice runs the first time. A line with `*` as its minute or hour runs by the time that passes.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from jobreport.model import ticks

_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def first(line: str, zone: ZoneInfo, after: int) -> int:
    """Returns the first time of the line after `after` (ticks); 0 if there is none in 50 years."""
    found = next(CronSim(_plain(line), ticks.local(after, zone)), None)
    return ticks.from_datetime(found) if found else 0


def last(line: str, zone: ZoneInfo, now: int) -> int:
    """Returns the last time of the line up to `now` (ticks); 0 if there was none in 50 years."""
    found = next(CronSim(_plain(line), ticks.local(now + ticks.PER_SECOND, zone), reverse=True), None)
    return ticks.from_datetime(found) if found else 0


def fault(line: str) -> str:
    """Returns what is wrong with a line, in words that go on after it; empty if nothing is."""
    try:
        if len(_plain(line).split()) != len("mhdMw"):
            return "must have five fields: minute, hour, day of the month, month, day of the week"
        return "" if next(CronSim(_plain(line), datetime(2026, 1, 1, tzinfo=UTC)), None) else "never comes"
    except CronSimError as error:
        return f"is no line of cron: {str(error)[:1].lower()}{str(error)[1:]}, such as 0 2 * * 1-5"


def _plain(line: str) -> str:
    return _NAMED.get(line.strip().lower(), line)
