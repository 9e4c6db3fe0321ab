"""The stretch of time in which a page lies, by the kept counts, against the jobs one by one; in long histories too."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import pytest
from example_jobs import done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import matches
from sqlalchemy import delete, insert, literal, select, update

from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort
from jobreport.store import Store
from jobreport.store.derived import counts
from jobreport.store.query import conditions, day_walk, day_window
from jobreport.store.query.codes import Codes
from jobreport.store.schema.jobs import job_count
from long import times

LAWS = settings(max_examples=times(60), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

DAYS = 400
FIRST_MIDNIGHT = 738_000 * ticks.PER_DAY
CODES = [
    (ServiceType.VM, JobType.Backup, JobState.Successful),
    (ServiceType.VM, JobType.Backup, JobState.Failed),
    (ServiceType.VM, JobType.Restore, JobState.Successful),
    (ServiceType.AmazonEC2, JobType.EC2Backup, JobState.NotStarted),
]


def long_history() -> list[Job]:
    """Some jobs of some kinds on most of the days, at their ends and within; newest first."""
    dice = Random(20241027)
    found = []
    for day in range(DAYS):
        for number in range(dice.choice([0, 0, 1, 1, 1, 2, 6])):
            service, kind, state = dice.choice(CODES)
            time = dice.choice([0, 1, ticks.PER_DAY // 2, ticks.PER_DAY - 1])
            start = FIRST_MIDNIGHT + day * ticks.PER_DAY + time
            finish = 0 if state is JobState.NotStarted else start
            job = done(f"{day} {number}", service=service, type=kind, state=state, start=start, finish=finish)
            found.append(job)
    return sorted(found, key=lambda job: (job.start, job.job_id), reverse=True)


HISTORY = long_history()
MOMENTS = st.builds(
    lambda day, time: FIRST_MIDNIGHT + day * ticks.PER_DAY + time,
    st.integers(-2, DAYS + 2),
    st.sampled_from([-1, 0, 1, ticks.PER_DAY - 2, ticks.PER_DAY - 1])
    | st.integers(-1, 1).map(lambda near: ticks.PER_DAY // 2 + near),
)


@st.composite
def questions(draw: st.DrawFn) -> JobQuery:
    """Codes and times, in either order, and pages near either end, in the middle and beyond."""
    services, types, states = zip(*draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3)), strict=True)
    size = draw(st.integers(1, 30) | st.sampled_from([200, 10_000]))
    where = JobFilter(
        since=draw(st.none() | MOMENTS),
        until=draw(st.none() | MOMENTS),
        services=draw(st.sampled_from([(), tuple(sorted({*services}))])),
        types=draw(st.sampled_from([(), tuple(sorted({*types}))])),
        states=draw(st.sampled_from([(), tuple(sorted({*states}))])),
    )
    sort = Sort(descending=draw(st.booleans()))
    return JobQuery(where=where, sort=sort, page=draw(st.integers(0, len(HISTORY) // size + 1)), size=size)


def of_codes(where: JobFilter) -> list[Job]:
    """The history's jobs of these codes, oldest first."""
    return [job for job in reversed(HISTORY) if matches(job, 0, replace(where, since=None, until=None))]


def within(oldest_first: list[Job], since: int | None, until: int | None) -> list[Job]:
    """Those of the jobs that lie in the range, newest first."""
    first = 0 if since is None else bisect_left(oldest_first, since, key=lambda job: job.start)
    end = len(oldest_first) if until is None else bisect_right(oldest_first, until, key=lambda job: job.start)
    return oldest_first[first:end][::-1]


