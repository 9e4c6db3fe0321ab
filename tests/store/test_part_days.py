"""What was read of parts of days is remembered until a job of the day changes, and never longer."""

from collections.abc import Callable

import msgspec
import pytest
from example_jobs import START, done, running
from hypothesis import given
from hypothesis import strategies as st
from naive import move_limits_to_jobs
from naive_summary import QUERIES, SUMMED, naive_summary
from sqlalchemy import update
from statements import Recorded
from test_store_summary import LAWS, ask_summary

from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.query import JobFilter
from jobreport.model.summary import Key, SummaryQuery
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.cache import part_days
from jobreport.store.cache.part_days import PartDays
from jobreport.store.schema.jobs import job_count
from strategies import NOW

HOUR = zones.PER_HOUR
DAY = START // ticks.PER_DAY * ticks.PER_DAY
"""The first moment (UTC) of the day of the example jobs."""
BY_NIGHT = SummaryQuery(
    by=(Key.NIGHT, Key.STATE), zone="Europe/Berlin", night=18 * 60, where=JobFilter(ended_since=DAY - 200 * HOUR)
)


@LAWS
@given(kept=SUMMED, queries=st.lists(QUERIES, min_size=1, max_size=4))
def test_whatever_is_corrected_each_answer_is_that_of_reading_all_jobs(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[SummaryQuery]
) -> None:
    tenant, remember = new_tenant(), PartDays()
    asked = [msgspec.structs.replace(one, where=move_limits_to_jobs(one.where, kept)) for one in queries]

    def ask(query: SummaryQuery) -> object:
        return ask_summary(store, tenant, query, few=0, remember=remember)[1]

    before = [
        one.evolve(start=one.start and one.start - 5 * HOUR, finish=one.finish and one.finish - 5 * HOUR, observed=1)
        for one in kept
        if one.start != 0 and one.start > 6 * HOUR
    ]
    for jobs in (before[::2], kept[::3], kept):
        store.record(tenant, jobs)
        first = [ask(query) for query in asked]
        assert [ask(query) for query in asked] == first
    assert first == [naive_summary(kept, NOW, query) if query.by else {} for query in asked]


def nights(store: Store, tenant: int, remember: PartDays) -> dict[str, int]:
    found = ask_summary(store, tenant, BY_NIGHT, few=0, remember=remember)[1]
    return {f"{night} {state}": group["jobs"] for (night, state), group in found.items()}


def evening(statements: Recorded) -> int:
    """Returns how often the jobs of a part of a day were read since the last call."""
    found = sum("FROM job " in sql and "GROUP BY" in sql for _, sql in statements)
    statements.clear()
    return found


def test_the_second_question_reads_no_job(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [done(f"{hour}", finish=DAY - hour * HOUR) for hour in range(100)])
    remember = PartDays()
    statements.clear()
    first = nights(store, tenant, remember)
    assert evening(statements) > 2
    assert nights(store, tenant, remember) == first
    assert evening(statements) == 0


def test_only_the_day_of_a_changed_job_is_read_again(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [done(f"{hour}", finish=DAY - hour * HOUR, start=DAY - 200 * HOUR) for hour in range(100)])
    remember = PartDays()
    before = nights(store, tenant, remember)
    # From 12:00 to 20:00 of the day before yesterday: no kept count of a whole day changes.
    store.record(tenant, [done("36", finish=DAY - 28 * HOUR, start=DAY - 200 * HOUR, observed=START + HOUR)])
    statements.clear()
    after = nights(store, tenant, remember)
    assert evening(statements) == 1
    changed = {night: after[night] - before[night] for night in after if after[night] != before[night]}
    assert sorted(changed.values()) == [-1, 1]


def test_an_end_that_comes_after_midnight_is_in_the_next_answer(store: Store, tenant: int) -> None:
    remember = PartDays()
    store.record(tenant, [running("a", start=DAY - 2 * HOUR), done("b", finish=DAY - HOUR)])
    assert len(nights(store, tenant, remember)) == 1
    store.record(tenant, [done("a", start=DAY - 2 * HOUR, finish=DAY + HOUR, state=JobState.Failed, observed=NOW + 1)])
    assert sorted(nights(store, tenant, remember).values()) == [1, 1]


def test_a_repaired_day_is_read_again(store: Store, tenant: int, statements: Recorded) -> None:
    store.record(tenant, [done(f"{hour}", finish=DAY - hour * HOUR) for hour in range(100)])
    remember = PartDays()
    first = nights(store, tenant, remember)
    with store.writing() as connection:
        connection.execute(update(job_count).values(jobs=job_count.c.jobs + 1))
    assert check(store, repair=True).differences
    statements.clear()
    assert nights(store, tenant, remember) == first
    assert evening(statements) > 2


def test_no_more_is_remembered_than_there_is_room_for(
    store: Store, tenant: int, statements: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record(tenant, [done(f"{hour}", finish=DAY - hour * HOUR) for hour in range(100)])
    monkeypatch.setattr(part_days, "_MOST", 2)
    remember = PartDays()
    first = nights(store, tenant, remember)
    statements.clear()
    assert nights(store, tenant, remember) == first
    assert evening(statements) > 0
