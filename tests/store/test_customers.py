"""How the series of many tenants stand, and how their nights were: what reading all series and all jobs answers."""

from collections.abc import Callable
from datetime import timedelta

from example_jobs import done
from hypothesis import given
from hypothesis import strategies as st
from naive import VARIED
from naive_series import LAWS
from sqlalchemy import update
from test_needs import agree, judge, needing_now

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import COPIES, DAILY, Ages, Agreed, Source
from jobreport.model.job import Job
from jobreport.model.nights import NightHours
from jobreport.model.series_query import SeriesQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.derived.good_jobs import judge_again
from jobreport.store.query.nights.worst import ENTRIES, worst_of_nights
from jobreport.store.query.series import listing
from jobreport.store.query.series.agreed_ages import agreed, told_of
from jobreport.store.registry import tenants
from jobreport.store.schema.jobs import series as series_table
from jobreport.watch.copies import Copies, copies
from jobreport.watch.series_now import special
from strategies import NOW

WORST = [JobState.Successful, JobState.Exception, JobState.Stopped, JobState.Failed]
HOURS = st.builds(NightHours, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"]), st.sampled_from([0, 1080]))


DAY_OLD = Ages((Expectation(name="all", age=ticks.PER_DAY),))
HALF = Ages((Expectation(name="all", age=ticks.PER_DAY // 2),))
AGREED = st.sampled_from([Ages(), HALF, Ages((Expectation(name="n", plan="n*", age=ticks.PER_DAY // 3),))])


def told(store: Store, tenant: int, now: int) -> Copies:
    with store.reading() as transaction:
        of = tenants.by_number(transaction, tenant)
        assert of
        return copies(transaction, [of], special(transaction, [of], now), now)[tenant]


@LAWS
@given(jobs=VARIED, more=VARIED, ages=AGREED, days=st.integers(0, 90), is_judged=st.booleans())
def test_old_copies_are_told_as_they_stand(
    store: Store,
    new_tenant: Callable[[], int],
    jobs: list[Job],
    more: list[Job],
    ages: Ages,
    days: int,
    is_judged: bool,
) -> None:
    tenant = new_tenant()
    agree(store, tenant, ages)
    for several in (jobs, [job for job in more if job.job_id not in {one.job_id for one in jobs}]):
        store.record(tenant, several)
        for now in (NOW, NOW + days * ticks.PER_DAY):
            with store.reading() as transaction:
                every = listing.find(transaction, tenant, SeriesQuery(size=1000)).series
                waiting = [one for one in every if one.type in COPIES and one.status.good_finish]
                known = agreed(transaction, tenant, [*map(told_of, waiting)], ages)
            ends = {
                one.status.good_finish + age.age: one
                for one in waiting
                if (age := known[one.number])
                # Of a young copy no default is looked up.
                and (age.source is not Source.DEFAULT or now - one.status.good_finish > min(DAILY, ages.least))
            }
            found = told(store, tenant, now)
            over = [age for one in waiting if (age := known[one.number]) and now - one.status.good_finish > age.age]
            assert found.over == len(over)
            if is_judged:
                judge(store)
                assert told(store, tenant, now).over == found.over
            if ends:
                first = ends[min(ends)]
                assert (found.good_finish, found.agreed) == (first.status.good_finish, known[found.series])
            else:
                assert found.series == 0


def test_an_old_copy_is_judged_anew_after_each_report(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant = new_tenant()

    def report(job_id: str, days: float, state: JobState = JobState.Successful) -> None:
        finish = NOW - int(days * ticks.PER_DAY)
        store.record(tenant, [done(job_id, start=finish, finish=finish, state=state, plan="nightly", resource="")])

    report("1", 4)
    report("2", 3.5)
    assert told(store, tenant, NOW) == Copies(), "two runs tell no default"
    report("3", 3)
    old = Copies(1, 1, "nightly", "", NOW - 3 * ticks.PER_DAY, Agreed(DAILY, Source.DEFAULT))
    assert told(store, tenant, NOW) == old
    report("4", 1.5, JobState.Failed)
    rarer = Agreed(int(1.5 * ticks.PER_DAY) * 3 // 2, Source.DEFAULT)
    assert told(store, tenant, NOW) == old._replace(agreed=rarer)
    report("5", 0.1)
    assert told(store, tenant, NOW) == Copies()


def test_copies_are_judged_anew_with_what_is_good(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant = new_tenant()
    days = [(5, JobState.Successful), (4, JobState.Successful), (3, JobState.Successful), (2, JobState.Exception)]
    finishes = [(NOW - day * ticks.PER_DAY, state) for day, state in days]
    jobs = [done(f"{finish}", start=finish, finish=finish, state=state, plan="p") for finish, state in finishes]
    store.record(tenant, jobs)
    judge(store)
    for good, days_old in ((True, 2), (False, 3)):
        with store.writing() as connection:
            tenants.set_exceptions_good(connection, tenant, good)
            judge_again(connection, tenant)
        assert told(store, tenant, NOW).good_finish == NOW - days_old * ticks.PER_DAY
        assert needing_now(store, tenant, 1).numbers.not_good().total() == (not good)


def test_copies_are_judged_anew_after_a_repair(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant = new_tenant()
    agree(store, tenant, DAY_OLD)
    finish = NOW - 3 * ticks.PER_DAY
    store.record(tenant, [done("one", start=finish, finish=finish, plan="p")])
    with store.writing() as connection:
        wrong = update(series_table).where(series_table.c.tenant == tenant).values(good_finish=finish - 1)
        connection.execute(wrong)
    judge(store)
    assert told(store, tenant, NOW).good_finish == finish - 1
    check(store, repair=True)
    assert told(store, tenant, NOW).good_finish == finish


@LAWS
@given(both=st.tuples(VARIED, VARIED), hours=HOURS, entries=st.sampled_from([0, ENTRIES, 10**6]))
def test_the_worst_job_of_each_night_is_told(
    store: Store, new_tenant: Callable[[], int], both: tuple[list[Job], list[Job]], hours: NightHours, entries: int
) -> None:
    both_of = {new_tenant(): jobs for jobs in both}
    for tenant, jobs in both_of.items():
        store.record(tenant, jobs)
    last = nights.night_of(hours, NOW)
    days = [last - timedelta(6 - place) for place in range(7)]
    with store.reading() as connection:
        ended = worst_of_nights(connection, both_of, hours, days, entries=entries)
    for tenant, jobs in both_of.items():
        found = {}
        for job in jobs:
            night = nights.night_of(hours, job.finish) if job.state in WORST else None
            if night in days:
                found[night] = max(found.get(night, JobState.Successful), job.state, key=WORST.index)
        assert ended.get(tenant, {}) == found
