"""Questions of the whole query language, and what reading all jobs answers."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from naive import MOMENTS, SERVICES, TEXTS, TYPES, filed_jobs

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, ListQuery, Sort, SortKey
from strategies import NOW

PLANS = st.sampled_from(["", "nightly", "Nightly", "a, b", "ß"])
RESOURCES = st.sampled_from(["", "web-1", "web-2"])
ORIGINS = st.sampled_from(["", "cron", "aws"])


@st.composite
def varied_jobs(draw: st.DrawFn) -> Job:
    """A job that may well share anything with others."""
    job = draw(filed_jobs())
    return job.evolve(
        plan=draw(PLANS),
        resource=draw(RESOURCES),
        origin=draw(ORIGINS),
        comments=draw(TEXTS),
        failed=0 if job.state is JobState.Successful else draw(st.integers(0, 3)),
    )


VARIED = st.lists(varied_jobs(), max_size=20, unique_by=lambda job: job.job_id)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sets(values, max_size=2).map(lambda found: tuple(sorted(found)))


FILTERS = st.builds(
    JobFilter,
    search=st.just("") | TEXTS,
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS | st.just(NOW),
    services=some(SERVICES),
    types=some(TYPES),
    states=st.just(()) | some(st.sampled_from(JobState)),
    plans=st.just(()) | some(PLANS.filter(bool)),
    resources=st.just(()) | some(RESOURCES.filter(bool)),
    origins=st.just(()) | some(ORIGINS.filter(bool)),
    comments=st.just("") | TEXTS,
    min_duration=st.just(0) | st.integers(0, 110) | st.integers(0, 5 * ticks.PER_DAY),
    min_failed=st.just(0) | st.integers(0, 4),
)
SORTS = st.just(Sort()) | st.builds(Sort, st.sampled_from(SortKey), st.booleans())
QUERIES = st.builds(ListQuery, where=FILTERS, sort=SORTS, size=st.integers(1, 5))


def lasted(job: Job) -> int:
    return job.wire_times(NOW)[2]


def naive_list(kept: Sequence[Job], received: int, query: ListQuery) -> list[Job]:
    """All jobs that match, in order, by reading all there is."""
    where, sort = query.where, query.sort

    def filed(job: Job) -> int:
        return job.start or received

    def matches(job: Job) -> bool:
        term = where.search.casefold()
        return (
            (term in job.job_id.casefold() or term in job.description.casefold())
            and (where.since is None or filed(job) >= where.since)
            and (where.until is None or filed(job) <= where.until)
            and (not where.services or job.service in where.services)
            and (not where.types or job.type in where.types)
            and (not where.states or job.state in where.states)
            and (not where.plans or job.plan in where.plans)
            and (not where.resources or job.resource in where.resources)
            and (not where.origins or job.origin in where.origins)
            and where.comments.casefold() in job.comments.casefold()
            and lasted(job) >= where.min_duration
            and job.failed >= where.min_failed
        )

    def key(job: Job) -> tuple[int, str]:
        return filed(job), job.job_id

    def value(job: Job) -> int:
        return {
            SortKey.START: filed(job),
            SortKey.FINISH: job.finish,
            SortKey.DURATION: job.finish - job.start,
            SortKey.FAILED: job.failed,
        }[sort.key]

    found = sorted(filter(matches, kept), key=lambda job: (value(job), *key(job)), reverse=sort.descending)
    if sort.key is SortKey.START:
        return found
    ended = [job for job in found if job.state.finished]
    others = sorted(set(found) - set(ended), key=key, reverse=sort.descending)
    return ended + others
