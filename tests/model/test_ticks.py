"""Times: ticks to and from datetimes and ISO 8601, and what a number in another unit looks like."""

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks

PUBLISHED = [
    (621_355_968_000_000_000, "1970-01-01T00:00:00.0000000Z"),
    (638_527_680_000_000_000, "2024-05-31T16:00:00.0000000Z"),
    (638_599_392_481_859_693, "2024-08-22T16:00:48.1859693Z"),
    (638_599_398_999_332_487, "2024-08-22T16:11:39.9332487Z"),
    (3_155_378_975_999_999_999, "9999-12-31T23:59:59.9999999Z"),
]
NOON = ticks.from_iso("2026-11-23T12:00:00Z")


@pytest.mark.parametrize(("number", "iso"), PUBLISHED)
def test_a_published_time_reads_and_writes_to_the_full_100_nanoseconds(number: int, iso: str) -> None:
    assert ticks.from_iso(iso) == number
    assert ticks.to_iso(number) == iso


def test_the_limits_are_the_years_1970_2200_and_9999() -> None:
    assert ticks.to_iso(ticks.UNIX_EPOCH, digits=0) == "1970-01-01T00:00:00Z"
    assert ticks.to_iso(ticks.YEAR_2200, digits=0) == "2200-01-01T00:00:00Z"
    assert ticks.to_iso(ticks.YEAR_9999, digits=0) == "9999-01-01T00:00:00Z"


@given(st.integers(0, 3_155_378_975_999_999_999))
def test_every_tick_of_the_years_1_to_9999_survives_iso(number: int) -> None:
    assert ticks.from_iso(ticks.to_iso(number)) == number


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_datetime_survives_ticks(moment: datetime) -> None:
    assert ticks.to_datetime(ticks.from_datetime(moment)) == moment


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        ticks.from_datetime(datetime(2026, 11, 23))  # noqa: DTZ001 - without a zone, as it must not be


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00z",
        "2026-11-23t12:00:00z",
        "2026-11-23 12:00:00Z",
        "2026-11-23T12:00Z",
        "2026-11-23T12Z",
        "20261123T120000Z",
        "2026-11-23T12:00:00+00:00",
        "2026-11-23T13:00:00+01:00",
        "2026-11-23T13:00:00+0100",
        "2026-11-23T13:00:00+01",
        "2026-11-23T06:30:00-05:30",
        "2026-11-24T02:00:00+14:00",
        "2026-W48-1T12:00:00Z",
        "2026-11-23T12:00:00.0000000Z",
        "2026-11-23T12:00:00,0Z",
    ],
)
def test_one_moment_has_many_spellings(text: str) -> None:
    assert ticks.from_iso(text) == NOON


@pytest.mark.parametrize(
    ("fraction", "added"),
    [("1", 1_000_000), ("0000001", 1), ("1234567", 1_234_567), ("12345678999", 1_234_567), ("999999", 9_999_990)],
)
@pytest.mark.parametrize("form", ["2026-11-23T12:00:00.{}Z", "20261123T120000,{}z", "2026-11-23T13:00:00.{}+01:00"])
def test_a_fraction_counts_to_its_seventh_digit_and_is_cut_there(form: str, fraction: str, added: int) -> None:
    assert ticks.from_iso(form.format(fraction)) == NOON + added


@pytest.mark.parametrize("text", ["2026-11-23", "20261123", "2026-W48-1", "2026W481", "2026-327"])
def test_a_date_alone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="date alone"):
        ticks.from_iso(text)


@pytest.mark.parametrize("text", ["29.11.2026 08:00", "29.11.2026", "noon, or so", "1.5"])
def test_a_time_in_another_form_is_answered_by_the_right_one(text: str) -> None:
    with pytest.raises(ValueError, match="no ISO 8601 time, such as 2026-11-23T08:00:00Z"):
        ticks.from_iso(text)


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00", "2026-11-23T12:00:00.5", "2026-11-23T12", "2026-W48-1T12:00"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no zone"):
        ticks.from_iso(text)


