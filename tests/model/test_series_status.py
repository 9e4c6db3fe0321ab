"""How a series stands: whatever comes, is corrected or goes, it is what a count of all its jobs would give."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model.catalog import NOT_GOOD, JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.series import GOOD, GOOD_TOO, SeriesStatus, Stale, series_of
from jobreport.model.stored_job import StoredJob
from long import times

IDS: Final = st.sampled_from("abcdef")
STATES: Final = st.sampled_from(JobState)


def job(
    job_id: str = "a", filed: int = 10, state: JobState = JobState.Successful, heard: int = 0, size: int = 0
) -> StoredJob:
    """A job of a series, as it is stored."""
    finish = filed + 5 if state.finished else 0
    found = Job(
        job_id=job_id,
        service=ServiceType.VM,
        type=JobType.Backup,
        state=state,
        start=filed,
        finish=finish,
        plan="nightly",
        size=size,
        total=size % 7,
    )
    return StoredJob(job=found, received=filed, heard=heard or filed)


def counted(every: list[StoredJob], good: frozenset[JobState]) -> SeriesStatus:
    """How a series with these jobs stands, found by looking at all of them."""
    if not every:
        return SeriesStatus()
    in_order = sorted(every, key=lambda one: (one.filed, one.job.job_id))
    started = [one for one in in_order if one.job.state is not JobState.NotStarted]
    ended = [one for one in in_order if one.job.state.finished]
    well = [one for one in ended if one.job.state in good]
    unfinished = [one for one in in_order if not one.job.state.finished]
    after = ended[ended.index(well[-1]) + 1 :] if well else ended
    bad = [one for one in after if one.job.state in NOT_GOOD - good]
    status = SeriesStatus(
        jobs=len(every),
        first=in_order[0].filed,
        heard=max(one.heard for one in every),
        not_good=len(bad),
        not_good_since=bad[0].filed if bad else 0,
        unfinished=len(unfinished),
        unfinished_since=unfinished[0].filed if unfinished else 0,
    )
    if started:
        last = started[-1]
        status.newest_filed, status.newest_id, status.newest_state = last.filed, last.job.job_id, last.job.state
    if ended:
        last = ended[-1]
        status.ended_filed, status.ended_id, status.ended_state = last.filed, last.job.job_id, last.job.state
    if well:
        last = well[-1]
        status.good_filed, status.good_id, status.good_finish = last.filed, last.job.job_id, last.job.finish
        status.good_objects, status.good_bytes = last.job.total, last.job.size
    return status


PARTS: Final = {
    Stale.FIRST: ("first",),
    Stale.HEARD: ("heard",),
    Stale.NEWEST: ("newest_filed", "newest_id", "newest_state"),
    Stale.ENDED: ("ended_filed", "ended_id", "ended_state"),
    Stale.GOOD: ("good_filed", "good_id", "good_finish", "good_objects", "good_bytes"),
    Stale.NOT_GOOD: ("not_good", "not_good_since"),
    Stale.UNFINISHED: ("unfinished", "unfinished_since"),
}


@settings(max_examples=times(300))
@given(
    st.sampled_from([GOOD, GOOD_TOO]),
    st.lists(
        st.lists(st.tuples(IDS, st.none() | st.tuples(st.integers(1, 4), STATES, st.integers(1, 9))), max_size=4),
        max_size=6,
    ),
)
def test_whatever_comes_is_corrected_or_goes_it_stands_as_a_count_would_say(
    good: frozenset[JobState], batches: list[list[tuple[str, tuple[int, JobState, int] | None]]]
) -> None:
    """The parts that are said to be stale are read again after each batch, as the store does."""
    stored: dict[str, StoredJob] = {}
    status = SeriesStatus()
    for batch in batches:
        stale = Stale.NOTHING
        for job_id, change in batch:
            old = stored.pop(job_id, None)
            if change is None:
                if old:
                    stale |= status.remove(old, good)
                continue
            filed, state, heard = change
            new = stored[job_id] = job(job_id, filed, state, heard, size=heard * 11)
            stale |= status.replace(old, new, good) if old else status.add(new, good)
        true = counted([*stored.values()], good)
        for part, names in PARTS.items():
            if part in stale:
                for name in names:
                    setattr(status, name, getattr(true, name))
        assert status == true


@pytest.mark.parametrize("state", sorted({*JobState} - {JobState.NotStarted}))
def test_a_run_that_ends_leaves_nothing_to_read_again(state: JobState) -> None:
    status = SeriesStatus()
    nights = [job(f"n{night}", 10 * night) for night in range(1, 5)]
    for one in nights:
        assert status.add(one, GOOD) is Stale.NOTHING
    running = job("z", 90, JobState.InProgress)
    assert status.add(running, GOOD) is Stale.NOTHING
    assert status.replace(running, job("z", 90, state, heard=95), GOOD) is Stale.NOTHING
    assert status == counted([*nights, job("z", 90, state, heard=95)], GOOD)


def test_neither_plan_nor_resource_means_no_series_and_the_description_makes_no_other() -> None:
    one = job().job
    assert series_of(one.evolve(plan="")) is None
    assert series_of(one.evolve(plan="", origin="x", description="y")) is None
    assert series_of(one) == series_of(one.evolve(description="of Friday", comments="x"))
    for change in ({"resource": "host"}, {"origin": "x"}, {"type": JobType.Restore}, {"service": ServiceType.AAD}):
        assert series_of(one) != series_of(one.evolve(**change))
