"""Schedules are suggested for what runs regularly, for a whole plan where its series run alike, and never twice."""

import pytest
from example_jobs import done
from msgspec.structs import replace
from test_needs import whole

from jobreport.model import ticks
from jobreport.model.catalog import JobType
from jobreport.model.expectation import Expectation
from jobreport.model.job import Job
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.watch import expectations
from jobreport.watch.suggestions import Suggestion, suggestions
from strategies import NOW

DAY = ticks.PER_DAY
HOUR = DAY // 24


def nightly(plan: str, resource: str, hour: int, runs: int = 10) -> list[Job]:
    begins = [NOW // DAY * DAY - day * DAY + hour * HOUR for day in range(1, runs + 1)]
    return [
        done(f"{plan}{resource}{start}", plan=plan, resource=resource, start=start, finish=start + 9)
        for start in begins
    ]


def suggested(store: Store, tenant: int) -> list[Suggestion]:
    of = whole(store, tenant)
    with store.reading() as transaction:
        return suggestions(transaction, of, NOW)


def said(store: Store, tenant: int) -> dict[str, tuple[str, ...]]:
    return {one.pattern: one.expectation.cron for one in suggested(store, tenant)}


@pytest.fixture
def runs(store: Store, tenant: int) -> int:
    alike = [*nightly("nightly", "web", 2), *nightly("nightly", "db", 2)]
    mixed = [*nightly("mixed", "web", 3), *nightly("mixed", "db", 4), *nightly("mixed", "new", 4, runs=3)]
    store.record(tenant, [*alike, *mixed, *nightly("any*", "web", 1), *nightly("", "alone", 5)])
    return tenant


def test_a_plan_that_runs_alike_is_suggested_whole_and_else_each_series(store: Store, runs: int) -> None:
    assert said(store, runs) == {
        "plan=nightly": ("0 2 * * *",),
        "plan=mixed resource=web": ("0 3 * * *",),
        "plan=mixed resource=db": ("0 4 * * *",),
        "resource=alone": ("0 5 * * *",),
    }
    first = suggested(store, runs)[0]
    assert (first.series, first.expectation.zone) == (2, whole(store, runs).night.zone)


def test_what_is_accepted_is_suggested_no_more_and_leaves_what_was_expected(store: Store, runs: int) -> None:
    name = whole(store, runs).name
    age = expectations.put(store, name, Expectation(name="", plan="nightly", age=2 * DAY))
    first = suggested(store, runs)[0]
    assert first.expectation == replace(age, cron=("0 2 * * *",), zone=first.expectation.zone)
    expectations.put(store, name, first.expectation)
    assert "plan=nightly" not in said(store, runs)
    assert [(one.age, one.cron) for one in whole(store, runs).own] == [(2 * DAY, ("0 2 * * *",))]


def test_a_suggestion_means_no_series_that_runs_otherwise(store: Store, tenant: int) -> None:
    # Of a series without an origin, or without a resource, no pattern means that one alone.
    verified = [replace(one, job_id=f"V{one.job_id}", type=JobType.Restore) for one in nightly("nightly", "web", 4)]
    other = [replace(one, job_id=f"O{one.job_id}", origin="borg") for one in nightly("weekly", "web", 6)]
    several = [*nightly("weekly", "web", 5), *nightly("weekly", "", 7), *other]
    store.record(tenant, [*nightly("nightly", "web", 2), *verified, *several, *nightly("", "web", 1)])
    assert said(store, tenant) == {
        "type=FileBackup plan=nightly resource=web": ("0 2 * * *",),
        "type=Restore plan=nightly resource=web": ("0 4 * * *",),
        "service=FileShare type=FileBackup plan=weekly resource=web origin=borg": ("0 6 * * *",),
    }


def test_of_what_comes_a_little_later_each_time_an_age_is_suggested_until_people_say_one(
    store: Store, tenant: int
) -> None:
    def drifting(plan: str, job_type: JobType) -> list[Job]:
        moved = [one.start - number * 5 * HOUR // 60 for number, one in enumerate(nightly(plan, "web", 4))]
        return [
            done(f"{plan}{start}", type=job_type, plan=plan, resource="web", start=start, finish=start + 9)
            for start in moved
        ]

    store.record(tenant, [*drifting("moves", JobType.FileBackup), *drifting("tests", JobType.Restore)])
    (found,) = suggested(store, tenant)
    assert (found.pattern, found.expectation) == ("plan=moves", Expectation(name="", plan="moves", age=26 * HOUR))
    expectations.put(store, whole(store, tenant).name, found.expectation)
    assert suggested(store, tenant) == []


def test_of_a_plan_that_is_cut_all_series_are_looked_at(
    store: Store, tenant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = [job for resource in ("a", "b", "c") for job in nightly("Plan", resource, 2)]
    store.record(tenant, [*nightly("", "alone", 5), *nightly("", "z", 5), *alike, *nightly("plan", "a2", 3)])
    store.record(tenant, nightly("zone", "z", 6))
    monkeypatch.setattr("jobreport.watch.suggestions.MOST", 4)
    # Another plan has `z`, too, and none of `zone` was read.
    whole_plan = {"plan=Plan": ("0 2 * * *",), "plan=plan": ("0 3 * * *",), "resource=alone": ("0 5 * * *",)}
    assert said(store, tenant) == whole_plan
    store.record(tenant, nightly("Plan", "zzz", 7))
    assert "plan=Plan" not in said(store, tenant)
    assert said(store, tenant)["plan=Plan resource=zzz"] == ("0 7 * * *",)
    monkeypatch.setattr("jobreport.watch.suggestions.MOST_OF_PLAN", 4)
    assert said(store, tenant) == {"resource=alone": ("0 5 * * *",)}


def test_what_the_file_expects_and_what_runs_no_more_is_left_alone(store: Store, tenant: int) -> None:
    with store.writing() as transaction:
        tenants.set_expectations(
            transaction, tenant, (Expectation(name="of-file", plan="nightly", age=DAY, file=True),)
        )
    old = [replace(one, start=one.start - 60 * DAY, finish=one.finish - 60 * DAY) for one in nightly("old", "x", 2)]
    store.record(tenant, [*nightly("nightly", "web", 2), *old])
    assert said(store, tenant) == {}
