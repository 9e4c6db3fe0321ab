"""Whichever index a page is read from, and from whichever end, it is the page that reading all jobs gives."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import FILTERS, SORTS, VARIED, move_limits_to_jobs, naive_ids

from jobreport.model.job import Job
from jobreport.model.query import JobFilter, JobQuery, Sort
from jobreport.store import Store
from jobreport.store.db import dialect_of
from jobreport.store.query import conditions, costs, statements
from jobreport.store.query.codes import EVERY
from jobreport.store.query.indexes import Index
from long import times
from strategies import NOW

LAWS = settings(max_examples=times(35), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@LAWS
@given(
    kept=VARIED,
    wheres=st.lists(FILTERS, min_size=1, max_size=4),
    near=st.booleans(),
    sort=SORTS,
    size=st.integers(1, 5),
    data=st.data(),
)
def test_every_index_gives_the_rows_that_reading_all_jobs_gives(
    store: Store,
    new_tenant: Callable[[], int],
    kept: list[Job],
    wheres: list[JobFilter],
    near: bool,
    sort: Sort,
    size: int,
    data: st.DataObject,
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    store.record(new_tenant(), kept)
    asked = (move_limits_to_jobs(where, kept) if near else where for where in wheres)
    for where in filter(conditions.answerable, asked):
        expected = naive_ids(kept, NOW, JobQuery(where=where, sort=sort))
        skip = data.draw(st.integers(0, len(expected) + 1))
        pairs = [
            (service, kind)
            for service in [*map(int, where.services)] or EVERY["service"]
            for kind in [*map(int, where.types)] or EVERY["type"]
        ]
        with store.reading() as connection:
            values = conditions.values(connection, tenant, where, NOW) | {
                "skip": skip,
                "size": size,
                "most": skip + size,
                "pair_services": [pair[0] for pair in pairs],
                "pair_types": [pair[1] for pair in pairs],
            }
            shape = conditions.shape_of(dialect_of(connection), where)
            for index in {*conditions.indexes_for(shape), Index.SUBJECT}:
                by = shape._replace(by=index)
                assert statements.count(by).value(connection, values) == len(expected), index
                for by_key in (False, True) if skip == 0 else (True,):
                    one_by_one = by_key and store.is_shared and index is Index.PAIR and sort.key == "startTime"
                    for each_pair in (False, True) if one_by_one else (False,):
                        told = {"after": False, "by_key": by_key, "each_pair": each_pair}
                        rows = statements.page(by, sort, **told).rows(connection, values)
                        assert [row[0] for row in rows] == expected[skip : skip + size], (index, told)
                in_order = [key[-1] for key in statements.keys(by, sort, ordered=True).rows(connection, values)]
                assert in_order == expected


@LAWS
@given(where=FILTERS, sort=SORTS, part=st.floats(0, 1))
def test_the_index_that_is_chosen_is_one_of_those_that_there_are(
    store: Store, tenant: int, where: JobFilter, sort: Sort, part: float
) -> None:
    with store.reading() as connection:
        shape = conditions.shape_of(dialect_of(connection), where)
        values = conditions.values(connection, tenant, where, NOW)
        filed, ended = (where.since, where.until), (where.ended_since, where.ended_until)
        chosen = costs.Costs(connection, shape, values, filed, ended)
        assert chosen.for_page(sort, part) in conditions.indexes_for(shape)
        assert chosen.cheapest() in conditions.indexes_for(shape)


@LAWS
@given(kept=VARIED, where=FILTERS)
def test_an_index_that_has_just_the_jobs_in_order_gives_them_without_sorting(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], where: JobFilter
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    with store.reading() as connection:
        shape = conditions.shape_of(dialect_of(connection), where)
        if direct := conditions.direct_index(shape):
            assert where.is_counted
            by = shape._replace(by=direct)
            rows = statements.page(by, Sort(), after=False, by_key=False, each_pair=False).rows(
                connection, conditions.values(connection, tenant, where) | {"size": 100}
            )
            assert [row[0] for row in rows] == naive_ids(kept, NOW, JobQuery(where=where))
