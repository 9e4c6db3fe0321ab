"""Times in words: exactly the documented forms are read, and nothing is guessed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract.spoken_times import nearest, read

NOW = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - a Wednesday, on the clock of whoever types
FIRST, LAST = NOW.replace(year=2001), NOW.replace(year=2100)
DAYS = {
    "today": (2026, 11, 25),
    "yesterday": (2026, 11, 24),
    "last monday": (2026, 11, 23),
    "monday": (2026, 11, 23),
    "Thu": (2026, 11, 19),
    "last wednesday": (2026, 11, 18),
    "wednesday": (2026, 11, 18),
    "23 november": (2026, 11, 23),
    "nov 23": (2026, 11, 23),
    "1 December": (2025, 12, 1),
    "december 1, 2024": (2024, 12, 1),
    "29 feb 2024": (2024, 2, 29),
}
TIMES = {
    "now": NOW,
    "yesterday 22:00": NOW.replace(day=24, hour=22, minute=0),
    "yesterday at 6pm": NOW.replace(day=24, hour=18, minute=0),
    "last  Monday 06:30": NOW.replace(day=23, hour=6),
    "today 12am": NOW.replace(hour=0, minute=0),
    "23 nov 2025 18:00:05": NOW.replace(year=2025, day=23, hour=18, minute=0, second=5),
    "2 hours ago": NOW - timedelta(hours=2),
    "an hour ago": NOW - timedelta(hours=1),
    "90 minutes ago": NOW - timedelta(minutes=90),
    "1 week ago": NOW - timedelta(days=7),
    "2 months ago": NOW.replace(month=9),
}


@pytest.mark.parametrize("text", DAYS)
def test_day_in_words_is_that_day_or_the_last_one_of_its_name(text: str) -> None:
    found = read(text, NOW)
    assert found == date(*DAYS[text])
    assert not isinstance(found, datetime)


@pytest.mark.parametrize("text", TIMES)
def test_time_in_words_is_that_moment(text: str) -> None:
    assert read(text, NOW) == TIMES[text]


GUESSES = ["1", "10", "may", "29.11.2026", "03/04/2026", "18:00", "yesterday 25:00", "yesterday 13pm", "tomorrow"]
OTHERS = ["", "foo", "last", "last foo", "yesterday foo", "in 2 hours", "gestern", "32 november", "ago", "last night"]


@pytest.mark.parametrize("text", [*GUESSES, *OTHERS])
def test_text_of_no_documented_form_is_not_guessed(text: str) -> None:
    assert read(text, NOW) is None


def test_day_that_the_calendar_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="'31 november' is no day of the calendar"):
        read("31 november", NOW)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yesteday", "yesterday"),
        ("last mondy 18:00", "last monday 18:00"),
        ("2 huors ago", "2 hours ago"),
        ("foo", ""),
    ],
)
def test_misspelled_word_is_set_right_if_that_gives_a_form(typed: str, meant: str) -> None:
    assert nearest(typed) == meant


@given(now=st.datetimes(FIRST, LAST), days=st.integers(1, 7))
def test_weekday_is_one_of_the_seven_days_before_today(now: datetime, days: int) -> None:
    day = (now - timedelta(days=days)).date()
    assert read(f"{day:%A}", now) == day


@given(now=st.datetimes(FIRST, LAST), days=st.integers(1, 364))
def test_day_without_a_year_is_the_last_one(now: datetime, days: int) -> None:
    day = (now - timedelta(days=days)).date()
    if (day.month, day.day) != (2, 29):
        assert read(f"{day.day} {day:%B}", now) == day
