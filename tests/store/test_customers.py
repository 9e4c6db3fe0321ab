"""How the series of many tenants stand, and how their nights were: what reading all series and all jobs answers."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from example_jobs import done
from hypothesis import given
from hypothesis import strategies as st
from naive import VARIED
from naive_series import LAWS
from sqlalchemy import update
from statements import Recorded

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import COPIES, DAILY, Ages, Agreed, Source
from jobreport.model.job import Job
from jobreport.model.need import Standing
from jobreport.model.nights import NightHours
from jobreport.model.series_query import SeriesQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.derived.good_jobs import judge_again
from jobreport.store.query import customers, needs, series
from jobreport.store.query.agreed_ages import agreed, told_of
from jobreport.store.query.needs_now import needs_now
from jobreport.store.query.old_copies import OldCopies, old_copies
from jobreport.store.query.worst_of_nights import ENTRIES, worst_of_nights
from jobreport.store.registry import tenants
from jobreport.store.schema.jobs import series as series_table
from strategies import NOW

WORST = [JobState.Successful, JobState.Exception, JobState.Stopped, JobState.Failed]
HOURS = st.builds(NightHours, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"]), st.sampled_from([0, 1080]))


DAY_OLD = Ages((Expectation(name="all", age=ticks.PER_DAY),))
HALF = Ages((Expectation(name="all", age=ticks.PER_DAY // 2),))
AGREED = st.sampled_from([Ages(), HALF, Ages((Expectation(name="n", plan="n*", age=ticks.PER_DAY // 3),))])


@LAWS
@given(both=st.tuples(VARIED, VARIED))
def test_services_are_told_that_are_not_good_as_a_whole_or_have_series_that_never_were(
    store: Store, new_tenant: Callable[[], int], both: tuple[list[Job], list[Job]]
) -> None:
    both_of = {new_tenant(): jobs for jobs in both}
    for tenant, jobs in both_of.items():
        store.record(tenant, jobs)
    with store.reading() as connection:
        services = customers.services(connection, both_of)
    for tenant in both_of:
        every = store.list_series(tenant, SeriesQuery(size=1000)).series
        expected = set()
        for service in {one.service for one in every}:
            mine = [one.status for one in every if one.service == service]
            bad = sum(one.not_good > 0 for one in mine)
            unjudged = sum(not one.not_good and not one.good_id for one in mine)
            if bad == len(mine) or unjudged:
                expected.add((service, len(mine), bad, unjudged))
        assert set(services.get(tenant, [])) == expected


@LAWS
@given(jobs=VARIED, more=VARIED, ages=AGREED, days=st.integers(0, 90))
def test_old_copies_are_told_as_they_stand_however_often_they_were_asked_for(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job], more: list[Job], ages: Ages, days: int
) -> None:
    tenant, other = new_tenant(), new_tenant()
    store.record(tenant, jobs)
    asked_later = NOW + days * ticks.PER_DAY

    def compare(now: int) -> None:
        with store.reading() as connection:
            asked = {tenant: ages, other: Ages((Expectation(name="all", age=ticks.PER_DAY // 3),))}
            told = old_copies(connection, asked, now).get(tenant)
            rest = old_copies(connection, asked, now, {tenant: frozenset(range(1000))}).get(tenant)
            every = series.find(connection, tenant, SeriesQuery(size=1000), now).series
            waiting = [one for one in every if one.type in COPIES and 0 < one.status.good_finish < now - ages.least]
            known = agreed(connection, tenant, [*map(told_of, waiting)], ages)
            standings = Counter(one.standing for one in needs.judge(connection, tenant, every, ages, now))
            found = needs_now(connection, tenant, ages, now, 1)
        assert (found.need, found.no_rhythm) == (standings[Standing.NEEDS_YOU], standings[Standing.NO_RHYTHM])
        assert rest is None or (rest.series, rest.over, rest.late, rest.once) == (0, 0, 0, 0)
        judged = [(one, age.age) for one in waiting if (age := known[one.number])]
        over = [one for one, age in judged if now - one.status.good_finish > age]
        if not waiting:
            assert told is None
            return
        assert told is not None
        once = [one for one in waiting if known[one.number] is None and now - one.status.good_finish > DAILY]
        assert told.once == sum(not one.status.not_good for one in once)
        if not judged:
            assert (told.series, told.over, told.late) == (0, 0, 0)
            return
        assert (told.over, told.late) == (len(over), sum(not one.status.not_good for one in over))
        assert told.agreed
        assert told.good_finish + told.agreed.age == min(one.status.good_finish + age for one, age in judged)
        named = {one.number: (one.plan, one.resource, one.status.good_finish) for one, _ in judged}
        assert (told.plan, told.resource, told.good_finish) == named[told.series]

    compare(NOW)
    compare(asked_later)
    store.record(tenant, [job for job in more if job.job_id not in {one.job_id for one in jobs}])
    compare(NOW)
    compare(asked_later)


def test_an_old_copy_is_judged_anew_after_each_report(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant = new_tenant()

    def told() -> OldCopies | None:
        with store.reading() as connection:
            return old_copies(connection, {tenant: Ages()}, NOW).get(tenant)

    def report(job_id: str, days: float, state: JobState = JobState.Successful) -> None:
        finish = NOW - int(days * ticks.PER_DAY)
        store.record(tenant, [done(job_id, start=finish, finish=finish, state=state, plan="nightly", resource="")])

    report("1", 4)
    report("2", 3.5)
    assert told() == OldCopies(0, "", "", 0, None, 0, 0, 1), "two runs tell no default"
    report("3", 3)
    daily = Agreed(DAILY, Source.DEFAULT)
    assert told() == OldCopies(1, "nightly", "", NOW - 3 * ticks.PER_DAY, daily, 1, 1, 0)
    report("4", 1.5, JobState.Failed)
    rarer = Agreed(int(1.5 * ticks.PER_DAY) * 3 // 2, Source.DEFAULT)
    assert told() == OldCopies(1, "nightly", "", NOW - 3 * ticks.PER_DAY, rarer, 1, 0, 0)
    report("5", 0.1)
    assert told() is None


def test_what_is_remembered_of_copies_is_judged_anew_with_what_is_good(
    store: Store, new_tenant: Callable[[], int]
) -> None:
    tenant = new_tenant()
    days = [(5, JobState.Successful), (4, JobState.Successful), (3, JobState.Successful), (2, JobState.Exception)]
    finishes = [(NOW - day * ticks.PER_DAY, state) for day, state in days]
    jobs = [done(f"{finish}", start=finish, finish=finish, state=state, plan="p") for finish, state in finishes]
    store.record(tenant, jobs)
    for good, days_old in ((False, 3), (True, 2), (False, 3)):
        with store.writing() as connection:
            tenants.set_exceptions_good(connection, tenant, good)
            judge_again(connection, tenant)
        with store.reading() as connection:
            told = old_copies(connection, {tenant: Ages()}, NOW)[tenant]
            bad = needs_now(connection, tenant, Ages(), NOW, 1).not_good
        assert (told.good_finish, sum(bad.values())) == (NOW - days_old * ticks.PER_DAY, not good)


def test_who_looks_at_the_same_time_reads_the_copies_once(
    store: Store, new_tenant: Callable[[], int], statements: Recorded
) -> None:
    tenant = new_tenant()
    finish = NOW - 3 * ticks.PER_DAY
    store.record(tenant, [done(f"{n}", start=finish - n, finish=finish - n, plan=f"{n}") for n in range(3)])
    statements.clear()

    def look(_: int) -> OldCopies:
        with store.reading() as connection:
            return old_copies(connection, {tenant: DAY_OLD}, NOW)[tenant]

    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(look, range(8))
    assert first.over == 3
    assert all(one == first for one in others)
    assert sum("series.good_finish, series.first" in sql for _, sql in statements) == 1


def test_what_is_remembered_of_copies_is_read_again_after_a_repair(store: Store, new_tenant: Callable[[], int]) -> None:
    tenant = new_tenant()
    finish = NOW - 3 * ticks.PER_DAY
    store.record(tenant, [done("one", start=finish, finish=finish, plan="p")])

    def good_finish() -> int:
        with store.reading() as connection:
            return old_copies(connection, {tenant: DAY_OLD}, NOW)[tenant].good_finish

    with store.writing() as connection:
        wrong = update(series_table).where(series_table.c.tenant == tenant).values(good_finish=finish - 1)
        connection.execute(wrong)
    assert good_finish() == finish - 1
    check(store, repair=True)
    assert good_finish() == finish


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
