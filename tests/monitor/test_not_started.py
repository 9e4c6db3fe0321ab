"""A run that did not start is shown as one: in the line of its series, and as an outline in its nights."""

from datetime import date, timedelta

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.judgement import Judgement, Verdict
from jobreport.model.nights import NightHours
from jobreport.model.series import SeriesStatus
from jobreport.model.series_query import Series
from jobreport.monitor.views.rows import state_of
from jobreport.monitor.views.strips import strip_of
from jobreport.watch.series_now import SeriesNow

DAY = ticks.PER_DAY
NIGHTS = [date(2026, 11, 20) + timedelta(number) for number in range(3)]


def judged(verdict: Verdict) -> SeriesNow:
    status = SeriesStatus(jobs=3, ended_id="one", ended_state=int(JobState.Failed), not_good=1)
    series = Series(
        number=1,
        key="",
        service=ServiceType.FileShare,
        type=JobType.FileBackup,
        plan="nightly",
        resource="",
        origin="",
        status=status,
    )
    return SeriesNow(series, Judgement(verdict, "said"))


def test_the_line_of_a_series_says_that_it_did_not_start() -> None:
    assert state_of(judged(Verdict.MISSED)) == ("not-started", "Did not start")
    assert state_of(judged(Verdict.FAILING)) == ("failed", "Failed")
    assert state_of(judged(Verdict.OVERLONG)) == ("exceptions", "Takes too long")
    assert state_of(judged(Verdict.NO_DATA)) == ("no-data", "No data")


def test_a_night_in_which_a_run_did_not_start_is_an_outline_unless_another_failed() -> None:
    hours = NightHours("Europe/Berlin")
    ends = [nights.begin(hours, day) + 8 * DAY // 24 for day in NIGHTS]
    states = [(ends[0], JobState.Successful), (ends[1], JobState.NotStarted)]
    assert [bar.kind for bar in strip_of(hours, NIGHTS, states)] == ["good", "not-started", "none"]
    worse = [*states, (ends[1], JobState.Failed)]
    assert [bar.kind for bar in strip_of(hours, NIGHTS, worse)] == ["good", "failed", "none"]
