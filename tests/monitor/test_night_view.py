"""The page of a night: every job has its place on the line of time, and each series its change since a week ago."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobreport.contract.job_row import JobRow
from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.nights import NightHours
from jobreport.model.series import GOOD, GOOD_TOO
from jobreport.monitor.links import go_from
from jobreport.monitor.texts import Times
from jobreport.monitor.views.night import NightView, night_view, week_before
from jobreport.monitor.views.night_lines import WIDTH, Key

BERLIN = NightHours("Europe/Berlin", 18 * 60)
FRIDAY = date(2026, 11, 20)
NOW = ticks.from_iso("2026-11-23T06:58:12Z")
MINUTE = 60 * ticks.PER_SECOND
GO = go_from("", "acme")


def row(job_id: str, state: JobState, start: int, finish: int, plan: str = "nightly", **fields: Any) -> JobRow:
    values: dict[str, Any] = dict.fromkeys(JobRow._fields, 0) | dict.fromkeys(
        ("comments", "description", "resource", "origin", "cause", "cause_text", "reference", "sees"), ""
    )
    values |= {"job_id": job_id, "service": int(ServiceType.VM), "type": int(JobType.Backup), "state": int(state)}
    return JobRow(**values | {"start": start, "finish": finish, "plan": plan, **fields})


def at(text: str) -> int:
    return ticks.from_iso(f"2026-11-{text}:00Z")


def seen(
    jobs: list[JobRow],
    before: list[JobRow] | None = None,
    day: date = FRIDAY,
    now: int = NOW,
    good: frozenset[JobState] = GOOD,
) -> NightView:
    return night_view(BERLIN, good, day, jobs, len(jobs), before or [], Times(BERLIN.zone, now), GO)


def test_a_job_lies_where_it_ran() -> None:
    (line,) = seen([row("a", JobState.Successful, at("20T17:00"), at("21T05:00"))]).lines
    (piece,) = line.pieces
    assert (piece.x, piece.width, piece.kind) == (0, WIDTH // 2, "good")
    assert (piece.name, piece.address) == ("18:00 to 06:00, 12 h", "/jobs/a?tenant=acme")


def test_a_job_that_began_before_the_night_begins_with_it() -> None:
    (line,) = seen([row("a", JobState.Failed, at("20T01:00"), at("20T20:00"))]).lines
    assert (line.pieces[0].x, line.pieces[0].width) == (0, WIDTH // 8)
    assert (line.times, line.took) == ("02:00 to 21:00", "19 h")


def test_jobs_of_a_series_share_a_line_that_is_as_bad_as_the_worst() -> None:
    jobs = [
        row("a", JobState.Successful, at("20T18:00"), at("20T18:10")),
        row("b", JobState.Failed, at("20T19:00"), at("20T19:10"), comments="no space left on the target"),
        row("d", JobState.Successful, at("20T20:00"), at("20T20:10"), plan="another"),
    ]
    failed, good = seen(jobs).lines
    assert ([piece.kind for piece in failed.pieces], failed.why) == (["good", "failed"], "no space left on the target")
    assert (failed.state, failed.address, good.state) == (JobState.Failed, "/jobs/b?tenant=acme", JobState.Successful)


def test_what_failed_and_was_good_later_in_the_night_has_recovered() -> None:
    jobs = [
        row("a", JobState.Failed, at("20T19:00"), at("20T19:10"), comments="no space left on the target"),
        row("b", JobState.Successful, at("20T20:00"), at("20T20:10")),
    ]
    view = seen(jobs)
    (line,) = view.lines
    assert (line.state, line.is_bad, line.address) == (JobState.Successful, False, "/jobs/b?tenant=acme")
    assert (str(line.change), line.why) == ("failed and good again", "failed 20:10: no space left on the target")
    assert (view.mood, view.sentence) == ("good", "The only series was good in this night, at a second try")
    later = seen([*jobs, row("c", JobState.Failed, at("20T21:00"), at("20T21:10"))])
    assert (later.lines[0].is_bad, later.mood) == (True, "bad")


def test_what_failed_before_the_night_began_is_not_newly_not_good() -> None:
    jobs = [row(plan, JobState.Failed, at("20T20:00"), at("20T20:10"), plan=plan) for plan in ("old", "new")]
    before = [row(plan, JobState.Successful, at("13T20:00"), at("13T20:10"), plan=plan) for plan in ("old", "new")]
    failing = {Key("old", "", int(ServiceType.VM), int(JobType.Backup), "")}
    view = night_view(BERLIN, GOOD, FRIDAY, jobs, 2, before, Times(BERLIN.zone, NOW), GO, failing=failing)
    assert [(group.name, [line.name for line in group.lines]) for group in view.groups] == [
        ("newly-not-good", ["new"]),
        ("still-not-good", ["old"]),
    ]


def test_only_many_series_that_need_no_look_are_folded() -> None:
    night, week_ago = (at("20T20:00"), at("20T20:10")), (at("13T20:00"), at("13T20:10"))
    for number, folded in ((50, False), (51, True)):
        plans = [str(plan) for plan in range(number)]
        same = [row(plan, JobState.Successful, *night, plan=plan) for plan in plans]
        bad = [row(f"bad {plan}", JobState.Failed, *night, plan=f"bad {plan}") for plan in plans]
        before = [row(plan, JobState.Successful, *week_ago, plan=plan) for plan in plans]
        groups = seen([*same, *bad], before).groups
        assert [(group.name, group.is_long) for group in groups] == [
            ("newly-not-good", False),
            ("as-a-week-ago", folded),
        ]


def test_each_series_is_compared_with_the_same_night_a_week_ago() -> None:
    night, week_ago = (at("20T20:00"), at("20T20:10")), (at("13T20:00"), at("13T20:10"))
    good, bad = JobState.Successful, JobState.Exception
    pairs = {"still good": (good, good), "still bad": (bad, bad), "worse": (bad, good), "better": (good, bad)}
    jobs = [row(plan, now, *night, plan=plan) for plan, (now, _) in pairs.items()]
    before = [row(plan, then, *week_ago, plan=plan) for plan, (_, then) in pairs.items()]
    view = seen(
        [*jobs, row("x", good, *night, plan="first time")], [*before, row("y", bad, *week_ago, plan="not any more")]
    )
    assert {line.name: str(line.change) for line in view.lines} == {
        "still good": "as a week ago",
        "still bad": "still not good",
        "worse": "newly not good",
        "better": "recovered",
        "first time": "new",
    }
    assert view.gone == ("not any more",)
    assert [group.name for group in view.groups] == [
        "newly-not-good",
        "still-not-good",
        "recovered",
        "new",
        "as-a-week-ago",
    ]
    assert (view.not_good, view.mood) == (2, "bad")


def test_only_what_was_successful_makes_a_night_good() -> None:
    night = at("20T20:00"), at("20T20:10")
    good = row("a", JobState.Successful, *night, plan="good")
    other = row("b", JobState.Successful, *night, plan="good too")
    skipped = row("c", JobState.Skipped, *night, plan="skipped")
    runs = row("d", JobState.InProgress, at("20T20:00"), 0, plan="runs")
    failed = row("e", JobState.Failed, *night, plan="failed")
    for jobs, mood, sentence in (
        ([], "none", "Nothing ran in this night"),
        ([good], "good", "The only series was good in this night"),
        ([good, other], "good", "All 2 series were good in this night"),
        ([runs], "none", "0 of 1 series were good in this night: 1 running"),
        ([good, runs, skipped], "none", "1 of 3 series was good in this night: 1 running, 1 skipped"),
        ([good, runs, failed], "bad", "1 of 3 series was not good in this night"),
    ):
        view = seen(jobs, now=at("20T21:00"))
        assert (view.mood, view.sentence) == (mood, sentence)


def test_exceptions_are_good_for_who_takes_them_for_good() -> None:
    night, week_ago = (at("20T20:00"), at("20T20:10")), (at("13T20:00"), at("13T20:10"))
    jobs = [row("a", JobState.Exception, *night)]
    before = [row("b", JobState.Failed, *week_ago)]
    strict, lenient = seen(jobs, before), seen(jobs, before, good=GOOD_TOO)
    assert (strict.mood, strict.sentence) == ("bad", "1 of 1 series was not good in this night")
    assert [group.name for group in strict.groups] == ["still-not-good"]
    assert (lenient.mood, lenient.sentence) == ("good", "The only series was good in this night")
    assert [group.name for group in lenient.groups] == ["recovered"]


def test_what_ran_later_a_week_ago_is_not_gone_while_the_night_goes_on() -> None:
    before = [row("a", JobState.Successful, at("13T20:00"), at("13T20:10"))]
    assert seen([], before, now=at("20T20:05")).gone == ()
    assert seen([], before, now=at("20T20:10")).gone == ("nightly",)


def test_what_runs_goes_up_to_now() -> None:
    now = at("21T05:00")
    view = seen([row("a", JobState.InProgress, at("20T23:00"), 0)], now=now)
    assert view.now == WIDTH // 2
    assert view.lines[0].pieces[0].name == "00:00 to now, 6 h"
    assert view.lines[0].pieces[0].x + view.lines[0].pieces[0].width == WIDTH // 2
    assert seen([]).now is None
    assert seen([]).mood == "none"


def test_what_is_due_has_its_place_and_is_bad_once_its_time_has_come() -> None:
    good = row("a", JobState.Successful, at("20T20:00"), at("20T20:10"), plan="good")
    due = row("b", JobState.NotStarted, at("20T23:00"), 0, plan="due")
    waits = row("c", JobState.Waiting, at("20T20:30"), 0, plan="waits")
    for now, names, mood, sentence in (
        ("20T21:00", ["waits", "good", "due"], "none", "1 of 2 series was good in this night: 1 waiting"),
        ("20T23:10", ["waits", "good", "due"], "none", "1 of 2 series was good in this night: 1 waiting"),
        ("20T23:30", ["due", "waits", "good"], "bad", "1 of 3 series was not good in this night"),
    ):
        view = night_view(BERLIN, GOOD, FRIDAY, [good, due, waits], 1, [], Times(BERLIN.zone, at(now)), GO)
        assert ([line.name for line in view.lines], view.mood, view.sentence) == (names, mood, sentence)
        assert (view.jobs, view.shown, view.due) == (1, 1, 2)
        line = next(line for line in view.lines if line.name == "due")
        assert (line.times, line.took) == ("due 00:00", "")
        (piece,) = line.pieces
        assert (piece.x, piece.kind, piece.name) == (WIDTH // 4, "not-started", "due 00:00")


@given(
    st.dates(date(2026, 3, 20), date(2026, 11, 10)),
    st.lists(st.tuples(st.sampled_from(JobState), st.integers(-3000, 3000), st.integers(0, 3000)), max_size=8),
)
def test_nothing_is_drawn_outside_of_the_line_and_no_job_is_lost(
    day: date, several: list[tuple[JobState, int, int]]
) -> None:
    begin = nights.begin(BERLIN, day)
    jobs = [
        row(str(place), state, begin + after * MINUTE, begin + (after + took) * MINUTE if state.finished else 0)
        for place, (state, after, took) in enumerate(several)
    ]
    view = seen(jobs, day=day)
    pieces = [piece for line in view.lines for piece in line.pieces]
    assert len(pieces) == len(jobs)
    assert all(piece.x >= 0 and piece.width > 0 and piece.x + piece.width <= WIDTH for piece in pieces)
    hours = (nights.begin(BERLIN, day + timedelta(1)) - begin) / (3600 * ticks.PER_SECOND)
    assert [mark.x for mark in view.marks] == [
        round(hour * WIDTH / hours) for hour in range(0, 24, 3) if hour < hours
    ] + ([round(24 * WIDTH / hours)] if hours > 24 else [])
    assert week_before(day) == day - timedelta(7)
