"""Random histories of a tenant's jobs, in four zones and across both changes of the clock."""

from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.nights import NightHours
from long import times

LAWS: Final = settings(
    max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
ZONES: Final = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland")
MOMENTS: Final = tuple(
    ticks.from_iso(text)
    # An ordinary Monday; after both changes of the clock in Europe, and after one in New Zealand; a Saturday.
    for text in (
        "2026-11-23T07:58:12Z",
        "2026-03-30T06:00:00Z",
        "2026-10-26T06:00:00Z",
        "2026-09-27T20:00:00Z",
        "2026-11-21T23:30:00Z",
    )
)
HOURS: Final = st.builds(NightHours, st.sampled_from(ZONES), st.sampled_from([18 * 60, 0, 2 * 60 + 30]))
HOUR: Final = 3600 * ticks.PER_SECOND
# Made once: each strategy that is made for a draw is also validated, for as long as the draw takes.
_IDS = st.text("abc", min_size=1, max_size=3)
_STATES = st.sampled_from(JobState)
_SERVICES = st.sampled_from([ServiceType.VM, ServiceType.SQLServer])
_DAYS, _HOURS = st.integers(0, 3) | st.integers(0, 40), st.integers(0, 23)
_LENGTHS = st.sampled_from([1, HOUR // 2, 5 * HOUR])
_PLANS = st.sampled_from(["", "nightly", "weekly"])
_RESOURCES = st.sampled_from(["", "web-1", "web-2"])
_COMMENTS = st.sampled_from(["", "no space left", "tape 7 is worn"])


@st.composite
def jobs(draw: st.DrawFn, now: int) -> Job:
    """A job of the last 40 days before `now`, of one of few series."""
    state = draw(_STATES)
    start = now - draw(_DAYS) * 24 * HOUR - draw(_HOURS) * HOUR
    took = min(draw(_LENGTHS), now - start)
    return Job(
        job_id=draw(_IDS),
        service=draw(_SERVICES),
        type=JobType.Backup,
        state=state,
        start=start,
        finish=start + took if state.finished else 0,
        observed=now,
        plan=draw(_PLANS),
        resource=draw(_RESOURCES),
        comments=draw(_COMMENTS) if state in NOT_GOOD else "",
    )


def histories(now: int) -> st.SearchStrategy[list[Job]]:
    """Deliveries of jobs: a job that is delivered again is corrected."""
    return st.lists(jobs(now), max_size=25)
