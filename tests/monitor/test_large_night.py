"""The page of a night with more jobs than can be drawn: exact numbers, and what was not good is always drawn."""

from datetime import timedelta

import pytest
from test_overview_view import BERLIN, MONDAY, job, new_tenant, record

from clocks import Clock
from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.monitor.links import go_from
from jobreport.monitor.pages import night
from jobreport.monitor.texts import Times
from jobreport.monitor.views.night import NightView, night_view
from jobreport.store import Store


@pytest.mark.parametrize(
    ("failed", "running", "sentence"),
    [
        (2, 0, "2 of 7 jobs were not good in this night"),
        (0, 0, "All 5 jobs were good in this night"),
        (0, 1, "5 of 6 jobs were good in this night"),
    ],
)
def test_a_night_that_is_too_large_is_told_by_its_jobs(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, failed: int, running: int, sentence: str
) -> None:
    clock.now = MONDAY
    monkeypatch.setattr(night, "MAX_JOBS", 3)
    tenant = new_tenant(store, BERLIN)
    good = [job(f"good {number}", 0.2 + number / 100) for number in range(5)]
    # They end last, so that they would not be among the first.
    bad = [job(f"bad {number}", 0.1, JobState.Failed) for number in range(failed)]
    runs = [job(f"runs {number}", 0.05, JobState.InProgress) for number in range(running)]
    record(store, tenant, [*good, *bad, *runs, job("good 0", 7.2)])
    day = nights.night_of(BERLIN, MONDAY)

    def view(clock_day: int = 0) -> NightView:
        found, before = night.gather(store, tenant, day - timedelta(clock_day))
        week_ago = None if before.large else before.rows
        times, go = Times(BERLIN.zone, MONDAY), go_from("", "acme")
        return night_view(
            BERLIN, tenant.good, day - timedelta(clock_day), found.rows, found.total, week_ago, times, go, found.large
        )

    seen = view()
    assert (seen.sentence, seen.jobs, seen.shown) == (sentence, 5 + failed + running, 3 + running)
    assert sum(line.state == JobState.Failed for line in seen.lines) == failed
    assert (seen.is_compared, seen.changed, seen.gone) == (False, [], ())
    assert view(7).is_compared
