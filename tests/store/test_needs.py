"""Which series need somebody, in numbers, as a list, and one by one: always the same judgement."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from example_jobs import done, not_started
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import VARIED
from naive_series import LAWS, SORTS, filters, in_order, matches, urgency

from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import Ages
from jobreport.model.job import Job
from jobreport.model.need import BAD, GRACE, Kind, Mark, Standing
from jobreport.model.series_query import Series, SeriesFilter, SeriesQuery, SeriesSort
from jobreport.store import Store
from jobreport.store.query import needs, series_by_standing
from jobreport.store.query import series as of_lists
from jobreport.store.query.needs_now import needs_now
from jobreport.store.registry import marks, tenants
from strategies import NOW

DAY: Final = ticks.PER_DAY
MANY: Final = 1000
AGES: Final = st.sampled_from(
    [
        Ages(of_all + of_plans)
        for of_all in ((), (Expectation(name="all", age=DAY // 2),), (Expectation(name="all", age=5 * DAY),))
        for of_plans in (
            (),
            (Expectation(name="plans", plan="*", age=DAY // 3),),
            (Expectation(name="plans", plan="n*", age=9 * DAY),),
        )
    ]
)
KINDS: Final = st.lists(st.sampled_from([None, *Kind]), max_size=6)


def mark_some(store: Store, tenant: int, kinds: list[Kind | None], ages: Ages) -> None:
    with store.writing() as transaction:
        listed = of_lists.find(transaction, tenant, SeriesQuery(size=MANY), NOW).series
        for one, kind in zip(needs.judge(transaction, tenant, listed, ages, NOW), kinds, strict=False):
            if kind is Kind.RETIRED or (kind and one.need in BAD):
                cause = needs.cause_of(transaction, tenant, one.series)
                found = needs.found_now(one.need, one.series, cause, one.due)
                marks.put(transaction, tenant, one.series.number, Mark(kind=kind, by="anna", since=NOW, found=found))


def agree(store: Store, tenant: int, ages: Ages) -> None:
    with store.writing() as transaction:
        tenants.set_expectations(transaction, tenant, ages.rules)
        assert tenants.ages(transaction, tenant) == ages


@LAWS
@given(jobs=VARIED, ages=AGES, kinds=KINDS, where=filters(), sort=SORTS, wanted=st.sets(st.sampled_from(Standing)))
def test_numbers_lists_and_single_series_are_judged_alike(
    store: Store,
    new_tenant: Callable[[], int],
    jobs: list[Job],
    ages: Ages,
    kinds: list[Kind | None],
    where: SeriesFilter,
    sort: SeriesSort,
    wanted: set[Standing],
) -> None:
    tenant = new_tenant()
    store.record(tenant, jobs)
    agree(store, tenant, ages)
    mark_some(store, tenant, kinds, ages)
    every = store.list_series(tenant, SeriesQuery(size=MANY)).series
    with store.reading() as connection:
        judged = needs.judge(connection, tenant, every, ages, NOW)
        now = needs_now(connection, tenant, ages, NOW, 2)
    by_standing: dict[Standing | None, list[Series]] = {}
    for one in judged:
        by_standing.setdefault(one.standing, []).append(one.series)
    numbers = {one: len(by_standing.get(one, ())) for one in Standing}
    assert now.need == numbers[Standing.NEEDS_YOU]
    assert len(now.in_hands) == numbers[Standing.IN_HANDS]
    assert now.not_judged == numbers[Standing.NOT_JUDGED]
    assert now.no_rhythm == numbers[Standing.NO_RHYTHM]
    assert now.retired == numbers[Standing.RETIRED]
    assert now.series == len(every) - now.retired
    assert [one.series for one in now.needing] == sorted(by_standing.get(Standing.NEEDS_YOU, []), key=urgency)[:2]
    for standing in Standing:
        so = SeriesFilter(standings=(standing,))
        assert store.list_series(tenant, SeriesQuery(where=so, size=MANY)).total == numbers[standing]
    with store.reading() as connection:
        chosen = replace(where, standings=(*wanted,))
        expected_list = in_order(
            [series for one in wanted for series in by_standing.get(one, []) if matches(series, where)], sort
        )
        for most in (0, MANY) if wanted else ():
            query = SeriesQuery(where=chosen, sort=sort, size=2)
            found = list[Series]()
            while True:
                page = series_by_standing.find(connection, tenant, query, NOW, most=most)
                assert page.total == len(expected_list)
                found += page.series
                if not page.next:
                    break
                query = replace(query, after=page.next)
            assert found == expected_list
    for asked in (where, SeriesFilter()):
        expected = Counter({one: sum(matches(series, asked) for series in by_standing.get(one, [])) for one in wanted})
        with store.reading() as connection:
            query = SeriesQuery(where=asked)
            assert series_by_standing.count_standing(connection, tenant, query, wanted, ages, NOW) == expected


def test_what_is_younger_than_agreed_is_well_without_a_rhythm(store: Store, tenant: int) -> None:
    day = NOW - 2 * DAY
    store.record(tenant, [done("a", plan="once", start=day, finish=day + 1)])
    listed = store.list_series(tenant, SeriesQuery()).series
    with store.reading() as connection:
        for age, standing in ((0, Standing.NO_RHYTHM), (5 * DAY, None), (DAY, Standing.NEEDS_YOU)):
            ages = Ages((Expectation(name="all", age=age),) if age else ())
            (judged,) = needs.judge(connection, tenant, listed, ages, NOW)
            assert judged.standing is standing


def test_a_list_by_standing_goes_on_page_by_page(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"{n}", plan=f"p{n}", state=JobState.Failed) for n in range(5)])
    where = SeriesFilter(standings=(Standing.NEEDS_YOU,))
    first = store.list_series(tenant, SeriesQuery(where=where, size=3))
    assert (first.total, first.next is None) == (5, False)
    second = store.list_series(tenant, SeriesQuery(where=where, size=3, after=first.next))
    assert [one.plan for one in (*first.series, *second.series)] == [f"p{n}" for n in range(5)]
    assert [one.plan for one in in_order([*first.series], SeriesQuery().sort)] == ["p0", "p1", "p2"]


def test_what_should_have_started_needs_somebody_until_a_good_job_comes(store: Store, tenant: int) -> None:
    def needing() -> list[str]:
        where = SeriesFilter(standings=(Standing.NEEDS_YOU,))
        return [one.plan for one in store.list_series(tenant, SeriesQuery(where=where)).series]

    day = NOW - DAY
    store.record(tenant, [done("a", plan="due", start=day, finish=day + 1)])
    store.record(tenant, [not_started("b", plan="due", start=NOW - GRACE + 1)])
    store.record(tenant, [not_started("c", plan="due", start=NOW + DAY)])
    assert needing() == []
    store.record(tenant, [not_started("e", plan="due", start=NOW - GRACE)])
    assert needing() == ["due"]
    store.record(tenant, [done("d", plan="due", start=NOW - 50, finish=NOW - 40)])
    assert needing() == []


def test_what_is_retired_is_in_no_number_but_its_own_until_a_new_job_arrives(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="gone", state=JobState.Failed)])
    mark_some(store, tenant, [Kind.RETIRED], Ages())
    with store.reading() as connection:
        now = needs_now(connection, tenant, Ages(), NOW, 9)
    assert (now.series, now.need, now.retired) == (0, 0, 1)
    store.record(tenant, [done("b", plan="gone", state=JobState.Failed, start=NOW - 5, finish=NOW - 1)])
    with store.reading() as connection:
        now = needs_now(connection, tenant, Ages(), NOW, 9)
    assert (now.series, now.need, now.retired) == (1, 1, 0)
