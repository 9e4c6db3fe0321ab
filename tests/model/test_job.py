"""A job by itself: its times on the wire, its IDs, what a search sees of it, and how long texts are shortened."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, fold, new_job_id, new_unique_job_id, shorten
from strategies import jobs

START = ticks.from_iso("2024-10-27T08:17:16.3267Z")
FINISH = START + 90 * ticks.PER_SECOND
NOW = START + 3600 * ticks.PER_SECOND


def job(state: JobState, **fields: object) -> Job:
    return Job(job_id="FB1", service=ServiceType.VM, type=JobType.Backup, state=state).evolve(**fields)


@pytest.mark.parametrize("state", [state for state in JobState if state.finished])
def test_a_finished_job_shows_its_times_and_its_duration_in_ticks(state: JobState) -> None:
    done = job(state, start=START, finish=FINISH)
    assert done.wire_times(NOW) == (START, FINISH, 90 * ticks.PER_SECOND)


@pytest.mark.parametrize("state", [JobState.InProgress, JobState.Waiting])
def test_an_unfinished_job_shows_no_finish_and_lasts_until_now(state: JobState) -> None:
    assert job(state, start=START).wire_times(NOW) == (START, 0, 3600 * ticks.PER_SECOND)


def test_a_job_whose_start_a_fast_clock_put_into_the_future_has_lasted_no_time() -> None:
    assert job(JobState.InProgress, start=NOW + 1).wire_times(NOW) == (NOW + 1, 0, 0)


def test_a_job_not_started_shows_no_time_even_where_it_is_due() -> None:
    assert job(JobState.NotStarted, start=START).wire_times(NOW) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (JobType.Backup, "FB"),
        (JobType.EC2Backup, "FB"),
        (JobType.SQLServerRestore, "RS"),
        (JobType.Export, "EX"),
        (JobType.Retention, "JB"),
        (JobType.VMSync, "JB"),
    ],
)
def test_a_made_job_id_has_the_publishers_form(kind: JobType, prefix: str) -> None:
    assert re.fullmatch(rf"{prefix}20241027081716\d{{3}}", new_job_id(kind, START))


def test_a_runners_job_id_adds_ten_base_32_characters_and_does_not_repeat() -> None:
    made = {new_unique_job_id(JobType.Backup, START) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"FB20241027081716\d{3}-[a-z2-7]{10}", job_id) for job_id in made)


@given(st.text(max_size=30), st.integers(2, 40))
def test_shortening_keeps_the_end_within_the_limit_and_marks_the_cut(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    else:
        assert len(short) == limit
        assert short.startswith("… ")
        assert text.endswith(short.removeprefix("… "))


def test_shortening_takes_another_mark() -> None:
    assert shorten("0123456789", 6, mark="[cut]") == "[cut]9"


@pytest.mark.parametrize(
    ("one", "other"),
    [("ÜBER", "über"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("ﬁle", "FILE"), ("ǅ", "ǆ")],
)
def test_folding_makes_texts_equal_that_differ_in_case_alone(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("\u0130", "i"), ("\u0131", "i"), ("é", "e"), ("é", "e\u0301"), ("\uff46", "f")]
)
def test_folding_does_nothing_but_casefold(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(jobs(), st.integers(0, 2**62))
def test_two_reports_that_differ_in_the_time_of_observation_say_the_same(job: Job, observed: int) -> None:
    assert job.same_but_for_time(job.evolve(observed=observed))
    assert not job.same_but_for_time(job.evolve(plan=job.plan + "x"))
