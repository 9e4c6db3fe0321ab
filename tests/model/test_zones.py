"""Time zones: found by their names in any case, and cut just where their offset changes."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model import ticks, zones
from strategies import TIMES

NAMES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})


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
        ("localtime", "is no time zone"),  # a file beside the zones: this machine's own
        ("LocalTime", "is no time zone"),
        ("posixrules", "is no time zone"),
        ("Factory", "is no time zone"),
        ("factory", "is no time zone"),
        ("posix/Europe/Berlin", "is no time zone"),
        ("Europe/../UTC", "is no time zone"),
        ("./UTC", "is no time zone"),
        ("tzdata.zi", "is no time zone"),
        ("CET-1CEST", "is no time zone"),  # a rule of POSIX
    ],
)
def test_other_names_are_refused_with_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as refused:
        zones.named(text)
    assert hint in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        ("UTC", "2024-01-01", "2024-01-01T00:00:00.0000000Z", "2024-01-01T23:59:59.9999999Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.0000000Z", "2026-03-29T21:59:59.9999999Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.0000000Z", "2026-10-25T22:59:59.9999999Z"),
        # Its clocks skipped midnight: the day began at one o'clock.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.0000000Z", "2018-11-05T01:59:59.9999999Z"),
        ("America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00.0000000Z", "2018-11-04T02:59:59.9999999Z"),
        # They went back from midnight to eleven: the last hour of the day was there twice.
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00.0000000Z", "2018-02-18T02:59:59.9999999Z"),
        # At one minute past midnight they went back: the day before ended twice.
        ("America/St_Johns", "2006-10-28", "2006-10-28T02:30:00.0000000Z", "2006-10-29T03:29:59.9999999Z"),
    ],
)
def test_a_day_begins_and_ends_as_the_clocks_of_its_zone_have_it(zone: str, day: str, begins: str, ends: str) -> None:
    found = zones.day_start(zone, date.fromisoformat(day)), zones.day_end(zone, date.fromisoformat(day))
    assert tuple(map(ticks.to_iso, found)) == (begins, ends)


@given(zone=st.sampled_from(NAMES), day=st.dates(date(1971, 1, 1), date(2198, 12, 31)))
def test_a_day_has_every_tick_that_bears_its_date_at_its_ends(zone: str, day: date) -> None:
    begins, ends = zones.day_start(zone, day), zones.day_end(zone, day)
    if ends < begins:
        return  # a day that a zone left out, on the other side of the date line
    for moment, other in ((begins, begins - 1), (ends, ends + 1)):
        assert (moment + offset(zone, moment)) // ticks.PER_DAY == day.toordinal() - 1
        assert (other + offset(zone, other)) // ticks.PER_DAY != day.toordinal() - 1


def test_no_name_is_none() -> None:
    assert zones.named("") is None


@given(moment=TIMES, zone=st.sampled_from(NAMES))
def test_days_and_hours_are_named_as_datetimes_are(moment: int, zone: str) -> None:
    ahead = offset(zone, moment)
    local = (ticks.to_datetime(moment).astimezone(ZoneInfo(zone))).replace(minute=0, second=0, microsecond=0)
    assert zones.day_name((moment + ahead) // ticks.PER_DAY) == local.date().isoformat()
    assert zones.hour_name((moment + ahead) // zones.PER_HOUR, ahead) == local.isoformat()
    assert datetime(1, 1, 1, tzinfo=UTC).date().isoformat() == zones.day_name(0)
