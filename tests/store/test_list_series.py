"""Any question for series: the exact total, the right ones in order, from position to position."""

from collections.abc import Callable

from example_jobs import done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from naive import ORIGINS, PLANS, RESOURCES, SERVICES, TEXTS, TYPES, VARIED, some

from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.series_query import Series, SeriesFilter, SeriesKeys, SeriesQuery, SeriesSort
from jobreport.store import Store
from long import times

LAWS = settings(max_examples=times(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

_ASKED = {
    "search": TEXTS,
    "services": some(SERVICES),
    "types": some(TYPES),
    "states": some(st.sampled_from(JobState)),
    "plans": some(PLANS.filter(bool)),
    "resources": some(RESOURCES.filter(bool)),
    "origins": some(ORIGINS.filter(bool)),
}


@st.composite
def filters(draw: st.DrawFn) -> SeriesFilter:
    names = draw(st.lists(st.sampled_from([*_ASKED]), max_size=3, unique=True))
    return SeriesFilter(**{name: draw(_ASKED[name]) for name in names})


def matches(one: Series, where: SeriesFilter) -> bool:
    term = where.search.casefold()
    return (
        (term in one.plan.casefold() or term in one.resource.casefold())
        and (not where.services or one.service in where.services)
        and (not where.types or one.type in where.types)
        and (not where.states or one.status.ended_state in (where.states if one.status.ended_id else ()))
        and (not where.plans or one.plan in where.plans)
        and (not where.resources or one.resource in where.resources)
        and (not where.origins or one.origin in where.origins)
    )


def in_order(every: list[Series], sort: SeriesSort) -> list[Series]:
    def key(one: Series) -> tuple[object, int]:
        name = f"{one.plan} {one.resource}".strip().casefold()
        return {
            SeriesKeys.NAME: name,
            SeriesKeys.LAST_GOOD: one.status.good_finish,
            SeriesKeys.NOT_GOOD_SINCE: one.status.not_good_since,
        }[sort.key], one.number

    found = sorted(every, key=key, reverse=sort.descending)
    if sort.key is not SeriesKeys.NOT_GOOD_SINCE:
        return found
    return [one for one in found if one.status.not_good] + [one for one in found if not one.status.not_good]


@LAWS
@given(
    jobs=VARIED,
    where=filters(),
    sort=st.builds(SeriesSort, st.sampled_from(SeriesKeys), st.booleans()),
    size=st.integers(1, 4),
)
def test_any_question_gives_what_reading_all_series_gives(
    store: Store, new_tenant: Callable[[], int], jobs: list[Job], where: SeriesFilter, sort: SeriesSort, size: int
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