@pytest.mark.parametrize("text", ["2026-11-23T12:30.5Z", "2026-11-23T12.5Z", "2026-11-23T12:00:00+01:00:00.5"])
def test_a_fraction_of_anything_but_a_second_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="fraction of the second only"):
        ticks.from_iso(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-11",
        "2026-11-23T",
        "2026-11-31T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T12:60:00Z",
        "2026-11-23T12:00:00ZZ",
        "2026-11-23T12:00:00.Z",
        "2026-11-23T12:00:00+25:00",
        "2026-W54-1T12:00:00Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-11-23T12:00:00Z",
        "2026-11-23T12:00:00.٣Z",
        "638599392481859693",
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"ISO 8601|fraction of the second"):
        ticks.from_iso(text)


def test_a_leap_second_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        ticks.from_iso("2016-12-31T23:59:60Z")


def test_midnight_as_24_hours_is_the_next_day_or_refused_as_the_library_has_it() -> None:
    if sys.version_info >= (3, 14):
        assert ticks.from_iso("2026-11-23T24:00:00Z") == ticks.from_iso("2026-11-24T00:00:00Z")
    else:
        with pytest.raises(ValueError, match="ISO 8601"):
            ticks.from_iso("2026-11-23T24:00:00Z")


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_a_value_error(text: str) -> None:
    try:
        found = ticks.from_iso(text)
    except ValueError:
        return
    assert isinstance(found, int)


def test_iso_shows_as_many_digits_as_asked_and_never_rounds_up() -> None:
    last = ticks.from_iso("2026-11-23T23:59:59.9999999Z")
    assert ticks.to_iso(last, digits=0) == "2026-11-23T23:59:59Z"
    assert ticks.to_iso(last, digits=3) == "2026-11-23T23:59:59.999Z"


@pytest.mark.parametrize(
    ("start", "finish", "shown"),
    [
        ("2024-10-25T16:00:14Z", "2024-10-27T08:00:58Z", "1.16:00:44"),
        ("2024-10-02T05:41:45Z", "2024-10-02T18:44:11Z", "13:02:26"),
        ("2024-10-27T08:17:06.9Z", "2024-10-27T08:21:08.1Z", "00:04:01"),
        ("2024-10-27T08:00:00Z", "2024-10-27T08:00:00Z", "00:00:00"),
        ("2024-10-27T00:00:00Z", "2024-10-27T23:59:59.9999999Z", "23:59:59"),
        ("2024-10-27T00:00:00Z", "2024-10-28T00:00:00Z", "1.00:00:00"),
        ("2024-01-01T00:00:00Z", "2024-12-31T01:02:03Z", "365.01:02:03"),
    ],
)
def test_generation_2_gives_a_duration_cut_to_seconds_with_days_before_a_point(
    start: str, finish: str, shown: str
) -> None:
    assert ticks.duration(ticks.from_iso(start), ticks.from_iso(finish)) == shown


def test_a_duration_is_never_negative() -> None:
    assert ticks.duration(NOON, NOON - 1) == "00:00:00"


@pytest.mark.parametrize(
    ("unit", "per_second"),
    [("seconds", 1), ("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9)],
)
def test_a_unix_time_is_recognised_and_its_ticks_are_given(unit: str, per_second: int) -> None:
    unix = 1_795_435_200 * per_second  # 2026-11-23T12:00:00Z
    with pytest.raises(ValueError, match=f"Unix {unit}, which would be {NOON} in ticks"):
        ticks.check(unix)


@pytest.mark.parametrize("number", [-1, 0, 1, 700_000_000_000_000_000_000, 2**63 - 1, 10**30])
def test_a_number_that_is_no_time_in_any_unit_is_called_that(number: int) -> None:
    with pytest.raises(ValueError, match="outside the years 1970 to 2199"):
        ticks.check(number)


def test_times_are_taken_from_1970_up_to_but_not_including_2200() -> None:
    assert ticks.check(ticks.UNIX_EPOCH) == ticks.UNIX_EPOCH
    assert ticks.check(ticks.YEAR_2200 - 1) == ticks.YEAR_2200 - 1
    for number in (ticks.UNIX_EPOCH - 1, ticks.YEAR_2200):
        with pytest.raises(ValueError, match=r"must be \.NET ticks"):
            ticks.check(number)


def test_a_local_time_is_the_same_moment_in_the_zone_asked_for() -> None:
    shown = ticks.local(NOON, timezone(timedelta(hours=9)))
    assert shown.isoformat() == "2026-11-23T21:00:00+09:00"
