"""The overview says what the API answers to the same questions, and is about now."""

import re
import uuid
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest
from histories import HOURS, LAWS, MOMENTS, histories
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from clocks import Clock
from jobreport.contract.query_language import FILTERS, list_query, read
from jobreport.contract.series import STANDING, series_query
from jobreport.identity import tenant_settings
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.expectation import Expectation
from jobreport.model.job import Job
from jobreport.model.need import Standing
from jobreport.model.nights import NightHours
from jobreport.model.query import JobFilter, JobQuery
from jobreport.model.series_query import SeriesQuery
from jobreport.monitor.pages.customers import gather as of_customers
from jobreport.monitor.pages.overview import gather
from jobreport.monitor.views import customers, overview
from jobreport.monitor.views.customers import Level
from jobreport.monitor.views.links import cause_link, tile_link
from jobreport.monitor.views.overview import Overview
from jobreport.monitor.views.period import period_of
from jobreport.store import Store
from jobreport.store.registry import tenants
from jobreport.store.registry.tenants import Tenant
from jobreport.watch import marks
from jobreport.watch.lists import listed
from jobreport.watch.marks import MarkError

DAY = ticks.PER_DAY
MONDAY = MOMENTS[0]
BERLIN = NightHours("Europe/Berlin", 18 * 60)
AGE = Expectation(name="age", plan="one", age=2 * DAY)
NIGHTLY = Expectation(name="nightly", plan="one", cron=("0 2 * * *",))


def new_tenant(store: Store, hours: NightHours) -> Tenant:
    with store.writing() as transaction:
        number = tenants.add(transaction, uuid.uuid4().hex, store.clock())[0].number
        tenants.set_night(transaction, number, hours)
        found = tenants.by_number(transaction, number)
    assert found
    return found


def record(store: Store, tenant: Tenant, jobs: list[Job]) -> None:
    for observed, job in enumerate(jobs, 1):
        store.record(tenant.number, [job.evolve(observed=observed)])


def seen(store: Store, tenant: Tenant) -> Overview:
    period = period_of(tenant.night, store.clock())
    return overview.view(gather(store, tenant, period, store.clock()))


def job(plan: str, days: float, state: JobState = JobState.Successful, **more: object) -> Job:
    """A job of the plan that ended so many days before Monday morning."""
    end = MONDAY - int(days * DAY)
    return Job(
        **{
            "job_id": f"{plan}-{days}",
            "service": ServiceType.VM,
            "type": JobType.Backup,
            "state": state,
            "start": end - ticks.PER_SECOND,
            "finish": end if state.finished else 0,
            "plan": plan,
            "observed": MONDAY,
            **more,
        }
    )


