"""Jobs and questions that meet where a mistake would show, and what reading all jobs answers."""

from collections.abc import Iterable, Sequence
from typing import Any

from example_jobs import running
from hypothesis import strategies as st
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.cause import cause_of, cause_of_job
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort, SortKey
from strategies import NOW

# Few values, so that they meet; characters that folding, LIKE and byte order treat in ways of their own.
SERVICES = st.sampled_from([ServiceType.VM, ServiceType.AmazonEC2, ServiceType.AmazonS3])
TYPES = st.sampled_from([JobType.Backup, JobType.Restore])
# Times about the ends of UTC days, the day of receipt among them, and a few neighbours within a day.
MIDNIGHT = NOW // ticks.PER_DAY * ticks.PER_DAY - 2 * ticks.PER_DAY
MOMENTS = st.builds(
    lambda day, time: MIDNIGHT + day * ticks.PER_DAY + time,
    st.integers(0, 4),
    st.sampled_from([0, 1, 2, ticks.PER_DAY // 2, ticks.PER_DAY - 2, ticks.PER_DAY - 1]),
)
TEXTS = st.text(st.sampled_from("aAbBzsSß\u03c3ςΣ\u0130\u0131üÜ%_'\"\\*?-\n\ufb01\uffff😀é\u0301"), max_size=6)


# Strategies that are drawn from are made here, once: each that is made is also validated, for as long as a draw takes.
STATES = st.sampled_from(JobState)
_IDS = TEXTS.filter(bool)
_STARTS = MOMENTS | st.just(0)
_LENGTHS = st.integers(0, 100) | st.just(ticks.PER_DAY // 2)


@st.composite
def filed_jobs(draw: st.DrawFn) -> Job:
    """A job that may well share its time, its codes and its text with others."""
    state = draw(STATES)
    start = draw(_STARTS) if state is JobState.NotStarted else draw(MOMENTS)
    return running(
        draw(_IDS),
        service=draw(SERVICES),
        type=draw(TYPES),
        state=state,
        start=start,
        finish=start + draw(_LENGTHS) if state.finished else 0,
        description=draw(TEXTS),
    )


PLANS = st.sampled_from(["", "nightly", "Nightly", "a, b", "ß"])
RESOURCES = st.sampled_from(["", "web-1", "web-2"])
ORIGINS = st.sampled_from(["", "cron", "aws"])
SAID = st.sampled_from(
    ["", "open /srv/1: no space left", "open /srv/2: no space left", "tape 7 is worn", "Tape 8 is worn"]
)
GIVEN_CAUSES = st.sampled_from(["", "", "no-space", "locked"])
CAUSES = st.sampled_from(["no-space", "locked", "missing", cause_of("tape 9 is worn").code, "none of these"])

_FILED = filed_jobs()
_COMMENTS = TEXTS | SAID
_FAILED = st.integers(0, 3)


@st.composite
def varied_jobs(draw: st.DrawFn) -> Job:
    """A job that may well share anything with others."""
    job = draw(_FILED)
    return job.evolve(
        plan=draw(PLANS),
        resource=draw(RESOURCES),
        origin=draw(ORIGINS),
        comments=draw(_COMMENTS),
        cause=draw(GIVEN_CAUSES) if job.state in NOT_GOOD else "",
        failed=0 if job.state is JobState.Successful else draw(_FAILED),
    )


VARIED = st.lists(varied_jobs(), max_size=20, unique_by=lambda job: job.job_id)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sets(values, max_size=2).map(lambda found: tuple(sorted(found)))


_ASKED: dict[str, st.SearchStrategy[Any]] = {
    "search": TEXTS,
    "since": MOMENTS,
    "until": MOMENTS | st.just(NOW),
    "ended_since": MOMENTS,
    "ended_until": MOMENTS | st.just(NOW),
    "services": some(SERVICES),
    "types": some(TYPES),
    "states": some(st.sampled_from(JobState)),
    "plans": some(PLANS.filter(bool)),
    "resources": some(RESOURCES.filter(bool)),
    "origins": some(ORIGINS.filter(bool)),
    "causes": some(CAUSES),
    "comments": TEXTS,
    "min_duration": st.integers(0, 110) | st.integers(0, 5 * ticks.PER_DAY),
    "min_failed": st.integers(0, 4),
}

_MOST = st.sampled_from([1, 2, 2, 3, len(_ASKED)])
_NAMES = {most: st.lists(st.sampled_from([*_ASKED]), max_size=most, unique=True) for most in (1, 2, 3, len(_ASKED))}


@st.composite
def filters(draw: st.DrawFn) -> JobFilter:
    """Most ask for a thing or two: of twenty jobs hardly one passes all that may be asked, and none is no test."""
    names = draw(_NAMES[draw(_MOST)])
    return JobFilter(**{name: draw(_ASKED[name]) for name in names})


FILTERS = filters()
COUNTED = st.builds(
    lambda clock, since, until, **codes: JobFilter(**{f"{clock}since": since, f"{clock}until": until}, **codes),
    clock=st.sampled_from(["", "ended_"]),
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS | st.just(NOW),
    services=some(SERVICES),
    types=some(TYPES),
    states=some(st.sampled_from(JobState)),
)
"""What the kept counts know: by the start of jobs, or by their end."""
SORTS = st.just(Sort()) | st.builds(Sort, st.sampled_from(SortKey), st.booleans())
QUERIES = st.builds(JobQuery, where=FILTERS, sort=SORTS, size=st.integers(1, 5)) | st.builds(
    JobQuery, where=COUNTED, sort=st.builds(Sort, st.just(SortKey.FINISH), st.booleans()), size=st.integers(1, 5)
)


def lasted(job: Job) -> int:
    return job.wire_times(NOW)[2]


def filed(job: Job, received: int) -> int:
    return job.start or received


def cause_code(job: Job) -> str:
    """The code of why a job is not good; empty if it has no cause."""
    found = cause_of_job(job)
    return found.code if found else ""


def matches(job: Job, received: int, where: JobFilter) -> bool:
    term = where.search.casefold()
    return (
        any(term in text.casefold() for text in (job.job_id, job.reference, job.description))
        and (where.since is None or filed(job, received) >= where.since)
        and (where.until is None or filed(job, received) <= where.until)
        and (where.ended_since is None or job.finish >= max(1, where.ended_since))
        and (where.ended_until is None or 0 < job.finish <= where.ended_until)
        and (not where.services or job.service in where.services)
        and (not where.types or job.type in where.types)
        and (not where.states or job.state in where.states)
        and (not where.plans or job.plan in where.plans)
        and (not where.resources or job.resource in where.resources)
        and (not where.origins or job.origin in where.origins)
        and (not where.causes or cause_code(job) in where.causes)
        and where.comments.casefold() in job.comments.casefold()
        and lasted(job) >= where.min_duration
        and job.failed >= where.min_failed
    )


def move_limits_to_jobs(where: JobFilter, jobs: Sequence[Job]) -> JobFilter:
    """The filter with each limit moved to the nearest job, where a wrong comparison shows."""

    def nearest(limit: int, values: Iterable[int]) -> int:
        return min((value for value in values if value), key=lambda value: abs(value - limit), default=limit)

    return replace(
        where,
        since=where.since and nearest(where.since, (filed(job, NOW) for job in jobs)),
        until=where.until and nearest(where.until, (filed(job, NOW) for job in jobs)),
        min_duration=where.min_duration and nearest(where.min_duration, map(lasted, jobs)),
        min_failed=where.min_failed and nearest(where.min_failed, (job.failed for job in jobs)),
    )


def naive(jobs: Sequence[Job], received: int, query: JobQuery) -> list[Job]:
    """All jobs that match, in order, by reading all there is."""
    sort = query.sort

    def key(job: Job) -> tuple[int, str]:
        return filed(job, received), job.job_id

    def value(job: Job) -> int:
        return {
            SortKey.START: filed(job, received),
            SortKey.FINISH: job.finish,
            SortKey.DURATION: job.finish - job.start,
            SortKey.FAILED: job.failed,
        }[sort.key]

    matching = [job for job in jobs if matches(job, received, query.where)]
    matching.sort(key=lambda job: (value(job), *key(job)), reverse=sort.descending)
    if sort.key is SortKey.START:
        return matching
    ended = [job for job in matching if job.state.finished]
    others = sorted(set(matching) - set(ended), key=key, reverse=sort.descending)
    return ended + others


def naive_ids(jobs: Sequence[Job], received: int, query: JobQuery) -> list[str]:
    return [job.job_id for job in naive(jobs, received, query)]
