"""The counts of series are kept with them: they say what counting the series says, and what is wrong is repaired."""

from collections.abc import Callable

from example_jobs import START, done
from hypothesis import given
from hypothesis import strategies as st
from naive import varied_jobs
from naive_series import LAWS
from sqlalchemy import delete, update

from jobreport.model.job import Job
from jobreport.store import Store
from jobreport.store.admin.check import Difference, check
from jobreport.store.admin.prune import Rule, prune
from jobreport.store.admin.purge import delete_all_jobs
from jobreport.store.derived import series_counts
from jobreport.store.schema.jobs import series_count as table


@LAWS
@given(
    deliveries=st.lists(st.lists(varied_jobs(), max_size=6, unique_by=lambda job: job.job_id), max_size=4),
    rule=st.builds(Rule, before=st.sampled_from([0, START]), failed_before=st.sampled_from([0, START])),
)
def test_whatever_comes_and_goes_the_counts_are_those_of_the_series(
    store: Store, new_tenant: Callable[[], int], deliveries: list[list[Job]], rule: Rule
) -> None:
    tenant = new_tenant()
    for number, delivery in enumerate(deliveries, 1):
        store.record(tenant, [job.evolve(observed=number) for job in delivery])
    for _ in prune(store, tenant, rule):
        pass
    with store.reading() as connection:
        assert series_counts.kept(connection, tenant) == series_counts.recounted(connection, tenant)


def test_what_is_wrong_of_the_counts_is_told_and_repaired(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="a"), done("b", plan="b")])
    with store.writing() as connection:
        connection.execute(update(table).where(table.c.tenant == tenant).values(not_good=5))
    (found,) = check(store, repair=True).differences
    assert isinstance(found, Difference)
    assert (found.what, found.kept, found.true, found.day) == ("not_good", 5, 0, "")
    assert check(store).sound
    with store.writing() as connection:
        connection.execute(delete(table).where(table.c.tenant == tenant))
    assert {one.what: one.true for one in check(store, repair=True).differences} == {"series": 2}
    assert check(store).sound


def test_nothing_is_left_of_a_tenant_that_is_purged(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="a")])
    for _ in delete_all_jobs(store, tenant):
        pass
    with store.reading() as connection:
        assert series_counts.kept(connection, tenant) == {}
