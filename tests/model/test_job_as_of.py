"""What is known today of a job says how it was at a time in the past."""

from hypothesis import given
from hypothesis import strategies as st

from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.series_at import as_of
from jobreport.model.stored_job import StoredJob


def stored(state: JobState, start: int, finish: int = 0, *, received: int = 5, heard: int = 90) -> StoredJob:
    job = Job(job_id="a", service=ServiceType.VM, type=JobType.Backup, state=state, start=start, finish=finish, total=3)
    return StoredJob(job=job, received=received, heard=heard)


def test_a_job_that_ended_later_was_in_progress_and_one_that_started_later_was_not_there() -> None:
    one = stored(JobState.Failed, 10, 20)
    assert as_of(one, 9) is None
    for at in (10, 19):
        then = as_of(one, at)
        assert then is not None
        assert (then.job.state, then.job.finish, then.filed) == (JobState.InProgress, 0, 10)
    ended = as_of(one, 20)
    assert ended is not None
    assert ended.job == one.job


def test_a_job_that_never_started_was_there_once_it_was_reported() -> None:
    due = stored(JobState.NotStarted, 1000, received=50)
    assert as_of(due, 49) is None
    assert as_of(due, 50) is not None


def test_of_its_reports_only_those_known_to_be_not_later_count() -> None:
    one = stored(JobState.InProgress, 1, received=50, heard=90)
    found = [as_of(one, at) for at in (40, 60, 90)]
    assert [then.heard for then in found if then] == [0, 50, 90]


@given(
    state=st.sampled_from(JobState),
    start=st.integers(1, 100),
    took=st.integers(0, 100),
    received=st.integers(1, 100),
    silent=st.integers(0, 100),
)
def test_at_a_time_after_everything_it_is_as_it_is(
    state: JobState, start: int, took: int, received: int, silent: int
) -> None:
    finish = start + took if state.finished else 0
    one = stored(state, start, finish, received=received, heard=received + silent)
    assert as_of(one, 1000) == one
