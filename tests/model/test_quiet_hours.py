"""Quiet hours: when they end, in each zone and over the change of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.quiet_hours import QuietHours, quiet_hours

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 1439)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
MOMENTS = st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def at(year: int, month: int, day: int, hour: int, minute: int = 0, zone: str = "Europe/Berlin") -> int:
    return ticks.from_datetime(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(2026, 11, 30, 21, 59), 0),
        (at(2026, 11, 30, 22), at(2026, 12, 1, 7)),
        (at(2026, 12, 1, 6, 59), at(2026, 12, 1, 7)),
        (at(2026, 12, 1, 7), 0),
        # The clocks go back, and forward, in these nights.
        (at(2026, 10, 24, 23), at(2026, 10, 25, 7)),
        (at(2026, 3, 28, 23), at(2026, 3, 29, 7)),
    ],
)
def test_a_night_ends_on_the_next_morning(now: int, until: int) -> None:
    assert quiet_hours("22:00-07:00", "Europe/Berlin").until(now) == until


def test_a_rest_at_noon_ends_on_the_same_day() -> None:
    noon = quiet_hours("12:00-13:30", "Europe/Berlin")
    assert noon.until(at(2026, 11, 30, 12, 15)) == at(2026, 11, 30, 13, 30)
    assert noon.until(at(2026, 11, 30, 23)) == 0


@given(MINUTES, MINUTES, ZONES, MOMENTS)
def test_when_they_end_they_are_over_and_the_clock_shows_it(begin: int, end: int, zone: str, moment: datetime) -> None:
    if begin == end:
        end = (end + 1) % 1440
    now = ticks.from_datetime(moment)
    quiet = QuietHours(begin, end, zone)
    until = quiet.until(now)
    if until:
        assert now < until <= now + 25 * 3600 * ticks.PER_SECOND
        assert quiet.until(until) == 0
    else:
        local = moment.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        inside = begin <= minute < end if begin < end else not end <= minute < begin
        # Where the clocks change, an hour may come twice or not at all.
        changes = {moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in _around(moment)}
        assert not inside or len(changes) > 1


def _around(moment: datetime) -> list[datetime]:
    return [moment + timedelta(hours=hours) for hours in (-26, 0, 26)]
