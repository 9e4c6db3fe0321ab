"""Which series need somebody, in numbers, as a list, and one by one: always the same judgement, kept or made now."""

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
from jobreport.model.judgement import Verdict
from jobreport.model.need import BAD, GRACE, Kind, Mark, Standing
from jobreport.model.series_query import Series, SeriesFilter, SeriesQuery, SeriesSort
from jobreport.store import Store
from jobreport.store.query.series import by_standing, listing
from jobreport.store.query.series.announced import Announced
from jobreport.store.registry import marks, tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.store.watch import standing, verdicts
from jobreport.watch.judging import look
from jobreport.watch.lists import listed
from jobreport.watch.mark_snapshot import snapshot_of
from jobreport.watch.numbers import NeedsNow, count_standing, needs_now, numbers, numbers_of, stand_so, verdicts_of
from jobreport.watch.series_now import SeriesNow, series_now, special
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


def mark_some(store: Store, tenant: int, kinds: list[Kind | None]) -> None:
    with store.writing() as transaction:
        for one, kind in zip(every_now(store, tenant), kinds, strict=False):
            if kind is Kind.RETIRED or (kind and one.need in BAD):
                found = snapshot_of(one.series, one.judgement, Announced())
                marks.put(transaction, tenant, one.series.number, Mark(kind=kind, by="anna", since=NOW, found=found))
        verdicts.judge_all(transaction, tenant)


def agree(store: Store, tenant: int, ages: Ages) -> None:
    with store.writing() as transaction:
        tenants.set_expectations(transaction, tenant, ages.rules)
        verdicts.judge_all(transaction, tenant)
        assert tenants.ages(transaction, tenant) == ages


def whole(store: Store, tenant: int) -> Tenant:
    with store.reading() as transaction:
        found = tenants.by_number(transaction, tenant)
    assert found
    return found


def every_now(store: Store, tenant: int) -> list[SeriesNow]:
    with store.reading() as transaction:
        every = listing.find(transaction, tenant, SeriesQuery(size=MANY)).series
        return series_now(transaction, whole(store, tenant), every, NOW)


def needing_now(store: Store, tenant: int, most: int) -> NeedsNow:
    of = whole(store, tenant)
    with store.reading() as transaction:
        return needs_now(transaction, of, special(transaction, [of], NOW)[tenant], NOW, most)


def judge(store: Store) -> None:
    for _ in look(store, NOW):
        pass


@LAWS
@given(
    both=st.tuples(VARIED, VARIED),
    ages=AGES,
    kinds=KINDS,
    where=filters(),
    sort=SORTS,
    wanted=st.sets(st.sampled_from(Standing)),
    looks=st.tuples(st.booleans(), st.booleans()),
)
def test_numbers_lists_and_single_series_are_judged_alike(
    store: Store,
    new_tenant: Callable[[], int],
    both: tuple[list[Job], list[Job]],
    ages: Ages,
    kinds: list[Kind | None],
    where: SeriesFilter,
    sort: SeriesSort,
    wanted: set[Standing],
    looks: tuple[bool, bool],
) -> None:
    tenant = new_tenant()
    agree(store, tenant, ages)
    # Some are kept as they were judged, and of some of these jobs change then.
    for jobs, is_judged in zip(both, looks, strict=True):
        store.record(tenant, jobs)
        mark_some(store, tenant, kinds)
        if is_judged:
            judge(store)
    stand = every_now(store, tenant)
    every = [one.series for one in stand]
    now = needing_now(store, tenant, 2)
    so_standing: dict[Standing | None, list[Series]] = {}
    for one in stand:
        so_standing.setdefault(one.standing, []).append(one.series)
    numbers = {one: len(so_standing.get(one, ())) for one in Standing}
    assert now.numbers.standing == +Counter(numbers)
    assert now.numbers.well == len(so_standing.get(None, ()))
    assert len(now.in_hands) == numbers[Standing.IN_HANDS]
    assert now.series == len(every) - now.retired
    assert [one.series for one in now.needing] == sorted(so_standing.get(Standing.NEEDS_YOU, []), key=urgency)[:2]
    assert [one.series for one in now.unjudged] == sorted(so_standing.get(Standing.NOT_JUDGED, []), key=urgency)[:2]
    for each in Standing:
        so = SeriesFilter(standings=(each,))
        assert listed(store, tenant, SeriesQuery(where=so, size=MANY)).page.total == numbers[each]
    of = whole(store, tenant)
    with store.reading() as transaction:
        specials = special(transaction, [of], NOW)
        counted = verdicts_of(transaction, specials, numbers_of(transaction, specials))[tenant]
        assert counted == Counter(one.judgement.verdict for one in stand) + Counter({Verdict.MET: 0})
        chosen = replace(where, standings=(*wanted,))
        expected_list = in_order(
            [series for one in wanted for series in so_standing.get(one, []) if matches(series, where)], sort
        )
        numbers_so = stand_so(transaction, of, wanted, NOW)
        for most in (0, MANY) if wanted else ():
            query = SeriesQuery(where=chosen, sort=sort, size=2)
            found = list[Series]()
            while True:
                page = by_standing.find(transaction, tenant, query, numbers_so, most=most)
                assert page.total == len(expected_list)
                found += page.series
                if not page.next:
                    break
                query = replace(query, after=page.next)
            assert found == expected_list
        for asked in (where, SeriesFilter()):
            expected = Counter(one for one in wanted for series in so_standing.get(one, []) if matches(series, asked))
            assert count_standing(transaction, of, SeriesQuery(where=asked), wanted, NOW) == expected


