"""Time zones: found by their names in any case, and cut just where their offset changes."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model import ticks, zones
from strategies import TIMES

NAMES = sorted(available_timezones())


def offset(zone: str, moment: int) -> int:
    local = datetime.fromtimestamp((moment - ticks.UNIX_EPOCH) // ticks.PER_SECOND, ZoneInfo(zone)).utcoffset()
    assert local is not None
    return local // timedelta(microseconds=1) * 10


@settings(deadline=None)
@given(zone=st.sampled_from(NAMES), since=TIMES, days=st.integers(0, 2000))
def test_stretches_are_the_whole_time_and_each_has_one_offset(zone: str, since: int, days: int) -> None:
    until = min(since + days * ticks.PER_DAY, ticks.YEAR_2200 - 1)
    found = zones.stretches(zone, since, until)
    assert (found[0].since, found[-1].until) == (since, until)
    for one, other in pairwise(found):
        assert one.until + 1 == other.since
        assert one.offset != other.offset
        # It changes at this very tick.
        assert (offset(zone, one.until), offset(zone, other.since)) == (one.offset, other.offset)
    begins = [stretch.since for stretch in found]
    for moment in (*range(since, until, 5 * ticks.PER_DAY), until):
        assert found[bisect_right(begins, moment) - 1].offset == offset(zone, moment)


def test_known_changes() -> None:
    year = ticks.from_iso("2026-01-01T00:00:00Z"), ticks.from_iso("2026-12-31T23:59:59Z")
    hour = zones.PER_HOUR
    assert [(ticks.to_iso(one.since, digits=0), one.offset) for one in zones.stretches("Europe/Berlin", *year)] == [
        ("2026-01-01T00:00:00Z", hour),
        ("2026-03-29T01:00:00Z", 2 * hour),
        ("2026-10-25T01:00:00Z", hour),
    ]
    assert [one.offset for one in zones.stretches("Australia/Lord_Howe", *year)] == [11 * hour, 10.5 * hour, 11 * hour]
    assert zones.stretches("UTC", *year) == [(*year, 0)]


@pytest.mark.parametrize("text", ["Europe/Berlin", "europe/berlin", "EUROPE/BERLIN"])
def test_names_are_matched_without_regard_to_case(text: str) -> None:
    assert zones.named(text) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin"),
        ("Berlin", "Berlin"),
        ("../../etc/passwd", "is no time zone"),
        ("/etc/localtime", "is no time zone"),
        ("Europe", "is no time zone"),
        ("right/UTC", "is no time zone"),  # counts leap seconds
        ("x" * 5000, "…"),
        ("\0", "is no time zone"),
    ],
)
def test_other_names_are_refused_with_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as refused:
        zones.named(text)
    assert hint in str(refused.value)
    assert len(str(refused.value)) < 200


def test_no_name_is_none() -> None:
    assert zones.named("") is None


@given(moment=TIMES, zone=st.sampled_from(NAMES))
def test_days_and_hours_are_named_as_datetimes_are(moment: int, zone: str) -> None:
    ahead = offset(zone, moment)
    local = (ticks.to_datetime(moment).astimezone(ZoneInfo(zone))).replace(minute=0, second=0, microsecond=0)
    assert zones.day_name((moment + ahead) // ticks.PER_DAY) == local.date().isoformat()
    assert zones.hour_name((moment + ahead) // zones.PER_HOUR, ahead) == local.isoformat()
    assert datetime(1, 1, 1, tzinfo=UTC).date().isoformat() == zones.day_name(0)
