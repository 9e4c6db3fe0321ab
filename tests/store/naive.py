"""Jobs and questions that meet where a mistake would show, and what reading all jobs answers."""

from collections.abc import Sequence

from hypothesis import strategies as st
from keeping import running

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobQuery
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


@st.composite
def filed_jobs(draw: st.DrawFn) -> Job:
    """A job that may well share its time, its codes and its text with others."""
    state = draw(st.sampled_from(JobState))
    start = draw(MOMENTS | st.just(0)) if state is JobState.NotStarted else draw(MOMENTS)
    return running(
        draw(TEXTS.filter(bool)),
        service=draw(SERVICES),
        type=draw(TYPES),
        state=state,
        start=start,
        finish=start + draw(st.integers(0, 100)) if state.finished else 0,
        description=draw(TEXTS),
    )


QUERIES = st.builds(
    JobQuery,
    search=st.just("") | TEXTS,
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS | st.just(NOW),
    service=st.none() | SERVICES,
    type=st.none() | TYPES,
    state=st.none() | st.sampled_from(JobState),
    size=st.integers(1, 5),
)


def naive(kept: Sequence[Job], received: int, query: JobQuery, *, search: bool = True) -> list[Job]:
    """What `query` asks for, by reading all there is; `search`: whether its search text counts."""

    def filed(job: Job) -> int:
        return job.start or received

    def matches(job: Job) -> bool:
        term = query.search.casefold() if search else ""
        return (
            (term in job.job_id.casefold() or term in job.description.casefold())
            and (query.since is None or filed(job) >= query.since)
            and (query.until is None or filed(job) <= query.until)
            and query.service in (None, job.service)
            and query.type in (None, job.type)
            and query.state in (None, job.state)
        )

    return sorted(filter(matches, kept), key=lambda job: (filed(job), job.job_id), reverse=True)
