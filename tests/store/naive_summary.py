"""Questions about groups of jobs, and what reading all jobs answers; the time zones by Python's own datetimes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from naive import FILTERS, MOMENTS, SERVICES, TYPES, cause_code, naive, some, varied_jobs

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import INT64_MAX, Job
from jobreport.model.nights import night_of
from jobreport.model.query import JobFilter, JobQuery
from jobreport.model.summary import TIMES, Key, More, SummaryQuery
from strategies import NOW

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "Europe/London",  # is UTC in winter
        "America/New_York",
        "America/St_Johns",  # half an hour beside
        "Asia/Kathmandu",  # a quarter
        "Australia/Lord_Howe",  # sets its clocks by half an hour
        "Pacific/Auckland",  # more than half a day ahead
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Africa/Monrovia",  # until 1972 in seconds
        "America/Sao_Paulo",  # set its clocks at midnight
    ]
)


def with_other_times(by: tuple[Key, ...]) -> bool:
    """Whether nights are asked for beside days or the like, which is refused."""
    return Key.NIGHT in by and TIMES.intersection(by) != {Key.NIGHT}


KEYS = st.lists(st.sampled_from(Key), max_size=2, unique=True).map(tuple).filter(lambda by: not with_other_times(by))
MORE = st.sets(st.sampled_from(More), max_size=3).map(lambda found: tuple(sorted(found)))
# About changes of the clocks of these zones, and the ends of days in them; the early one is Monrovia's.
CHANGES = [
    ticks.from_iso(text)
    for text in (
        "2025-03-30T01:00:00Z",
        "2025-10-26T01:00:00Z",
        "2025-11-02T06:00:00Z",
        "2025-04-05T15:00:00Z",
        "2025-10-04T15:30:00Z",
        "2025-09-27T14:00:00Z",
        "2018-11-04T03:00:00Z",
        "1972-01-07T00:44:30Z",
    )
]
AT_CHANGES = st.builds(
    lambda change, quarters, beside: change + quarters * 9_000_000_000 + beside,
    st.sampled_from(CHANGES),
    st.integers(-60, 60),
    st.sampled_from([-1, 0, 1]),
)


# What the kept counts know, too.
ENDS = st.none() | MOMENTS | AT_CHANGES
KNOWN = st.builds(
    JobFilter,
    since=ENDS,
    until=ENDS | st.just(NOW),
    services=some(SERVICES),
    types=some(TYPES),
    states=some(st.sampled_from(JobState)),
)
KNOWN_BY_END = st.builds(
    JobFilter,
    ended_since=ENDS,
    ended_until=ENDS | st.just(NOW),
    services=some(SERVICES),
    types=some(TYPES),
    states=some(st.sampled_from(JobState)),
)
QUERIES = st.builds(
    SummaryQuery,
    where=FILTERS | KNOWN | KNOWN_BY_END,
    by=KEYS,
    zone=ZONES,
    more=st.just(()) | MORE,
    # Some clocks are changed at midnight or soon after it.
    night=st.sampled_from([0, 150, 1080]) | st.integers(0, 1439),
)

_VARIED = varied_jobs()
_SIZES = st.integers(0, 9) | st.sampled_from([2**32 - 1, 2**32, INT64_MAX])
_SUCCESSFUL, _TOTALS, _AT_A_CHANGE = st.integers(0, 3), st.integers(0, 9), st.booleans()


@st.composite
def summed_jobs(draw: st.DrawFn) -> Job:
    """A job that may share anything with others, perhaps at a change of the clocks, and may be huge."""
    job = draw(_VARIED)
    job = job.evolve(size=draw(_SIZES), successful=draw(_SUCCESSFUL), total=draw(_TOTALS))
    if job.start and draw(_AT_A_CHANGE):
        start = draw(AT_CHANGES)
        job = job.evolve(start=start, finish=start + job.finish - job.start if job.finish else 0)
    return job


SUMMED = st.lists(summed_jobs(), max_size=20, unique_by=lambda job: job.job_id)


def naive_summary(
    kept: Sequence[Job], received: int, query: SummaryQuery, *, whole: bool = False
) -> dict[tuple[str, ...], dict[str, Any]]:
    """What is told of each group, by its keys in words; if `whole`, of all together."""
    zone = ZoneInfo(query.zone)
    found: dict[tuple[str, ...], list[Job]] = {}
    by_night = Key.NIGHT in query.by
    for job in naive(kept, NOW, JobQuery(where=query.where)):
        if by_night and not job.finish:
            continue
        # A datetime has microseconds; no zone changes within one.
        local = ticks.to_datetime(job.start or received).astimezone(zone)
        hour = local - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        words = {
            Key.DAY: local.date().isoformat(),
            Key.HOUR: hour.replace(tzinfo=None).isoformat() + _offset(local.utcoffset()),
            Key.WEEK: f"{local.isocalendar().year}-W{local.isocalendar().week:02d}",
            Key.MONTH: f"{local:%Y-%m}",
            Key.NIGHT: night_of(query.hours, job.finish).isoformat() if by_night else "",
            Key.SERVICE: job.service.name,
            Key.TYPE: job.type.name,
            Key.STATE: job.state.name,
            Key.PLAN: job.plan,
            Key.RESOURCE: job.resource,
            Key.ORIGIN: job.origin,
            Key.CAUSE: cause_code(job),
        }
        found.setdefault(() if whole else tuple(words[key] for key in query.by), []).append(job)
    return {keys: sum_up(jobs, query) for keys, jobs in found.items()}


def _offset(offset: timedelta | None) -> str:
    assert offset is not None
    seconds = int(abs(offset).total_seconds())
    text = f"{'-' if offset < timedelta(0) else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def sum_up(jobs: Sequence[Job], query: SummaryQuery) -> dict[str, Any]:
    """What is told of these jobs, under the names of the wire."""
    good = [job for job in jobs if job.state is JobState.Successful]
    bad = [job for job in jobs if job.state in (JobState.Exception, JobState.Failed, JobState.Stopped)]
    found: dict[str, Any] = {
        "jobs": len(jobs),
        "successfulJobs": len(good),
        "unsuccessfulJobs": len(bad),
        "successRate": len(good) / len(good + bad) if good + bad else None,
    }
    if More.OBJECTS in query.more:
        names = ("failed", "successful", "skipped", "total")
        found["objects"] = {name: sum(getattr(job, name) for job in jobs) for name in names}
    if More.BYTES in query.more:
        found["bytes"] = sum(job.size for job in jobs)
    if More.LAST in query.more:
        found["lastSuccess"], found["lastFailure"] = (
            ticks.to_iso(max(job.start for job in some)) if some else None for some in (good, bad)
        )
    return found
