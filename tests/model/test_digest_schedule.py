"""When digests are due: at the local time, once a day, whatever the clocks do."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.digest_schedule import Schedule
from jobreport.model.nights import NightHours

BERLIN = NightHours("Europe/Berlin", 7 * 60)
DAILY = Schedule(at=BERLIN)
moments = st.integers(ticks.from_iso("2001-01-01T00:00:00Z"), ticks.from_iso("2099-01-01T00:00:00Z"))
schedules = st.builds(
    Schedule,
    at=st.builds(NightHours, st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]), st.integers(0, 1439)),
    weekday=st.none() | st.integers(0, 6),
    day=st.none(),
) | st.builds(
    Schedule,
    at=st.builds(NightHours, st.just("Pacific/Apia"), st.integers(0, 1439)),
    weekday=st.none(),
    day=st.integers(1, 28),
)


def iso(moment: int) -> str:
    return ticks.to_iso(moment, digits=0)


@pytest.mark.parametrize(
    ("schedule", "now", "last", "following"),
    [
        (DAILY, "2026-11-23T06:00:00Z", "2026-11-23T06:00:00Z", "2026-11-24T06:00:00Z"),
        (DAILY, "2026-11-23T05:59:59Z", "2026-11-22T06:00:00Z", "2026-11-23T06:00:00Z"),
        (DAILY, "2026-03-29T12:00:00Z", "2026-03-29T05:00:00Z", "2026-03-30T05:00:00Z"),
        # The clocks skip 02:30: it is due when they do; and where it comes twice, at the first of the two.
        (
            Schedule(at=NightHours("Europe/Berlin", 150)),
            "2026-03-29T12:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z",
        ),
        (
            Schedule(at=NightHours("Europe/Berlin", 150)),
            "2026-10-25T12:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ),
        (Schedule(at=BERLIN, weekday=0), "2026-11-25T12:00:00Z", "2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z"),
        (Schedule(at=BERLIN, day=1), "2026-11-30T12:00:00Z", "2026-11-01T06:00:00Z", "2026-12-01T06:00:00Z"),
        (Schedule(at=BERLIN, day=28), "2026-03-01T00:00:00Z", "2026-02-28T06:00:00Z", "2026-03-28T06:00:00Z"),
    ],
)
def test_it_is_due_at_its_local_time(schedule: Schedule, now: str, last: str, following: str) -> None:
    at = ticks.from_iso(now)
    assert (iso(schedule.last(at)), iso(schedule.following(at))) == (last, following)


@given(schedules, moments)
def test_between_the_last_and_the_following_time_there_is_none(schedule: Schedule, now: int) -> None:
    last, following = schedule.last(now), schedule.following(now)
    assert last <= now < following
    assert schedule.last(following) == following
    assert schedule.last(following - 1) == last
    assert schedule.following(last) == following
    assert timedelta(microseconds=(following - last) / 10) <= timedelta(days=32)
