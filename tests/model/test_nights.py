"""Nights of tenants: they tile the time in every zone, and each begins when its hour is first shown, or skipped."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model import nights, ticks
from jobreport.model.nights import NightHours

NAMES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
HOURS = st.builds(NightHours, st.sampled_from(NAMES), st.integers(0, nights.MINUTES_A_DAY - 1))
# Changes of the clocks come at these hours.
AT_CHANGES = st.builds(NightHours, st.sampled_from(NAMES), st.integers(0, 4 * 60))
DAYS = st.dates(date(1970, 1, 3), date(2199, 12, 20))
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Africa/Monrovia", date(1972, 1, 7)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
]
NEAR_CHANGES = st.builds(
    lambda change, minute, days: (NightHours(change[0], minute), change[1] + timedelta(days)),
    st.sampled_from(CHANGES),
    st.integers(0, nights.MINUTES_A_DAY - 1) | st.integers(0, 4 * 60),
    st.integers(-2, 2),
)
NIGHTS = st.tuples(HOURS | AT_CHANGES, DAYS) | NEAR_CHANGES
MINUTE = 60 * ticks.PER_SECOND


def first_shown(hours: NightHours, day: date) -> int:
    """The first minute at which the clocks show the day and the hour or a later time, found by trying each."""
    zone = ZoneInfo(hours.zone)
    shown = datetime.combine(day, time(hours.minute // 60, hours.minute % 60))
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=27)
    while moment.astimezone(zone).replace(tzinfo=None) < shown:
        moment += timedelta(minutes=1)
    return ticks.from_datetime(moment)


@settings(deadline=None)
@given(NIGHTS)
def test_nights_follow_each_other_without_gap_or_overlap(night: tuple[NightHours, date]) -> None:
    hours, day = night
    found = [nights.bounds(hours, day + timedelta(number)) for number in range(5)]
    for one, other in pairwise(found):
        assert one[1] + 1 == other[0]
        assert one[0] <= one[1] + 1  # it may be empty, where the zone skipped the day


@settings(deadline=None)
@given(NIGHTS, st.integers(-26 * 60, 26 * 60), st.sampled_from([-1, 0, 1]))
def test_each_moment_is_in_the_night_that_has_it(night: tuple[NightHours, date], minutes: int, beside: int) -> None:
    hours, day = night
    moment = nights.begin(hours, day) + minutes * MINUTE + beside
    first, last = nights.bounds(hours, nights.night_of(hours, moment))
    assert first <= moment <= last


@settings(deadline=None, max_examples=40)
@given(NEAR_CHANGES | st.tuples(HOURS, st.dates(date(1990, 1, 1), date(2037, 1, 1))))
def test_a_night_begins_when_its_time_is_first_shown_or_skipped(night: tuple[NightHours, date]) -> None:
    assert abs(first_shown(*night) - nights.begin(*night)) < MINUTE  # Monrovia's offset had seconds


@settings(deadline=None)
@given(NIGHTS, st.integers(0, 400), st.integers(0, 47))
def test_stretches_give_the_night_by_adding(night: tuple[NightHours, date], days: int, halves: int) -> None:
    hours, day = night
    since = nights.begin(hours, day) + halves * 30 * MINUTE
    until = min(since + days * ticks.PER_DAY, ticks.YEAR_2200 - 1)
    found = nights.stretches(hours, since, until)
    assert (found[0].since, found[-1].until) == (since, until)
    for one, other in pairwise(found):
        assert one.until + 1 == other.since
    begins = [stretch.since for stretch in found]
    edges = [moment for one in found for moment in (one.since, one.until)]
    for moment in (*range(since, until, 20 * 30 * MINUTE + 7), *edges):
        offset = found[bisect_right(begins, moment) - 1].offset
        assert date.fromordinal((moment + offset) // ticks.PER_DAY + 1) == nights.night_of(hours, moment)


@pytest.mark.parametrize(
    ("zone", "at", "day", "begins", "hours"),
    [
        ("UTC", "18:00", "2026-11-27", "2026-11-27T18:00:00Z", 24),
        ("Europe/Berlin", "18:00", "2026-11-27", "2026-11-27T17:00:00Z", 24),
        ("Europe/Berlin", "18:00", "2026-03-28", "2026-03-28T17:00:00Z", 23),
        ("Europe/Berlin", "18:00", "2026-10-24", "2026-10-24T16:00:00Z", 25),
        # 02:30 does not come: the night begins when the clocks skip it, and the one before is half an hour shorter.
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:00:00Z", 23.5),
        ("Europe/Berlin", "02:30", "2026-03-28", "2026-03-28T01:30:00Z", 23.5),
        # 02:30 comes twice: the night begins at the first of the two.
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30:00Z", 25),
        ("Europe/Berlin", "02:30", "2026-10-24", "2026-10-24T00:30:00Z", 24),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "18:00", "2011-12-29", "2011-12-30T04:00:00Z", 6),
        ("Pacific/Apia", "18:00", "2011-12-30", "2011-12-30T10:00:00Z", 18),
        ("Pacific/Apia", "00:00", "2011-12-30", "2011-12-30T10:00:00Z", 0),
    ],
)
def test_known_nights(zone: str, at: str, day: str, begins: str, hours: float) -> None:
    first, last = nights.bounds(NightHours(zone, nights.minute_of(at)), date.fromisoformat(day))
    assert ticks.to_iso(first, digits=0) == begins
    assert (last + 1 - first) / (60 * MINUTE) == hours


def test_the_last_night_began_yesterday() -> None:
    berlin = NightHours("Europe/Berlin")
    for now, day in (
        ("2026-11-28T07:00:00Z", "2026-11-27"),  # the morning after
        ("2026-11-28T22:59:59Z", "2026-11-27"),
        ("2026-11-28T23:00:00Z", "2026-11-28"),  # past midnight in Berlin: it still runs
    ):
        assert nights.last_night(berlin, ticks.from_iso(now)).isoformat() == day


@pytest.mark.parametrize(("text", "minute"), [("18:00", 1080), ("0:00", 0), ("00:05", 5), ("23:59", 1439)])
def test_times_of_day(text: str, minute: int) -> None:
    assert nights.minute_of(text) == minute
    assert nights.minute_of(NightHours(minute=minute).time) == minute


@pytest.mark.parametrize(
    "text", ["", "18", "24:00", "18:60", "6pm", "18:00:00", " 18:00", "\N{ARABIC-INDIC DIGIT ONE}8:00"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="such as 18:00"):
        nights.minute_of(text)
