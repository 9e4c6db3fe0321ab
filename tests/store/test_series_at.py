"""How series stood at a time in the past: what a recount of the jobs known today says, in any order, page by page."""

from collections import Counter
from collections.abc import Callable, Iterable

from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import MOMENTS, varied_jobs
from naive_series import LAWS, SORTS, filters, in_order, matches

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import NOT_GOOD, JobState
from jobreport.model.job import Job
from jobreport.model.need import Standing
from jobreport.model.series import SeriesStatus, series_of
from jobreport.model.series_query import Series, SeriesFilter, SeriesQuery, SeriesSort
from jobreport.model.stored_job import StoredJob
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.schema.jobs import job as table
from jobreport.store.schema.rows import stored, whole_jobs
from jobreport.watch.numbers import count_standing
from jobreport.watch.series_now import series_then

DELIVERIES = st.lists(st.lists(varied_jobs(), max_size=6, unique_by=lambda job: job.job_id), max_size=4)


def delivered(store: Store, clock: Clock, tenant: int, deliveries: Iterable[list[Job]]) -> list[StoredJob]:
    """All jobs as they are stored, after these deliveries, one an hour."""
    for number, jobs in enumerate(deliveries, 1):
        clock.now += 60 * MINUTE
        store.record(tenant, [job.evolve(observed=number) for job in jobs])
    with store.reading() as connection:
        return [stored(row) for row in connection.execute(whole_jobs().where(table.c.tenant == tenant))]


def recounted(jobs: Iterable[StoredJob], at: int) -> SeriesStatus | None:
    """How a series of these jobs stood, in the words of the documentation; None: it was not there."""
    there = [one for one in jobs if (one.received if one.job.state is JobState.NotStarted else one.filed) <= at]
    if not there:
        return None
    there.sort(key=lambda one: (one.filed, one.job.job_id))
    ended = [one for one in there if 0 < one.job.finish <= at]
    started = [one for one in there if one.job.state is not JobState.NotStarted]
    good = [one for one in ended if one.job.state is JobState.Successful]
    failing = [one for one in ended if one.job.state in NOT_GOOD]
    if good:
        last = good[-1].filed, good[-1].job.job_id
        failing = [one for one in failing if (one.filed, one.job.job_id) > last]
    open_ = [one for one in there if one not in ended]
    newest, end, best = ((part or [None])[-1] for part in (started, ended, good))
    state = 0
    if newest:
        state = int(newest.job.state if newest in ended or not newest.job.finish else JobState.InProgress)
    return SeriesStatus(
        jobs=len(there),
        first=there[0].filed,
        heard=max(max(time for time in (0, one.received, one.heard) if time <= at) for one in there),
        newest_filed=newest.filed if newest else 0,
        newest_id=newest.job.job_id if newest else "",
        newest_state=state,
        ended_filed=end.filed if end else 0,
        ended_id=end.job.job_id if end else "",
        ended_state=int(end.job.state) if end else 0,
        good_filed=best.filed if best else 0,
        good_id=best.job.job_id if best else "",
        good_finish=best.job.finish if best else 0,
        good_objects=best.job.total if best else 0,
        good_bytes=best.job.size if best else 0,
        not_good=len(failing),
        not_good_since=failing[0].filed if failing else 0,
        unfinished=len(open_),
        unfinished_since=open_[0].filed if open_ else 0,
    )


@LAWS
@given(deliveries=DELIVERIES, at=MOMENTS | st.integers(START - MINUTE, START + 300 * MINUTE))
def test_at_any_time_the_series_stood_as_a_recount_says(
    store: Store, clock: Clock, new_tenant: Callable[[], int], deliveries: list[list[Job]], at: int
) -> None:
    tenant = new_tenant()
    by_series: dict[object, list[StoredJob]] = {}
    for one in delivered(store, clock, tenant, deliveries):
        if key := series_of(one.job):
            by_series.setdefault(tuple(key), []).append(one)
    expected = {key: status for key, jobs in by_series.items() if (status := recounted(jobs, at))}
    found = store.list_series(tenant, SeriesQuery(at=at, size=1000))
    assert {(one.service, one.type, one.plan, one.resource, one.origin): one.status for one in found.series} == expected
    assert found.total == len(expected)


@LAWS
@given(
    deliveries=DELIVERIES,
    where=filters(),
    sort=SORTS,
    size=st.integers(1, 4),
    at=MOMENTS,
)
def test_any_question_about_the_past_gives_the_right_ones_in_order_page_by_page(
    store: Store,
    clock: Clock,
    new_tenant: Callable[[], int],
    deliveries: list[list[Job]],
    where: SeriesFilter,
    sort: SeriesSort,
    size: int,
    at: int,
) -> None:
    tenant = new_tenant()
    delivered(store, clock, tenant, deliveries)
    every = store.list_series(tenant, SeriesQuery(at=at, size=1000)).series
    with store.reading() as transaction:
        of = tenants.by_number(transaction, tenant)
        assert of
        stood = series_then(transaction, of, every, at)
        query, wanted = SeriesQuery(where=where, at=at), (Standing.NEEDS_YOU, Standing.NO_RHYTHM)
        need = count_standing(transaction, of, query, wanted, clock.now)
    assert need == Counter(one.standing for one in stood if one.standing in wanted and matches(one.series, where))
    expected = in_order([one for one in every if matches(one, where)], sort)
    walked: list[Series] = []
    query = SeriesQuery(where=where, sort=sort, at=at, size=size)
    while True:
        page = store.list_series(tenant, query)
        assert page.total == len(expected)
        walked += page.series
        if page.next is None:
            break
        query = replace(query, after=page.next)
    assert walked == expected


@LAWS
@given(deliveries=DELIVERIES, sort=SORTS)
def test_at_a_time_after_everything_they_stood_as_it_is_kept(
    store: Store, clock: Clock, new_tenant: Callable[[], int], deliveries: list[list[Job]], sort: SeriesSort
) -> None:
    tenant = new_tenant()
    delivered(store, clock, tenant, deliveries)
    query = SeriesQuery(sort=sort, size=3)
    after_all = clock.now + 30 * ticks.PER_DAY
    assert store.list_series(tenant, replace(query, at=after_all)) == store.list_series(tenant, query)


def test_a_night_that_failed_and_recovered_is_told_as_it_stood_between(store: Store, tenant: int) -> None:
    about = {"plan": "nightly", "resource": "web"}
    store.record(
        tenant,
        [
            done("good", **about),
            done("bad", state=JobState.Failed, start=START + 10 * MINUTE, finish=START + 11 * MINUTE, **about),
            done("again", start=START + 20 * MINUTE, finish=START + 30 * MINUTE, **about),
            running("now", start=START + 40 * MINUTE, **about),
            not_started("due", start=START + 600 * MINUTE, **about),
        ],
    )

    def at(minute: int) -> SeriesStatus:
        (one,) = store.list_series(tenant, SeriesQuery(at=START + minute * MINUTE)).series
        return one.status

    between, later = at(25), at(35)
    assert (between.good_id, between.not_good, between.newest_id, between.unfinished) == ("good", 1, "again", 1)
    assert (later.good_id, later.not_good, later.unfinished) == ("again", 0, 0)
    assert not store.list_series(tenant, SeriesQuery(at=START - 1)).series
