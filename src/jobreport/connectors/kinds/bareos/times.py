"""Places the times of a catalog, which are the director's local time and name no zone. Pure.

Beside them a record has one moment as seconds since 1970, `JobTDate`: that of its end, or of its start while it runs.
So nearly every record tells itself how far its times are from UTC.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.model import ticks

_STEP: Final = timedelta(minutes=15)
_WEST: Final = timedelta(hours=-12)
_EAST: Final = timedelta(hours=14)
_PAIRED: Final = ("endtime", "realendtime", "starttime", "schedtime")
"""The times of which `JobTDate` may be one, the likelier first."""
_MOST_SECONDS: Final = (ticks.YEAR_2200 - ticks.UNIX_EPOCH) // ticks.PER_SECOND


class Times(msgspec.Struct, frozen=True):
    """When a job was due, started and ended, in ticks; 0: that is not told."""

    due: int
    start: int
    end: int


def times_of(record: Mapping[str, str], zone: ZoneInfo | None) -> Times:
    """Returns the times of a record. `zone` is the director's, None if nobody said it.

    Raises UnreadableRecordError if they cannot be placed, or if the record says that the zone is another one.
    """
    told = {name: _local(record.get(name, "")) for name in _PAIRED}
    away = _offset(record.get("jobtdate", ""), told.values())

    def placed(*names: str) -> int:
        moment = next((told[name] for name in names if told[name]), None)
        if moment is None:
            return 0
        if away is not None and (zone is None or "endtime" in names):
            return _ticks(moment.replace(tzinfo=timezone(away)))
        if zone is None:
            raise UnreadableRecordError(
                f"job {record.get('jobid')} tells its times in the director's zone, and not which that is: timezone "
                "can name it"
            )
        return _ticks(moment.replace(tzinfo=zone))

    if zone is not None and away is not None:
        _check(zone, away, record)
    due, start = placed("schedtime"), placed("starttime")
    return Times(due, start, placed("endtime", "realendtime"))


def _check(zone: ZoneInfo, away: timedelta, record: Mapping[str, str]) -> None:
    moment = datetime.fromtimestamp(int(record["jobtdate"]), UTC)
    if zone.utcoffset(moment.astimezone(zone)) != away:
        raise UnreadableRecordError(
            f"job {record.get('jobid')} tells times that are not those of {zone.key}: timezone must be the director's"
        )


def _offset(seconds: str, told: Iterable[datetime | None]) -> timedelta | None:
    """Returns how far the local times are from UTC; None if the record does not tell it."""
    number = int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 12 else 0
    if not 0 < number < _MOST_SECONDS:
        return None
    moment = datetime.fromtimestamp(number, UTC).replace(tzinfo=None)
    for one in told:
        away = one - moment if one else None
        if away is not None and not away % _STEP and _WEST <= away <= _EAST:
            return away
    return None


def _local(text: str) -> datetime | None:
    """Returns a time such as `2026-11-22 23:05:03`; None if there is none, as of a job that has not started."""
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return moment.replace(tzinfo=None) if 2000 <= moment.year < 2200 else None


def _ticks(moment: datetime) -> int:
    return ticks.from_datetime(moment.astimezone(UTC))
