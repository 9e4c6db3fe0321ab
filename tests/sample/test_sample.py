"""The sample history: valid, exactly as many as asked, the same for the same seed, and like a company's."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from jobreport.sample.history import UNTIL, history

HOUR = 3600 * ticks.PER_SECOND


@pytest.fixture(scope="module")
def many() -> list[tuple[int, Job]]:
    return [(tenant, job) for tenant, jobs in history(20_000, 3, 7) for job in jobs]


@given(st.integers(1, 400), st.integers(1, 5), st.integers(), st.integers(0, 48))
@settings(max_examples=40, deadline=None)
def test_any_history_has_just_the_jobs_asked_for_valid_and_none_twice(
    number: int, tenants: int, seed: int, hours: int
) -> None:
    until = UNTIL + hours * HOUR
    found = [(tenant, job) for tenant, jobs in history(number, tenants, seed, until) for job in jobs]
    assert len(found) == len({(tenant, job.job_id) for tenant, job in found}) == number
    for tenant, job in found:
        assert 1 <= tenant <= tenants
        assert faults(job, {}) == []
        assert job.observed <= until
        assert job.start <= until or job.state is JobState.NotStarted


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    first, again, other = (list(history(500, 2, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_service_type_and_state_occurs(many: list[tuple[int, Job]]) -> None:
    assert {job.service for _, job in many} == set(ServiceType)
    assert {job.type for _, job in many} == set(JobType)
    assert {job.state for _, job in many} == set(JobState)


def test_most_jobs_succeed_and_the_first_tenant_is_the_largest(many: list[tuple[int, Job]]) -> None:
    states = Counter(job.state for _, job in many)
    assert 0.75 < states[JobState.Successful] / len(many) < 0.95
    assert 0.01 < states[JobState.Failed] / len(many) < 0.15
    sizes = Counter(tenant for tenant, _ in many)
    assert sizes[1] > sizes[2] > sizes[3]


def test_nights_are_busy_companies_grow_and_some_days_are_bad(many: list[tuple[int, Job]]) -> None:
    hours = Counter(job.start % ticks.PER_DAY // HOUR for _, job in many)
    assert hours[0] + hours[1] + hours[2] > 2 * (hours[12] + hours[13] + hours[14])
    days = Counter(job.start // ticks.PER_DAY for _, job in many)
    by_day = [days[day] for day in sorted(days)]
    assert sum(by_day[-30:-1]) > 2 * sum(by_day[:29])
    failed = Counter(job.start // ticks.PER_DAY for _, job in many if job.state is JobState.Failed)
    shares = sorted(failed[day] / days[day] for day in days)
    assert shares[-1] > 4 * shares[len(shares) // 2]


def test_a_plan_repeats_and_a_resource_comes_again_night_after_night(many: list[tuple[int, Job]]) -> None:
    starts: dict[str, list[int]] = {}
    for tenant, job in many:
        if tenant == 1 and job.type is JobType.Backup and job.plan:
            starts.setdefault(job.resource, []).append(job.start)
    oftenest = max(starts.values(), key=len)
    assert len(oftenest) > 20
    assert all(before < after for before, after in pairwise(sorted(oftenest)))


def last_of_each(jobs: list[tuple[int, Job]]) -> dict[tuple[int, str], Job]:
    """The newest job that has ended, of each tenant and resource whose backups run at night."""
    found: dict[tuple[int, str], Job] = {}
    for tenant, job in jobs:
        if "nightly" in job.plan and job.state.finished:
            found[tenant, job.resource] = job
    return found


@pytest.mark.parametrize("hours", [0, 7, 15, 30, 56, 110])
def test_at_the_end_most_backups_are_good_and_young_whatever_hour_and_day_it_is(hours: int) -> None:
    until = UNTIL + hours * HOUR
    newest = last_of_each([(tenant, job) for tenant, jobs in history(20_000, 4, 7, until) for job in jobs])
    good = [one.state is JobState.Successful for one in newest.values()]
    assert sum(good) > 0.9 * len(good)
    assert not all(good)
    ages = [until - one.start for one in newest.values()]
    assert sum(age < 26 * HOUR for age in ages) > 0.8 * len(ages)
    # Some do not run at weekends.
    assert sum(age < 4 * ticks.PER_DAY for age in ages) > 0.98 * len(ages)


@pytest.mark.parametrize("hours", [0, 7, 15, 30, 56, 110])
def test_one_backup_fails_for_days_and_one_that_failed_in_the_night_is_good_again(hours: int) -> None:
    until = UNTIL + hours * HOUR
    of_night: dict[tuple[int, str], list[Job]] = {}
    for tenant, jobs in history(20_000, 4, 7, until):
        for job in jobs:
            if "nightly" in job.plan and job.state.finished:
                of_night.setdefault((tenant, job.resource), []).append(job)
    failing = {
        tenant: {job.comments for job in jobs[-3:]}
        for (tenant, _), jobs in of_night.items()
        if len(jobs) > 3 and all(job.state is JobState.Failed for job in jobs[-3:])
    }
    assert failing == {number: {"authentication failed: the client secret has expired"} for number in (1, 4)}
    again = {
        tenant
        for (tenant, _), jobs in of_night.items()
        for failed, last in pairwise(jobs)
        if (failed.state, last.state) == (JobState.Failed, JobState.Successful)
        and 0 < last.start - failed.finish < HOUR
        and until - last.finish < 36 * HOUR
    }
    assert again == {1, 2, 3, 4}


def test_of_five_tenants_the_last_has_sent_nothing_for_three_days() -> None:
    last = {tenant: jobs[-1].observed for tenant, jobs in history(9_000, 5, 7)}
    assert UNTIL - 4 * ticks.PER_DAY < last[5] <= UNTIL - 3 * ticks.PER_DAY
    assert all(UNTIL - last[tenant] < HOUR for tenant in range(1, 5))
    found = [job for tenant, jobs in history(9_000, 5, 7) for job in jobs if tenant == 5]
    assert all(job.state.finished for job in found)