def told(found: Overview) -> int:
    """The numbers of the sentence together, each reason of what needs somebody left out: it says how many that are."""
    main, _, _ = found.sentence.partition(" of ")
    detail = re.sub(r"(; )?[0-9,]+ runs? longer than usual", "", found.detail)
    rest = detail.partition("; ")[2] if found.need else detail
    return sum(int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*", f"{main} {rest}"))


def standing_so(store: Store, tenant: Tenant, standing: Standing) -> int:
    """How many series the list of those that stand so has, as the API answers."""
    return listed(store, tenant.number, series_query(read([("standing", standing)], [STANDING]))).page.total


def total_of(store: Store, tenant: Tenant, address: str) -> int:
    """How many jobs the list at this address has, as the API answers its question."""
    asked = parse_qsl(urlsplit(address).query)
    return store.list_jobs(tenant.number, list_query(read(asked, FILTERS))).total


@LAWS
@given(data=st.data(), now=st.sampled_from(MOMENTS), hours=HOURS)
def test_every_number_is_the_one_that_the_api_answers(
    store: Store, clock: Clock, data: st.DataObject, now: int, hours: NightHours
) -> None:
    clock.now = now
    tenant = new_tenant(store, hours)
    record(store, tenant, data.draw(histories(now)))
    found = seen(store, tenant)
    period = period_of(hours, now)
    for tile in found.tiles:
        assert total_of(store, tenant, tile_link(tile, period, now)) == tile.jobs, tile.word
    every = store.list_series(tenant.number, SeriesQuery(size=100)).series
    (summary,) = store.tenants_summary({tenant.number})
    assert summary.series == len(every)
    numbers = {one: standing_so(store, tenant, one) for one in Standing}
    assert found.need == numbers[Standing.NEEDS_YOU]
    assert len(found.rows) == min(found.need, overview.SHOWN)
    assert found.in_hands == numbers[Standing.IN_HANDS] == 0
    assert found.not_judged == numbers[Standing.NOT_JUDGED]
    assert found.no_rhythm == numbers[Standing.NO_RHYTHM]
    assert sum(one.status.not_good > 0 for one in every) == summary.not_good
    if found.sentence.startswith("Nothing reported"):
        # `test_silence` has when that is so.
        assert (found.mood, f"{summary.series:,} series" in found.detail) == ("bad", summary.series > 0)
    else:
        assert told(found) == summary.series or found.sentence == "The only series is well"
    assert f"{found.need:,} of {summary.series:,} series" in f"{found.sentence} {found.detail}" or not found.need
    for total in found.totals:
        night = period_of(hours, now, total.day)
        where = JobFilter(ended_since=night.since, ended_until=night.until)
        assert store.list_jobs(tenant.number, JobQuery(where=where)).total == total.jobs
    for reason in found.reasons:
        assert total_of(store, tenant, cause_link(reason.code, tenant.not_good, period)) == reason.jobs


def test_all_are_protected_only_if_each_has_a_young_good_copy(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job(plan, days) for plan in ("one", "two") for days in (0.3, 1.3, 2.3)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("good", "All 2 series are well", "")
    clock.pass_by(86400)
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("bad", "2 of 2 series need you", "2 too old")
    assert Counter(row.kind for row in found.rows) == {"not-started": 2}
    assert found.rows[0].bars[-1].kind == "no-data"


def test_what_failed_and_succeeded_since_is_recovered_and_what_runs_hides_nothing(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    failed = JobState.Failed
    record(
        store,
        tenant,
        [
            *[job("healed", 1), job("healed", 0.5, failed), job("healed", 0.2)],
            *[job("broken", 1), job("broken", 0.4, failed, comments="no space left")],
            job("broken", 0.01, JobState.InProgress),
        ],
    )
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("bad", "1 of 2 series needs you", "1 failed; 1 is well")
    assert (found.recovered, [one.plan for one in found.again]) == (1, ["healed"])
    (row,) = found.rows
    assert (row.what, row.why, row.times, row.runs) == ("broken", "no space left", 1, True)


def test_what_hangs_is_told_and_what_waits_since_when(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    hour = DAY // 24
    record(store, tenant, [job("daily", days) for days in (0.3, 1.3, 2.3)])
    record(store, tenant, [job("daily", 1 / 24, JobState.InProgress)])
    assert seen(store, tenant).mood == "good"
    record(store, tenant, [job("daily", 1.01 / 24, JobState.InProgress), job("other", 2 / 24, JobState.InProgress)])
    record(store, tenant, [job("daily", 0.01, JobState.Waiting)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence) == ("warn", "1 of 2 series has no good run yet")
    assert found.detail == "1 is well; 1 runs longer than usual"
    (waiting,) = [tile for tile in found.tiles if tile.state is JobState.Waiting]
    assert 0 < MONDAY - waiting.since < hour
    (row,) = customers.view(of_customers(store, (tenant,), MONDAY), MONDAY).rows
    assert (row.level, row.why) == (Level.Watched, "1 job runs longer than usual")


def test_no_data_is_never_good(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("first", 0.01, JobState.InProgress)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence) == ("warn", "1 of 1 series has no good run yet")
    record(store, tenant, [job("", 0.2)])
    assert seen(store, tenant).sentence == "1 of 1 series has no good run yet"
    other = new_tenant(store, BERLIN)
    record(store, other, [job("", 0.2)])
    assert seen(store, other).mood == "none"


def test_what_ran_only_once_long_ago_is_not_called_protected_and_warns_nobody(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("once", 40), job("twice", 40), job("twice", 39)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.no_rhythm) == ("none", "Nothing can be said yet", 2)
    record(store, tenant, [job("daily", days) for days in (0.3, 1.3)])
    record(store, tenant, [job("restored", 40, type=JobType.Restore)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence) == ("good", "2 of 4 series are well")
    assert found.detail == "2 have no known rhythm"
    record(store, tenant, [job("once", 0.5)])
    assert seen(store, tenant).no_rhythm == 1
    # A third run tells a rhythm.
    record(store, tenant, [job("twice", 38)])
    assert (seen(store, tenant).no_rhythm, seen(store, tenant).detail) == (0, "1 too old; 3 are well")


def test_a_job_that_is_due_and_has_not_started_needs_somebody(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("one", days) for days in (0.5, 1.5)])
    assert seen(store, tenant).rest.startswith("No schedule")
    record(store, tenant, [job("one", 0.1, JobState.NotStarted), job("one", 0.01, JobState.NotStarted)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("bad", "1 of 1 series needs you", "1 did not start")
    assert (found.rows[0].kind, found.rows[0].word) == ("not-started", "Did not start")
    assert MONDAY - found.rows[0].due - ticks.PER_SECOND == DAY // 10
    assert "No schedule" not in found.rest
    assert "where it is known when it is due" in found.rest
    record(store, tenant, [job("one", 0.05)])
    # What was due less than a quarter of an hour ago may still start.
    assert seen(store, tenant).sentence == "The only series is well"


def test_a_declared_schedule_says_what_is_due(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("one", days) for days in (0.5, 1.5)])
    assert seen(store, structs.replace(tenant, own=(AGE,))).rest.startswith("No schedule")
    assert "is known when it is due" in seen(store, structs.replace(tenant, own=(AGE, NIGHTLY))).rest


def test_what_somebody_has_is_not_good_either(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    anna = Actor("operator:anna")
    for plan in ("one", "two"):
        record(store, tenant, [job(plan, 1), job(plan, 0.5, JobState.Failed, comments="no space left on disk")])
    marks.take(store, tenant, "1", by=anna, note="disk ordered", until=MONDAY + 7 * DAY)
    found = seen(store, tenant)
    assert (found.mood, found.sentence) == ("bad", "1 of 2 series needs you")
    assert found.detail == "1 failed; somebody has 1"
    assert [row.mark.by for row in found.held if row.mark] == ["anna"]
    marks.take(store, tenant, "2", by=anna)
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("bad", "2 of 2 series are not good", "somebody has them")
    record(store, tenant, [job("two", 0.4, JobState.Failed, comments="access denied")])
    assert (seen(store, tenant).sentence, seen(store, tenant).rows[0].what) == ("1 of 2 series needs you", "two")
    marks.retire(store, tenant, "2", by=anna)
    record(store, tenant, [job("one", 0.1)])
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.retired) == ("good", "The only series is well", 1)
    with pytest.raises(MarkError, match="needs nobody"):
        marks.take(store, tenant, "1", by=anna)


def test_exceptions_alone_warn(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("one", 1), job("one", 0.3, JobState.Exception)])
    found = seen(store, tenant)
    assert (found.mood, found.detail) == ("warn", "1 with exceptions")
    assert found.rows[0].why == ""


def test_what_a_tenant_takes_for_good_is_good_everywhere(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    exception = JobState.Exception
    record(store, tenant, [job("one", day, exception, comments="2 files changed") for day in (0.3, 1.3, 2.3)])
    strict, lenient = seen(store, tenant), seen(store, tenant_settings.change(store, tenant.name, good="exceptions"))
    assert (strict.mood, lenient.mood, lenient.sentence) == ("warn", "good", "The only series is well")
    assert ([one.text for one in strict.reasons], lenient.reasons) == (["… files changed"], [])
    assert (strict.highest, lenient.highest) == (1, 0)
    kinds = [next(tile.kind for tile in one.tiles if tile.state is exception) for one in (strict, lenient)]
    assert kinds == ["exceptions", "good"]


def test_usual_is_the_median_of_the_last_four_same_weekdays(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(
        store, tenant, [job(f"p{n}", 0.2 + 7 * week) for week, many in enumerate((5, 3, 1, 2, 4)) for n in range(many)]
    )
    tiles = {tile.state: tile for tile in seen(store, tenant).tiles}
    assert (tiles[JobState.Successful].jobs, tiles[JobState.Successful].usual) == (5, 2)