def test_what_is_younger_than_agreed_is_well_without_a_rhythm(store: Store, tenant: int) -> None:
    day = NOW - 2 * DAY
    store.record(tenant, [done("a", plan="once", start=day, finish=day + 1)])
    for age, so in ((0, Standing.NO_RHYTHM), (5 * DAY, None), (DAY, Standing.NEEDS_YOU)):
        agree(store, tenant, Ages((Expectation(name="all", age=age),) if age else ()))
        (one,) = every_now(store, tenant)
        assert one.standing is so


def test_of_more_than_are_judged_at_once_those_that_never_were_are_said_to_wait(store: Store, tenant: int) -> None:
    several = [done(f"{n}", plan=f"p{n}", state=JobState.Failed, start=NOW - 9, finish=NOW - 8) for n in range(600)]
    store.record(tenant, several)
    now = needing_now(store, tenant, 2)
    assert (now.need, now.numbers.waiting, now.numbers.well) == (500, 100, 0)
    judge(store)
    now = needing_now(store, tenant, 2)
    assert (now.need, now.numbers.waiting, now.numbers.well) == (600, 0, 0)
    with store.reading() as transaction:
        assert standing.counted(transaction, [tenant])[tenant].total() == 600


def test_no_series_of_any_tenant_is_called_well_that_was_never_judged_since_others_are_due(
    store: Store, new_tenant: Callable[[], int]
) -> None:
    several = [done(f"{n}", plan=f"p{n}", state=JobState.Failed, start=NOW - 9, finish=NOW - 8) for n in range(600)]
    every = [new_tenant() for _ in range(3)]
    store.record(every[1], several)
    for small in (every[0], every[2]):
        store.record(small, several[:4])
    with store.reading() as transaction:
        known = [one for number in every if (one := tenants.by_number(transaction, number))]
        found = numbers(transaction, known, NOW)
    assert [found[number].well for number in every] == [0, 0, 0]
    assert sum(found[number].waiting for number in every) == 608 - 500


def test_a_list_by_standing_goes_on_page_by_page(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"{n}", plan=f"p{n}", state=JobState.Failed) for n in range(5)])
    where = SeriesFilter(standings=(Standing.NEEDS_YOU,))
    first = listed(store, tenant, SeriesQuery(where=where, size=3)).page
    assert (first.total, first.next is None) == (5, False)
    second = listed(store, tenant, SeriesQuery(where=where, size=3, after=first.next)).page
    assert [one.plan for one in (*first.series, *second.series)] == [f"p{n}" for n in range(5)]
    assert [one.plan for one in in_order([*first.series], SeriesQuery().sort)] == ["p0", "p1", "p2"]


def test_what_should_have_started_needs_somebody_until_a_good_job_comes(store: Store, tenant: int) -> None:
    def needing() -> list[str]:
        where = SeriesFilter(standings=(Standing.NEEDS_YOU,))
        return [one.plan for one in listed(store, tenant, SeriesQuery(where=where)).page.series]

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
    mark_some(store, tenant, [Kind.RETIRED])
    now = needing_now(store, tenant, 9)
    assert (now.series, now.need, now.retired) == (0, 0, 1)
    store.record(tenant, [done("b", plan="gone", state=JobState.Failed, start=NOW - 5, finish=NOW - 1)])
    now = needing_now(store, tenant, 9)
    assert (now.series, now.need, now.retired) == (1, 1, 0)
