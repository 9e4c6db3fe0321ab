"""Any question for series: the exact total, the right ones in order, from position to position."""

from collections.abc import Callable

from example_jobs import START, done
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import VARIED
from naive_series import LAWS, SORTS, filters, in_order, matches

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesQuery, SeriesSort
from jobreport.store import Store
from jobreport.store.query.series import listing


@LAWS
@given(
    jobs=VARIED,
    where=filters(),
    sort=SORTS,
    size=st.integers(1, 4),
    most=st.integers(0, 2),
)
def test_any_question_gives_what_reading_all_series_gives(
    store: Store,
    new_tenant: Callable[[], int],
    jobs: list[Job],
    where: SeriesFilter,
    sort: SeriesSort,
    size: int,
    most: int,
) -> None:
    tenant = new_tenant()
    store.record(tenant, jobs)
    store.record(new_tenant(), jobs)
    every = store.list_series(tenant, SeriesQuery(size=1000))
    assert every.total == len(every.series)
    assert every.next is None
    expected = in_order([one for one in every.series if matches(one, where)], sort)
    walked: list[Series] = []
    query = SeriesQuery(where=where, sort=sort, size=size)
    while True:
        page = store.list_series(tenant, query)
        with store.reading() as connection:
            assert listing.find(connection, tenant, query, most=most) == page
        assert page.total == len(expected)
        walked += page.series
        if page.next is None:
            break
        assert len(page.series) == size
        query = replace(query, after=page.next)
    assert walked == expected


def test_a_name_may_be_as_long_as_a_plan_and_a_resource(store: Store, tenant: int) -> None:
    long = {"plan": "é" * 256, "resource": "\U0001f600" * 1024}
    store.record(tenant, [done("long", **long), done("other", plan="é" * 256, resource="x")])
    page = store.list_series(tenant, SeriesQuery(size=1))
    assert page.next is not None
    (second,) = store.list_series(tenant, SeriesQuery(size=1, after=page.next)).series
    assert {page.series[0].resource, second.resource} == {long["resource"], "x"}
    assert [one.plan for one in store.list_series(tenant, SeriesQuery(where=SeriesFilter(search="É"))).series]


def test_a_series_without_jobs_is_not_listed(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="old")])
    store.record(tenant, [done("a", plan="new", observed=2**60)])
    assert [one.plan for one in store.list_series(tenant, SeriesQuery()).series] == ["new"]


def test_names_at_the_edges_of_an_index_are_found_by_their_plan(store: Store, tenant: int) -> None:
    plans = [
        "a",
        "a ",
        " a",
        "a!",
        "a b",
        "A",
        "ab",
        "\u3000",
        "é" * 239,
        "é" * 256,
        "é" * 250 + "x" * 6,
        "",
        "a\U0010ffff",
    ]
    resources = ["", "!", " ", "b", "\U0010ffff", "x" * 300]
    store.record(
        tenant,
        [
            done(f"{one}-{other}", plan=plan, resource=resource)
            for one, plan in enumerate(plans)
            for other, resource in enumerate(resources)
        ],
    )
    for plan in filter(None, plans):
        page = store.list_series(tenant, SeriesQuery(where=SeriesFilter(plans=(plan,)), size=1000))
        assert [one.plan for one in page.series] == [plan] * len(resources)
        assert page.total == len(resources)


def test_few_of_many_are_found_in_every_order_as_they_are_among_all(store: Store, tenant: int) -> None:
    states = [JobState.Failed, JobState.Stopped, *[JobState.Successful] * 18]
    store.record(
        tenant,
        [
            done(f"j{n}", plan=f"p{n * 7 % 300:03}", state=states[n % 20], start=START + n // 2, finish=START + n)
            for n in range(300)
        ],
    )
    where = SeriesFilter(states=(JobState.Failed, JobState.Stopped))
    for key in SeriesKeys:
        for descending in (False, True):
            sort = SeriesSort(key, descending)
            every = store.list_series(tenant, SeriesQuery(sort=sort, size=1000)).series
            expected = [one for one in every if matches(one, where)]
            query, walked = SeriesQuery(where=where, sort=sort, size=4), list[Series]()
            while True:
                page = store.list_series(tenant, query)
                walked += page.series
                if page.next is None:
                    break
                query = replace(query, after=page.next)
            assert (walked, page.total) == (expected, 30)
