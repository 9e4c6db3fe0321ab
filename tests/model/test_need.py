"""Who is needed: by the jobs of a series, the age of its copy, what did not start, and what people said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import DAILY, Ages, Agreed, Source, default_age
from jobreport.model.need import BAD, Held, Kind, Mark, Need, Snapshot, Standing, held, need_of, standing_of
from jobreport.model.series import SeriesStatus

DAY = ticks.PER_DAY
NOW = 1000 * DAY
FAILED, EXCEPTION, STOPPED, SKIPPED = JobState.Failed, JobState.Exception, JobState.Stopped, JobState.Skipped
AGREED = Agreed(DAILY, Source.DEFAULT)
FOUND = Snapshot(Need.NOT_GOOD, FAILED, "no-space", NOW - 3 * DAY, NOW - DAY)
TAKEN = Mark(kind=Kind.IN_HANDS, by="anna", since=NOW - DAY // 2, until=NOW + DAY, found=FOUND)
RETIRED = replace(TAKEN, kind=Kind.RETIRED, until=0)


def good(days: float) -> SeriesStatus:
    """A series whose only good copy is so many days old."""
    when = NOW - int(days * DAY)
    return SeriesStatus(jobs=9, good_id="a", good_filed=when, good_finish=when, ended_id="a", ended_state=2)


@pytest.mark.parametrize(
    ("status", "agreed", "due", "need"),
    [
        (good(0.5), None, 0, Need.WELL),
        (good(2), AGREED, 0, Need.TOO_OLD),
        (good(2), Agreed(3 * DAY, Source.TENANT), 0, Need.WELL),
        (good(2), None, 0, Need.NO_RHYTHM),
        (good(2), AGREED, NOW - DAY, Need.NOT_STARTED),
        (good(2), AGREED, NOW - 3 * DAY, Need.TOO_OLD),
        (SeriesStatus(jobs=1), None, 0, Need.NO_COPY),
        (SeriesStatus(jobs=1), None, NOW - 1, Need.NOT_STARTED),
        (SeriesStatus(jobs=1, not_good=1, ended_state=16, ended_id="a"), AGREED, NOW - 1, Need.NOT_GOOD),
    ],
)
def test_a_series_needs_somebody_by_its_jobs_its_copy_and_what_did_not_start(
    status: SeriesStatus, agreed: Agreed | None, due: int, need: Need
) -> None:
    assert need_of(JobType.Backup, status, agreed, due, NOW) is need


def test_work_that_leaves_no_copy_is_never_too_old() -> None:
    assert need_of(JobType.Restore, good(90), None, 0, NOW) is Need.WELL


@pytest.mark.parametrize(
    ("found", "after", "ended"),
    [
        (FOUND, 0, Held.HOLDS),
        (replace(FOUND, last=NOW), 0, Held.HOLDS),
        (FOUND, DAY, Held.EXPIRED),
        (replace(FOUND, need=Need.WELL, good=NOW), 0, Held.SUCCEEDED),
        # It has failed again since, but it succeeded in between.
        (replace(FOUND, good=NOW - DAY), 0, Held.SUCCEEDED),
        (replace(FOUND, cause="access-denied"), 0, Held.OTHER_CAUSE),
        (replace(FOUND, cause=""), 0, Held.OTHER_CAUSE),
        (replace(FOUND, need=Need.NOT_STARTED), 0, Held.NOT_STARTED),
        # A skipped run gives no cause; what was wrong before still is.
        (replace(FOUND, state=SKIPPED, cause=""), 0, Held.HOLDS),
        # Nobody who looks after a failure is called because it is only late.
        (replace(FOUND, need=Need.TOO_OLD), 0, Held.HOLDS),
    ],
)
def test_a_mark_ends_when_its_reason_does(found: Snapshot, after: int, ended: Held) -> None:
    assert held(TAKEN, found, NOW + after) is ended


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (replace(FOUND, state=EXCEPTION), FOUND),
        (replace(FOUND, state=EXCEPTION), replace(FOUND, state=STOPPED)),
        (replace(FOUND, need=Need.NOT_STARTED), replace(FOUND, need=Need.TOO_OLD)),
        (replace(FOUND, need=Need.TOO_OLD), FOUND),
    ],
)
def test_a_mark_ends_when_it_gets_worse(was: Snapshot, now: Snapshot) -> None:
    assert held(replace(TAKEN, found=was), now, NOW) is Held.WORSE
    assert held(replace(TAKEN, found=now), now, NOW) is Held.HOLDS


def test_what_is_retired_is_judged_again_when_a_new_job_arrives() -> None:
    assert held(RETIRED, FOUND, NOW + 900 * DAY) is Held.HOLDS
    assert held(RETIRED, replace(FOUND, cause="other", need=Need.TOO_OLD), NOW) is Held.HOLDS
    assert held(RETIRED, replace(FOUND, last=FOUND.last + 1), NOW) is Held.NEW_JOB


@given(st.sampled_from(Need), st.sampled_from([None, TAKEN, RETIRED]))
def test_a_mark_never_makes_a_series_well(need: Need, mark: Mark | None) -> None:
    standing = standing_of(need, mark)
    if mark is RETIRED:
        assert standing is Standing.RETIRED
    elif need in BAD:
        assert standing is (Standing.IN_HANDS if mark else Standing.NEEDS_YOU)
    else:
        assert (standing is None) == (need is Need.WELL)


def test_the_most_specific_agreement_counts() -> None:
    service = int(ServiceType.FileShare)
    rules = (
        Expectation(name="s", service=service, age=8 * DAY),
        Expectation(name="l", plan="laptop-*", age=14 * DAY),
        Expectation(name="b", plan="laptop-boss*", age=DAY // 2),
        Expectation(name="r", resource="/srv/*", service=service, age=3 * DAY),
    )
    of_all = Expectation(name="all", age=2 * DAY)
    ages = Ages((*rules, of_all))

    def agreed(ages: Ages, service: int, plan: str, resource: str = "/home") -> Agreed | None:
        return ages.agreed(service, int(JobType.Backup), plan, resource, "restic")

    assert agreed(ages, service, "laptop-7") == Agreed(14 * DAY, Source.PLAN, "laptop-*")
    assert agreed(ages, service, "laptop-boss-2") == Agreed(DAY // 2, Source.PLAN, "laptop-boss*")
    assert agreed(ages, service, "Laptop-7") == Agreed(8 * DAY, Source.SERVICE, "FileShare")
    assert agreed(ages, int(ServiceType.VM), "nightly") == Agreed(2 * DAY, Source.TENANT)
    words = "service=FileShare resource=/srv/*"
    assert agreed(ages, service, "laptop-7", "/srv/a") == Agreed(3 * DAY, Source.PATTERN, words)
    assert agreed(Ages(rules), int(ServiceType.VM), "nightly") is None
    assert (ages.least, Ages(rules[:1]).least, Ages().least, Ages((replace(of_all, age=3 * DAY),)).least) == (
        DAY // 2,
        DAILY,
        DAILY,
        3 * DAY,
    )


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(1, 9))
def test_fewer_than_three_jobs_tell_no_rhythm(days: list[int], jobs: int) -> None:
    found = default_age([day * DAY for day in days], jobs)
    assert found is None or (jobs >= 3 and found.age >= DAILY and found.source is Source.DEFAULT)
    assert default_age([0, 7 * DAY, 14 * DAY], 3) == Agreed(7 * DAY * 3 // 2, Source.DEFAULT)
    assert default_age([0, DAY], 3) == AGREED