def numbers_within(jobs: list[Job], days: tuple[int, int] | None, stretches: Sequence[tuple[int, int]]) -> list[int]:
    """As `day_window.Numbers`; what is counted is never more than half a day, but where there is no whole one."""
    assert not days or all(until - since < ticks.PER_DAY // 2 for since, until in stretches)
    whole = [(days[0] * ticks.PER_DAY, (days[1] + 1) * ticks.PER_DAY - 1)] if days else []
    return [len(within(jobs, since, until)) for since, until in [*whole, *stretches]]


def codes_named(where: JobFilter) -> Codes:
    return Codes(len(where.services), len(where.types), len(where.states))


@pytest.fixture
def filled(store: Store, tenant: int) -> Store:
    store.record(tenant, HISTORY)
    return store


@pytest.fixture
def same_tenant(filled: Store, new_tenant: Callable[[], int]) -> int:
    """Another tenant with the same jobs, so with the same counts."""
    tenant = new_tenant()
    filled.record(tenant, HISTORY)
    return tenant


@LAWS
@given(query=questions())
def test_a_window_holds_its_page_and_says_what_lies_about_it(filled: Store, tenant: int, query: JobQuery) -> None:
    where, newest_first = query.where, query.sort.descending
    chosen = of_codes(where)
    expected = within(chosen, where.since, where.until)[:: 1 if newest_first else -1]
    skip = query.page * query.size
    page = expected[skip : skip + query.size]
    with filled.reading() as connection:
        values, codes = conditions.values(connection, tenant, where), codes_named(where)
        numbers, locate = partial(numbers_within, chosen), partial(day_walk.locate, connection, values, codes)
        window, wide = (
            day_window.find(
                where.since, where.until, skip, query.size, numbers, locate, newest_first=newest_first, wide=wide
            )
            for wide in (False, True)
        )
    told = filled.list_jobs(tenant, query)
    assert window.total == wide.total == told.total == len(expected)
    assert [line.job_id for line in told.lines] == [job.job_id for job in page]
    assert window.size == wide.size == len(page)
    if query.page == 0:
        assert wide == (len(expected), where.since, where.until, 0, len(page), len(expected) - len(page))
    for place in (window, wide) if page else ():
        stretch = within(chosen, place.since, place.until)[:: 1 if newest_first else -1]
        assert stretch[place.before : place.before + place.size] == page
        assert place.jobs == len(stretch)


@LAWS
@given(query=questions(), data=st.data())
def test_the_days_of_any_jobs_are_found_from_either_end(
    filled: Store, tenant: int, query: JobQuery, data: st.DataObject
) -> None:
    chosen = of_codes(query.where)[::-1]
    if not chosen:
        return
    skip = data.draw(st.integers(0, len(chosen) - 1))
    size = data.draw(st.integers(1, len(chosen) - skip))
    every = day_window.FIRST_DAY, day_window.LAST_DAY
    with filled.reading() as connection:
        values = conditions.values(connection, tenant, query.where)
        span = day_walk.locate(connection, values, codes_named(query.where), every, skip, size, len(chosen))
    days = [counts.day_of(job.start) for job in chosen]
    assert span == (
        days[skip],
        days[skip + size - 1],
        skip - days.index(days[skip]),
        len(days) - days[::-1].index(days[skip + size - 1]) - skip - size,
    )


@pytest.mark.parametrize(
    "where",
    [
        JobFilter(services=(ServiceType.VM, ServiceType.AmazonEC2)),
        JobFilter(states=(JobState.Successful, JobState.Failed)),
        JobFilter(types=(JobType.Backup, JobType.Restore), states=(JobState.Successful,)),
        JobFilter(services=(ServiceType.VM,)),
        JobFilter(),
    ],
    ids=["services", "states", "types and a state", "a service", "all"],
)
def test_a_page_in_the_middle_is_read_within_its_days_whatever_codes_are_asked_for(
    filled: Store, tenant: int, where: JobFilter
) -> None:
    """As many jobs are skipped as a day or two have, and not as many as come before the page."""
    chosen = of_codes(where)
    middle = len(chosen) // 2
    with filled.reading() as connection:
        values = conditions.values(connection, tenant, where)
        locate = partial(day_walk.locate, connection, values, codes_named(where))
        window = day_window.find(where.since, where.until, middle, 5, partial(numbers_within, chosen), locate)
    assert middle > 50
    assert min(window.before, window.behind) <= 6


@settings(LAWS, max_examples=times(20))
@given(
    query=questions(),
    wrong=st.lists(
        st.tuples(
            st.sampled_from([*CODES, (-1, -1, -1), (1, -1, -1), (1, 1, -1), (-1, -1, 2), (99, 99, 99)]),
            st.integers(-2, DAYS + 2).map(lambda day: counts.day_of(FIRST_MIDNIGHT) + day)
            | st.sampled_from([-5, 0, day_window.LAST_DAY, day_window.LAST_DAY + 1, 2**31 - 1]),
            st.none() | st.integers(-5, 5) | st.sampled_from([-(2**31), 2**31 - 1]),
        ),
        max_size=20,
    ),
    every=st.sampled_from([None, -3, 0, 1, 2**31 - 1]),
    search=st.sampled_from(["", "1", "30", "300", "Ü"]),
)
def test_wrong_counts_make_a_wrong_page_and_nothing_worse(
    filled: Store,
    tenant: int,
    same_tenant: int,
    query: JobQuery,
    wrong: list[tuple[tuple[int, int, int], int, int | None]],
    every: int | None,
    search: str,
) -> None:
    """As a fault of ours or a hand in the database would leave them: `jobreport check` finds and repairs these."""
    mine = job_count.c.tenant == tenant
    names = job_count.c.keys()
    right = select(*(literal(tenant) if name == "tenant" else job_count.c[name] for name in names)).where(
        job_count.c.tenant == same_tenant
    )
    try:
        with filled.writing() as connection:
            if every is not None:
                connection.execute(update(job_count).values(jobs=every).where(mine))
            for (service, kind, state), day, jobs in wrong:
                key = {"tenant": tenant, "service": service, "type": kind, "state": state, "day": day}
                connection.execute(delete(job_count).filter_by(**key))
                if jobs is not None:
                    connection.execute(insert(job_count).values(**key, jobs=jobs, ended=0))
        page = filled.list_jobs(tenant, replace(query, where=replace(query.where, search=search)))
        assert page.total >= 0
        assert len(page.lines) <= query.size
        fitting = {job.job_id for job in within(of_codes(query.where), query.where.since, query.where.until)}
        assert {line.job_id for line in page.lines} <= fitting
    finally:
        with filled.writing() as connection:
            connection.execute(delete(job_count).where(mine))
            connection.execute(insert(job_count).from_select(names, right))
