"""What happened to series, and why: what reading all series and all jobs answers."""

from collections import Counter
from collections.abc import Callable

from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import given
from naive import MIDNIGHT, VARIED
from naive_series import LAWS, urgency

from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState, JobType
from jobreport.model.cause import cause_of_job
from jobreport.model.good_copy_age import DAILY, Ages
from jobreport.model.job import Job
from jobreport.model.series_query import Series, SeriesQuery
from jobreport.store import Store
from jobreport.store.query import reasons
from jobreport.store.query.nights import endings
from jobreport.store.query.nights.bad_jobs import bad_jobs
from jobreport.store.query.series.agreed_ages import agreed, told_of
from strategies import NOW

DAY = ticks.PER_DAY
MANY = 1000


def every_series(store: Store, tenant: int) -> list[Series]:
    found = store.list_series(tenant, SeriesQuery(size=MANY)).series
    return sorted(found, key=urgency)


@LAWS
@given(jobs=VARIED)
def test_what_happened_in_a_range_is_what_its_jobs_say(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job]
) -> None:
    tenant = new_tenant()
    since, until = MIDNIGHT + DAY, MIDNIGHT + 3 * DAY - 1
    for part in (jobs[:2], jobs[2:]):
        store.record(tenant, part)
        with store.reading() as connection:
            bad_jobs(connection, tenant, since, until, tuple(NOT_GOOD))  # it is remembered
    inside = [job for job in jobs if job.state.finished and since <= job.finish <= until]
    numbers = {one.number: one for one in every_series(store, tenant)}
    with store.reading() as connection:
        ended = endings.ended(connection, tenant, [*numbers], since, until, longest=7 * DAY)
        bad = bad_jobs(connection, tenant, since, until, tuple(NOT_GOOD))
        of = endings.series_of(connection, tenant, [job.job_id for job in jobs])
    assert Counter((one.finish, one.state) for one in ended) == Counter(
        (job.finish, job.state) for job in inside if job.plan or job.resource
    )
    by_code: dict[str, list[Job]] = {}
    for job in inside:
        if job.state in NOT_GOOD:
            by_code.setdefault(cause.code if (cause := cause_of_job(job)) else "", []).append(job)
    assert len(bad) == len(by_code)
    of_job = dict(zip((job.job_id for job in jobs), of, strict=True))
    for one in bad:
        mine = by_code[one.code]
        assert one.jobs == len(mine)
        assert one.series == {of_job[job.job_id] for job in mine} - {0}
        assert one.since == min(job.start for job in mine)
    for job, number in zip(jobs, of, strict=True):
        assert (number in numbers) == bool(job.plan or job.resource)
        if number:
            assert (numbers[number].plan, numbers[number].resource) == (job.plan, job.resource)


def test_how_old_a_copy_may_be_follows_from_the_runs_of_its_series(store: Store, tenant: int) -> None:
    def runs(plan: str, *days: int) -> list[Job]:
        return [
            done(f"{plan}-{day}", plan=plan, start=START - day * DAY, finish=START - day * DAY + MINUTE) for day in days
        ]

    store.record(
        tenant, [*runs("daily", 2, 3, 4), *runs("weekly", 5, 12, 19), *runs("twice", 9, 10), *runs("today", 0, 1)]
    )
    # Older than 60 days before its newest run: it does not count.
    store.record(tenant, runs("rarely", 10, 20, 200))
    restored = [job.evolve(type=JobType.Restore) for job in runs("restored", 2, 3, 4)]
    store.record(tenant, restored)
    old = [one for one in every_series(store, tenant) if one.status.good_finish < NOW - DAILY]
    with store.reading() as connection:
        ages = agreed(connection, tenant, [*map(told_of, old)], Ages())
    assert {one.plan: age.age if (age := ages[one.number]) else None for one in old} == {
        "restored": None,
        "daily": DAILY,
        "weekly": 7 * DAY * 3 // 2,
        "twice": None,
        "rarely": 10 * DAY * 3 // 2,
    }


def test_why_a_job_is_not_good_is_its_cause_and_its_comments(store: Store, tenant: int) -> None:
    said = "write /srv/1: no space left on device"
    failed = done("one", plan="nightly", state=JobState.Failed, comments=said)
    store.record(tenant, [failed, running("two", plan="nightly"), not_started("three")])
    with store.reading() as connection:
        found = reasons.why(connection, tenant, ["one", "two", "none"])
        assert reasons.why(connection, tenant, []) == {}
        assert endings.series_of(connection, tenant, []) == []
        assert endings.ended(connection, tenant, [], 0, NOW, longest=DAY) == []
    assert (found["one"].code, found["one"].comments) == ("no-space", said)
    assert found["two"].text == ""
    assert "none" not in found
