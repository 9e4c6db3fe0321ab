"""Each due time is settled once, by a run or as one that did not start; time without a listener does not count."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.due_times import (
    EARLY,
    SPOOLED,
    Missed,
    Outage,
    deadline,
    hours_off,
    outcomes,
    settle,
    too_old_after,
)
from jobreport.model.usual import Run

HOUR: Final = 3600 * ticks.PER_SECOND
DAY: Final = 24 * HOUR
GRACE: Final = HOUR
FIRST: Final = 700_000 * DAY


def daily(after: int) -> int:
    """The first midnight after a time."""
    return (after // DAY + 1) * DAY


def run(start: int) -> Run:
    return Run(f"FB{start}", 2, start, start + 1, 0, 0)


NIGHTS: Final = st.sets(st.integers(0, 9))
OFFSETS: Final = st.integers(-EARLY, DAY - EARLY - 1)


@given(nights=NIGHTS, offset=OFFSETS, days=st.integers(1, 10))
def test_a_due_time_has_a_run_or_is_missed_and_never_both(nights: set[int], offset: int, days: int) -> None:
    runs = [run(FIRST + night * DAY + offset) for night in sorted(nights)]
    now = FIRST + days * DAY
    seen = [one for one in runs if one.start <= now]
    found = settle(FIRST, daily, seen, GRACE, now=now)
    missed = {(one.due - FIRST) // DAY for one in found.missed}
    ran = {night for night in nights if FIRST + night * DAY + offset <= now}
    assert missed == {night for night in range(days) if night not in ran}
    assert found.due > now - GRACE - DAY


@given(nights=NIGHTS, offset=OFFSETS)
def test_to_settle_step_by_step_is_to_settle_at_once_and_what_comes_late_is_found(
    nights: set[int], offset: int
) -> None:
    late = [run(FIRST + night * DAY + offset) for night in sorted(nights)]
    due, missed = FIRST, list[Missed]()
    for hour in range(0, 11 * 24, 5):
        found = settle(due, daily, [], GRACE, now=FIRST + hour * HOUR)
        due, missed = found.due, [*missed, *found.missed]
    assert missed == [*settle(FIRST, daily, [], GRACE, now=FIRST + (11 * 24 - 1) // 5 * 5 * HOUR).missed]
    came = {(one.missed.due - FIRST) // DAY for one in outcomes(missed, late, GRACE, None)}
    assert came == nights & {(one.due - FIRST) // DAY for one in missed}


@given(begins=st.integers(-3 * 24, 48), hours=st.integers(1, 100), due=st.integers(0, 2))
def test_a_deadline_moves_on_by_the_time_in_which_nobody_listened(begins: int, hours: int, due: int) -> None:
    at = FIRST + due * DAY
    away = Outage(FIRST + begins * HOUR, FIRST + (begins + hours) * HOUR)
    until = deadline(at, GRACE, [away], daily)
    listened = until - at - max(0, min(away.ends, until) - max(away.begins, at))
    assert listened >= GRACE
    touched = away.begins < at + GRACE and away.ends > at
    assert until == at + GRACE or touched
    # What waits on a sender's disk comes with its next run.
    assert not touched or until >= min(daily(away.ends - 1) + GRACE, away.ends + SPOOLED)
    assert until <= max(at + GRACE, away.ends + SPOOLED + GRACE)


def test_a_server_that_was_off_across_many_due_times_finds_none_missed() -> None:
    away = Outage(FIRST - HOUR, FIRST + 200 * DAY - 2 * HOUR)
    found = settle(FIRST, daily, [], GRACE, now=away.ends + HOUR, outages=[away])
    assert (found.missed, found.due) == ((), FIRST)


def test_a_short_restart_moves_on_by_itself_alone() -> None:
    away = Outage(FIRST + 10, FIRST + 10 + 20 * ticks.PER_SECOND)
    assert deadline(FIRST, GRACE, [away], daily) == FIRST + GRACE + 20 * ticks.PER_SECOND
    assert too_old_after(FIRST, DAY, [away]) == FIRST + DAY + 20 * ticks.PER_SECOND


def test_nothing_is_known_before_the_connector_has_read_so_far() -> None:
    now = FIRST + 3 * HOUR
    waits = settle(FIRST, daily, [], GRACE, now=now, read=FIRST)
    assert (waits.waits, waits.missed) == (True, ())
    (unknown,) = settle(FIRST, daily, [], GRACE, now=now, read=FIRST, no_data=True).missed
    assert not unknown.known
    (heard,) = outcomes([unknown], [], GRACE, now)
    assert heard.run is None
    (known,) = settle(FIRST, daily, [], GRACE, now=now, read=now).missed
    assert known.known


def test_what_repeats_is_due_so_long_after_the_last_run() -> None:
    def steps(after: int) -> int:
        return after + 4 * HOUR

    found = settle(FIRST, steps, [run(FIRST + HOUR)], GRACE, now=FIRST + 5 * HOUR, repeats=4 * HOUR)
    assert (found.due, found.missed) == (FIRST + 5 * HOUR, ())
    late = settle(FIRST, steps, [run(FIRST + HOUR)], GRACE, now=FIRST + 7 * HOUR, repeats=4 * HOUR)
    assert [one.due for one in late.missed] == [FIRST + 5 * HOUR]


@given(st.integers(-13, 13), st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_runs_that_are_off_by_the_same_hours_are_found(hours: int, minutes: list[int]) -> None:
    runs = [run(FIRST + day * DAY + hours * HOUR + minute * HOUR // 60) for day, minute in enumerate(minutes)]
    found = hours_off(runs, daily)
    assert found in (hours, hours - 24, hours + 24)
    assert (found == 0) == (hours == 0)
    assert hours_off(runs[:2], daily) == 0
