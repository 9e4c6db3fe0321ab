"""Summaries are cached. A write by anybody, also by another process, makes the cache empty at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from example_jobs import START, done
from statements import Recorded

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.query import JobFilter
from jobreport.model.summary import Key, More, SummaryQuery
from jobreport.store import Store, open_store
from jobreport.store.cache import summaries

BY_DAY = SummaryQuery(by=(Key.DAY, Key.STATE))


@pytest.fixture
def store_url(file_url: str) -> str:
    """A store in a file: these tests are only for SQLite."""
    return file_url


def reads(statements: Recorded) -> int:
    """Returns the number of statements that read jobs or their counts since the last call."""
    found = sum("job" in sql for _, sql in statements)
    statements.clear()
    return found


def test_the_same_query_is_answered_from_the_cache_with_the_present_time(
    store: Store, tenant: int, clock: Clock, statements: Recorded
) -> None:
    store.record(tenant, [done("a"), done("b", state=JobState.Failed)])
    statements.clear()
    first = store.summary(tenant, BY_DAY)
    assert reads(statements) > 0
    clock.pass_by(60)
    again = store.summary(tenant, BY_DAY)
    assert reads(statements) == 0
    assert (again.total, again.groups) == (first.total, first.groups)
    assert ticks.from_iso(again.covers.as_of) == ticks.from_iso(first.covers.as_of) + 60 * ticks.PER_SECOND
    assert again.covers.first_job == first.covers.first_job


def test_a_write_by_anybody_is_in_the_next_answer(store: Store, tenant: int, store_url: str) -> None:
    assert store.summary(tenant, BY_DAY).total.jobs == 0
    store.record(tenant, [done("a")])
    assert store.summary(tenant, BY_DAY).total.jobs == 1
    with closing(open_store(store_url)) as other:
        other.record(tenant, [done("b")])
    assert store.summary(tenant, BY_DAY).total.jobs == 2


def test_different_queries_and_tenants_do_not_share_an_entry(store: Store, tenant: int, new_tenant: object) -> None:
    other = new_tenant()
    store.record(tenant, [done("a"), done("b", state=JobState.Failed)])
    failed = SummaryQuery(by=BY_DAY.by, where=JobFilter(states=(JobState.Failed,)))
    for _ in range(2):
        assert store.summary(tenant, BY_DAY).total.jobs == 2
        assert store.summary(tenant, failed).total.jobs == 1
        assert store.summary(other, BY_DAY).total.jobs == 0
        assert [group.state for group in store.summary(tenant, failed).groups] == ["Failed"]


@pytest.mark.parametrize("more", [{"more": (More.LAST,)}, {"zone": "Asia/Tokyo"}, {"where": JobFilter(search="a")}])
def test_a_query_that_must_read_the_jobs_is_not_cached(
    store: Store, tenant: int, statements: Recorded, more: dict[str, object]
) -> None:
    store.record(tenant, [done("a")])
    for _ in range(2):
        statements.clear()
        assert store.summary(tenant, SummaryQuery(by=(Key.DAY,), **more)).total.jobs == 1
        assert reads(statements) > 0


def test_the_size_of_the_cache_is_limited(
    store: Store, tenant: int, statements: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "_MOST_GROUPS", 10)
    store.record(tenant, [done("a")])
    for number in range(20):
        store.summary(tenant, SummaryQuery(where=JobFilter(since=START - number), by=(Key.DAY,)))
    statements.clear()
    store.summary(tenant, SummaryQuery(where=JobFilter(since=START), by=(Key.DAY,)))
    assert reads(statements) > 0


def test_many_threads_ask_while_another_writes(store: Store, tenant: int) -> None:
    def ask(_: int) -> int:
        return store.summary(tenant, BY_DAY).total.jobs

    with ThreadPoolExecutor(4) as pool:
        for number in range(1, 20):
            store.record(tenant, [done(f"{number}")])
            assert set(pool.map(ask, range(8))) == {number}
