"""Whichever index a page is read from, and from whichever end, it is the page that reading all jobs gives."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import QUERIES, filed_jobs, naive

from jobreport.model.job import Job
from jobreport.model.query import JobQuery
from jobreport.store import Store
from jobreport.store.query import indexes, report
from jobreport.store.query.indexes import Access
from strategies import NOW

LAWS = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@LAWS
@given(
    kept=st.lists(filed_jobs(), max_size=20, unique_by=lambda job: job.job_id),
    queries=st.lists(QUERIES, min_size=1, max_size=4),
    data=st.data(),
)
def test_every_way_gives_the_rows_that_reading_all_jobs_gives(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[JobQuery], data: st.DataObject
) -> None:
    tenant = new_tenant()
    store.record(tenant, kept)
    store.record(new_tenant(), kept)
    for query in queries:
        expected = [job.job_id for job in naive(kept, NOW, query, search=False)]
        skip = data.draw(st.integers(0, len(expected) + 1))
        place = {"skip": skip, "size": query.size, "most": skip + query.size}
        values = {**indexes.codes_of(tenant, query), "since": query.since, "until": query.until}
        with store.reading() as connection:
            for way in {*indexes.ways(query), Access.SUBJECT}:
                shape = indexes.shape(query, way, query.since, query.until)
                assert report.number_of(shape).value(connection, values) == len(expected), way
                for backwards in (False, True):
                    wanted = (expected[::-1] if backwards else expected)[skip : skip + query.size]
                    for whole in (False, True):
                        for by_key in (False, True) if skip == 0 else (True,):
                            for apart in (False, True) if store.is_shared and way is Access.PAIRS else (False,):
                                told = {"backwards": backwards, "by_key": by_key, "whole": whole, "apart": apart}
                                rows = report.rows_of(shape, **told).rows(connection, {**values, **place})
                                assert [row[0] for row in rows] == wanted, (way, told)


@LAWS
@given(query=QUERIES, first=st.integers(0, 3), visits=st.integers(0, 100))
def test_the_way_that_is_chosen_is_one_of_those_that_there_are(
    store: Store, tenant: int, query: JobQuery, first: int, visits: int
) -> None:
    with store.reading() as connection:
        assert indexes.choose(connection, tenant, query, (first, first + 5), visits) in indexes.ways(query)
