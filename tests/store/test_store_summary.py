"""Groups of jobs: whatever is asked, in whatever time zone, each number is that of a naive count."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from example_jobs import MINUTE, START, done, not_started, running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import move_limits_to_jobs
from naive_summary import QUERIES, SUMMED, naive_summary, sum_up
from sqlalchemy import delete

from jobreport.contract import summary_answer
from jobreport.model import ticks, zones
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.errors import InvalidInputError
from jobreport.model.job import INT64_MAX, Job
from jobreport.model.query import JobFilter
from jobreport.model.summary import Key, More, SummaryQuery
from jobreport.store import Store
from jobreport.store.query.summaries import summary
from jobreport.store.schema.jobs import subject
from long import times
from strategies import NOW

HOUR = zones.PER_HOUR
LAWS = settings(max_examples=times(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def store(shared_store: Store) -> Store:
    """Each test asks about its own tenant."""
    return shared_store


def ask_summary(
    store: Store, tenant: int, query: SummaryQuery, **ways: int
) -> tuple[dict[str, Any], dict[tuple[str, ...], dict[str, Any]]]:
    """The total, and each group by its keys, as they are on the wire; the groups must be in order."""
    with store.reading() as connection:
        extent, found = summary.find(connection, tenant, query, NOW, **ways)
    answer = msgspec.to_builtins(summary_answer.answer(query, extent, found, NOW))
    by_keys = {tuple(group.pop(key) for key in query.by): group for group in answer["groups"]}
    assert len(by_keys) == len(answer["groups"])
    texts = [group.pop("causeText") for group in by_keys.values() if Key.CAUSE in query.by]
    assert all(
        bool(text) == bool(dict(zip(query.by, keys, strict=True))[Key.CAUSE])
        for text, keys in zip(texts, by_keys, strict=False)
    )
    assert all(group["jobs"] > 0 for group in by_keys.values())
    assert not any(set(group) & set(Key) for group in by_keys.values())
    return answer["total"], by_keys


def jobs_by(store: Store, tenant: int, *by: Key, zone: str = "UTC", **where: Any) -> dict[Any, int]:
    query = SummaryQuery(by=by, zone=zone, where=JobFilter(**where))
    found = ask_summary(store, tenant, query)[1]
    assert ask_summary(store, tenant, query, few=0)[1] == found
    return {keys[0] if len(by) == 1 else keys: group["jobs"] for keys, group in found.items()}


@LAWS
@given(
    kept=SUMMED,
    queries=st.lists(QUERIES, min_size=1, max_size=4),
    near=st.booleans(),
    few=st.sampled_from([0, 5, 20_000]),
)
def test_any_jobs_and_any_question_give_what_reading_all_of_them_gives(
    store: Store, new_tenant: Callable[[], int], kept: list[Job], queries: list[SummaryQuery], near: bool, few: int
) -> None:
    tenant = new_tenant()
    store.record(tenant, [job.evolve(comments="before", plan="before", observed=1) for job in kept[::2]])
    store.record(tenant, kept)
    store.record(new_tenant(), kept)
    for asked_for in queries:
        query = (
            msgspec.structs.replace(asked_for, where=move_limits_to_jobs(asked_for.where, kept)) if near else asked_for
        )
        expected = naive_summary(kept, NOW, query)
        total, found = ask_summary(store, tenant, query, few=few)
        assert found == (expected if query.by else {})
        every = naive_summary(kept, NOW, query, whole=True)
        assert total == every.get((), sum_up([], query))


def test_days_of_a_change_of_the_clocks_have_23_and_25_hours(store: Store, tenant: int) -> None:
    spring, autumn = ticks.from_iso("2026-03-28T23:00:00Z"), ticks.from_iso("2026-10-24T22:00:00Z")
    store.record(
        tenant,
        [done(f"{begin}-{half}", start=begin + half * HOUR // 2, finish=begin + half * HOUR // 2)
         for begin in (spring, autumn)
         for half in range(-1, 51)],
    )  # fmt: skip
    found = jobs_by(store, tenant, Key.DAY, zone="Europe/Berlin")
    assert found == {
        "2026-03-28": 1, "2026-03-29": 46, "2026-03-30": 5, "2026-10-24": 1, "2026-10-25": 50, "2026-10-26": 1,
    }  # fmt: skip
    hours = jobs_by(store, tenant, Key.HOUR, zone="Europe/Berlin", since=autumn, until=autumn + 25 * HOUR - 1)
    assert len(hours) == 25
    assert set(hours.values()) == {2}
    assert [hour for hour in hours if hour.startswith("2026-10-25T02")] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]
    assert "2026-03-29T02:00:00+01:00" not in jobs_by(store, tenant, Key.HOUR, zone="Europe/Berlin")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_a_year_of_days_in_another_zone_is_that_of_naive_counting(store: Store, tenant: int, zone: str) -> None:
    states = (JobState.Successful, JobState.Failed, JobState.Skipped)
    kept = [
        done(f"{number}", state=states[number % 3], start=START - number * 7 * HOUR, finish=START)
        for number in range(365 * 24 // 7)
    ]
    store.record(tenant, kept)
    query = SummaryQuery(by=(Key.DAY, Key.STATE), zone=zone)
    assert (
        ask_summary(store, tenant, query, few=0)[1]
        == ask_summary(store, tenant, query)[1]
        == naive_summary(kept, NOW, query)
    )


def test_groups_stand_in_the_order_of_what_they_are_grouped_by(store: Store, tenant: int) -> None:
    yesterday = START - ticks.PER_DAY
    store.record(
        tenant,
        [
            done("a", service=ServiceType.AKS, start=START, plan="b"),
            done("b", service=ServiceType.VM, start=START, plan="B"),
            done("c", service=ServiceType.AKS, start=yesterday, plan="ä"),
            done("d", service=ServiceType.VM, start=yesterday),
        ],
    )
    days = [zones.day_name(start // ticks.PER_DAY) for start in (yesterday, START)]
    assert list(jobs_by(store, tenant, Key.DAY, Key.SERVICE)) == [(day, name) for day in days for name in ("VM", "AKS")]
    assert list(jobs_by(store, tenant, Key.SERVICE, Key.DAY)) == [(name, day) for name in ("VM", "AKS") for day in days]
    assert list(jobs_by(store, tenant, Key.PLAN)) == ["", "B", "b", "ä"]


def test_skipped_and_unfinished_jobs_are_neither_successful_nor_not(store: Store, tenant: int) -> None:
    store.record(tenant, [not_started("n"), running("r"), running("w", state=JobState.Waiting)])
    store.record(tenant, [done("s", state=JobState.Skipped)])
    query = SummaryQuery()
    assert ask_summary(store, tenant, query)[0] == {
        "jobs": 4, "successfulJobs": 0, "unsuccessfulJobs": 0, "successRate": None,
    }  # fmt: skip
    states = (JobState.Successful, JobState.Exception, JobState.Failed, JobState.Stopped)
    store.record(tenant, [done(state.name, state=state) for state in states])
    total = ask_summary(store, tenant, query)[0]
    assert (total["jobs"], total["successfulJobs"], total["unsuccessfulJobs"]) == (8, 1, 3)
    assert total["successRate"] == 0.25


def test_bytes_may_pass_what_a_database_can_add(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"{number}", size=INT64_MAX, plan="p") for number in range(5)])
    total, found = ask_summary(store, tenant, SummaryQuery(by=(Key.PLAN,), more=(More.BYTES,)))
    assert total["bytes"] == found["p",]["bytes"] == 5 * INT64_MAX


def test_the_last_success_and_failure_of_each_plan_and_resource(store: Store, tenant: int) -> None:
    store.record(
        tenant,
        [
            done("a", plan="p", resource="r1", start=START - 2 * MINUTE),
            done("b", plan="p", resource="r2", start=START - MINUTE),
            done("c", plan="p", resource="r2", start=START - 3 * MINUTE, state=JobState.Exception),
            done("d", plan="p", resource="r2", start=START, state=JobState.Skipped),
            running("e", plan="never", resource="r3", start=START),
        ],
    )
    for by, name, good, bad in (
        (Key.PLAN, "p", START - MINUTE, START - 3 * MINUTE),
        (Key.RESOURCE, "r1", START - 2 * MINUTE, None),
        (Key.RESOURCE, "r2", START - MINUTE, START - 3 * MINUTE),
        (Key.PLAN, "never", None, None),
    ):
        group = ask_summary(store, tenant, SummaryQuery(by=(by,), more=(More.LAST,)))[1][name,]
        assert group["lastSuccess"] == (good and ticks.to_iso(good))
        assert group["lastFailure"] == (bad and ticks.to_iso(bad))


@pytest.mark.parametrize("few", [0, 20_000])
def test_as_many_groups_as_are_allowed_are_given_and_one_more_is_refused(store: Store, tenant: int, few: int) -> None:
    jobs = [done(f"{number}", start=START - number * ticks.PER_DAY, plan=f"{number}") for number in range(8)]
    store.record(tenant, jobs)
    for by, zone in ((Key.DAY, "UTC"), (Key.DAY, "Asia/Tokyo"), (Key.HOUR, "UTC"), (Key.PLAN, "UTC")):
        query = SummaryQuery(by=(by,), zone=zone)
        assert len(ask_summary(store, tenant, query, few=few, most=8)[1]) == 8
        for most in (1, 3, 7):
            with pytest.raises(InvalidInputError, match=f"by: gives more than {most} groups; ask for a shorter range"):
                ask_summary(store, tenant, query, few=few, most=most)


@pytest.mark.parametrize("few", [0, 1_000])
def test_months_of_many_days_are_no_more_groups_than_they_are(store: Store, tenant: int, few: int) -> None:
    services = (ServiceType.VM, ServiceType.FileShare)
    days = range(0, 120, 2)
    jobs = [
        done(
            f"{service}{day}",
            service=service,
            start=START + day * ticks.PER_DAY,
            finish=START + day * ticks.PER_DAY + 1,
        )
        for service in services
        for day in days
    ]
    store.record(tenant, jobs)
    query = SummaryQuery(by=(Key.MONTH, Key.SERVICE))
    groups = ask_summary(store, tenant, query)[1]
    assert ask_summary(store, tenant, query, few=few, most=len(groups))[1] == groups


def test_answer_says_what_it_covers(store: Store, tenant: int) -> None:
    assert store.summary(tenant, SummaryQuery()).covers.first_job is None
    store.record(tenant, [done("old", start=START - 9 * ticks.PER_DAY), done("new", start=START), not_started("due")])
    where = JobFilter(since=START - ticks.PER_DAY, plans=("a, b", "c"), states=(JobState.Failed, JobState.Stopped))
    covers = msgspec.to_builtins(
        store.summary(tenant, SummaryQuery(where=where, by=(Key.DAY,), zone="Asia/Tokyo")).covers
    )
    assert covers == {
        "startTime": ticks.to_iso(START - ticks.PER_DAY),
        "finishTime": None,
        "bounded": False,
        "firstJob": ticks.to_iso(START - 9 * ticks.PER_DAY),
        "lastJob": ticks.to_iso(NOW),
        "timeZone": "Asia/Tokyo",
        "by": ["day"],
        "filters": {"state": ["Failed,Stopped"], "plan": ["a, b", "c"]},
        "asOf": ticks.to_iso(NOW),
    }


def test_a_job_whose_subject_is_missing_counts_as_about_nothing(store: Store, tenant: int) -> None:
    store.record(tenant, [done("a", plan="lost"), done("b", plan="kept")])
    with store.writing() as connection:
        connection.execute(delete(subject).where(subject.c.tenant == tenant, subject.c.plan == "lost"))
    assert jobs_by(store, tenant, Key.PLAN) == {"": 1, "kept": 1}


def test_years_with_few_jobs_are_passed_over(store: Store, tenant: int) -> None:
    first, last = ticks.from_iso("1970-01-01T00:00:00Z"), ticks.YEAR_2200 - 1
    store.record(tenant, [done("first", start=first), done("last", start=last, finish=last)])
    assert jobs_by(store, tenant, Key.DAY, zone="America/New_York") == {"1969-12-31": 1, "2199-12-31": 1}


def test_any_service_and_type_is_counted(store: Store, tenant: int) -> None:
    store.record(tenant, [done(f"s{code}", service=code) for code in ServiceType])
    store.record(tenant, [done(f"t{code}", type=code) for code in JobType])
    found = jobs_by(store, tenant, Key.SERVICE, Key.TYPE)
    assert len(found) == len(ServiceType) + len(JobType) - 1
    assert sum(found.values()) == len(ServiceType) + len(JobType)
