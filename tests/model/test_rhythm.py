"""When a series usually runs is read from its runs where these say it plainly, and never where they do not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.expectation import PER_HOUR
from jobreport.model.rhythm import Rhythm, rhythm

BERLIN = "Europe/Berlin"
MINUTE = 60 * ticks.PER_SECOND


def at(text: str) -> int:
    """The ticks of a moment in Berlin."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN))
    return ticks.UNIX_EPOCH + round(moment.timestamp()) * ticks.PER_SECOND


def days(first: str, last: str, time: str, weekdays: str = "1234567") -> list[int]:
    begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    every = [begin + timedelta(number) for number in range((end - begin).days + 1)]
    return [at(f"{one:%Y-%m-%d}T{time}") for one in every if str(one.isoweekday()) in weekdays]


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (days("2026-11-01", "2026-11-20", "02:00:07"), Rhythm("0 2 * * *")),
        # Over the change of the clock, by the clocks of the zone.
        (days("2026-10-10", "2026-11-05", "22:31"), Rhythm("30 22 * * *")),
        (days("2026-11-01", "2026-11-20", "23:58"), Rhythm("0 0 * * *")),
        (days("2026-11-02", "2026-11-20", "01:15", "12345"), Rhythm("15 1 * * 1-5")),
        (days("2026-09-01", "2026-11-20", "05:00", "7"), Rhythm("0 5 * * 0")),
        (days("2026-10-01", "2026-11-20", "05:00", "15"), Rhythm("0 5 * * 1,5")),
        ([at(f"2026-{month:02}-03T04:00") for month in range(1, 9)], Rhythm("0 4 3 * *")),
        ([at("2026-11-01T00:03") + number * 4 * PER_HOUR for number in range(12)], Rhythm(every=4 * PER_HOUR)),
        ([at("2026-11-01T00:03") + number * 15 * MINUTE for number in range(12)], Rhythm(every=15 * MINUTE)),
        (days("2026-11-01", "2026-11-06", "02:00"), None),
        (days("2026-11-01", "2026-11-05", "02:00") + days("2026-11-12", "2026-11-20", "02:00"), None),
        (days("2026-11-01", "2026-11-10", "02:00") + days("2026-11-01", "2026-11-10", "09:00"), None),
    ],
)
def test_what_runs_by_the_clock_has_a_rhythm(starts: list[int], expected: Rhythm | None) -> None:
    assert rhythm(starts, BERLIN) == expected


def test_what_starts_now_earlier_and_now_later_has_more_grace() -> None:
    starts = [at(f"2026-11-{day:02}T02:00") + day * 7 % 19 * 4 * MINUTE for day in range(1, 20)]
    assert rhythm(starts, BERLIN) == Rhythm("0 2 * * *", 0, PER_HOUR + 90 * MINUTE)


@pytest.mark.parametrize(
    ("begin", "step", "age"),
    [
        ("2026-11-01T02:00", 24 * PER_HOUR + 4 * MINUTE, 26),
        ("2026-11-01T02:00", 24 * PER_HOUR - 3 * MINUTE, 26),
        ("2026-11-01T02:00", 25 * PER_HOUR, 26),
        ("2026-11-01T02:00", 30 * PER_HOUR, 45),
        ("2026-09-01T23:50", 7 * 24 * PER_HOUR + 10 * MINUTE, 253),
    ],
)
def test_where_the_hour_moves_on_no_schedule_is_told_but_an_age(begin: str, step: int, age: int) -> None:
    starts = [at(begin) + number * step for number in range(9)]
    assert rhythm(starts, "UTC") == Rhythm(age=age * PER_HOUR)


@given(starts=st.lists(st.integers(at("2025-01-01T00:00"), at("2026-01-01T00:00")), max_size=30))
def test_any_runs_are_read(starts: list[int]) -> None:
    found = rhythm(starts, BERLIN)
    assert found is None or [bool(found.cron), bool(found.every), bool(found.age)].count(True) == 1
