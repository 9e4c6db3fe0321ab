"""The list of customers says of each what its own overview and the API say, and never leaves one out."""

from datetime import date

from histories import HOURS, LAWS, MOMENTS, histories
from hypothesis import given
from hypothesis import strategies as st
from test_overview_view import BERLIN, DAY, MONDAY, job, new_tenant, record, seen, standing_so

from clocks import Clock
from jobreport.identity import tenant_settings
from jobreport.identity.tenants import readable
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState, ServiceType
from jobreport.model.expectation import Expectation, Window
from jobreport.model.good_copy_age import DAILY, Agreed, Source
from jobreport.model.job import Job
from jobreport.model.need import Standing
from jobreport.model.nights import NightHours
from jobreport.model.query import JobFilter, JobQuery
from jobreport.monitor.pages import night
from jobreport.monitor.pages.customers import gather
from jobreport.monitor.pages.customers import seen as customers_seen
from jobreport.monitor.views import customers
from jobreport.monitor.views.customers import Customers, Level
from jobreport.monitor.views.period import period_of
from jobreport.store import Store
from jobreport.store.registry.tenants import Tenant
from jobreport.watch import expectations, marks
from jobreport.watch.digests import facts
from jobreport.watch.digests.words import of_all


def listed(store: Store, *tenants: Tenant) -> Customers:
    return customers.view(gather(store, tenants, store.clock()), store.clock())


def aged(store: Store, tenant: Tenant, age: int) -> Tenant:
    expectations.put(store, tenant.name, Expectation(name="all", age=age))
    return readable(store, tenant.name)


def daily(plan: str, *days: float, **more: object) -> list[Job]:
    return [job(plan, day, **more) for day in days]


@LAWS
@given(data=st.data(), now=st.sampled_from(MOMENTS), hours=st.lists(HOURS, min_size=1, max_size=3))
def test_each_line_says_what_the_overview_and_the_api_say(
    store: Store, clock: Clock, data: st.DataObject, now: int, hours: list[NightHours]
) -> None:
    clock.now = now
    tenants = [new_tenant(store, each) for each in hours]
    for tenant in tenants:
        record(store, tenant, data.draw(histories(now)))
    rows = {one.name: one for one in listed(store, *tenants).rows}
    summaries = {one.name: one for one in store.tenants_summary([one.number for one in tenants])}
    assert rows.keys() == summaries.keys()
    for tenant in tenants:
        row, overview = rows[tenant.name], seen(store, tenant)
        assert row.series == summaries[tenant.name].series
        assert row.bad == overview.need + overview.in_hands
        assert row.bad == standing_so(store, tenant, Standing.NEEDS_YOU)
        assert row.since == summaries[tenant.name].last_report
        assert (row.silent > 0) == overview.sentence.startswith("Nothing reported since")
        assert (row.level is Level.Well) <= (overview.mood == "good")
        assert (overview.mood == "good") <= (row.level is not Level.Watched)
        for bar, total in zip(row.bars, overview.totals[-len(row.bars) :], strict=True):
            assert (bar.kind == "failed") <= (total.failed > 0)
            night = period_of(tenant.night, now, total.day)
            failed = JobFilter(states=(JobState.Failed,), ended_since=night.since, ended_until=night.until)
            assert (bar.kind == "failed") == (store.list_jobs(tenant.number, JobQuery(where=failed)).total > 0)


def test_who_never_sent_anything_needs_a_call_first(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    well, silent = new_tenant(store, BERLIN), new_tenant(store, BERLIN)
    record(store, well, daily("one", 0.3, 1.3, 2.3))
    found = listed(store, well, silent)
    assert [one.name for one in found.rows] == [silent.name, well.name]
    assert found.rows[0].why == "nothing was ever received"
    assert {bar.kind for bar in found.rows[0].bars[:-1]} == {"no-data"}
    assert 'aria-label="14 nights: 13 no data, 1 nothing ran"' in found.rows[0].strip
    assert found.rows[0].strip.count("<title>") == 13
    assert (found.mood, found.sentence, found.detail) == ("bad", "1 of 2 customers needs a call", "1 well")


def test_who_went_quiet_needs_a_call(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, daily("one", *[0.3 + day for day in range(8)]))
    assert listed(store, tenant).mood == "good"
    clock.pass_by(1.5 * 86400)
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why, MONDAY - row.silent) == (Level.Call, "nothing reported since", int(0.3 * DAY))
    found = seen(store, tenant)
    assert (found.mood, found.sentence) == ("bad", "Nothing reported since Mon 23 Nov 01:46")
    assert found.detail == "1 of 1 series needs you"
    assert night.missing(store, tenant, date(2026, 11, 23), store.clock()) == 0
    record(store, tenant, daily("older", 13.3, 20.3))
    assert night.missing(store, tenant, date(2026, 11, 23), store.clock()) == 1


def test_a_copy_that_is_older_than_agreed_needs_a_call_and_a_failure_alone_is_watched(
    store: Store, clock: Clock
) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    failed = job("one", 0.2, JobState.Failed)
    record(store, tenant, [*daily("one", 0.9, 1.9, 2.9), failed, *daily("two", 0.1, 1.1)])
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why, row.bad, row.series) == (Level.Watched, "1 series not good: 1 failed", 1, 2)
    record(store, tenant, [job("one", 0.9, JobState.Failed)])
    (row,) = listed(store, tenant).rows
    assert (row.level, row.bad, MONDAY - row.good) == (Level.Call, 1, int(1.9 * DAY))
    assert row.worst
    assert (row.worst.plan, row.worst.resource) == ("one", "")


def test_the_cause_of_the_worst_series_is_told_in_words(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    old, watched, retired = (new_tenant(store, BERLIN) for _ in range(3))
    expired = "the client secret has expired"
    record(store, old, [*daily("one", 3, 4, 5), job("one", 2.1, JobState.Failed, comments=expired)])
    for tenant in (watched, retired):
        record(store, tenant, daily("one", 0.3, 1.3))
        record(store, tenant, [job("one", 0.2, JobState.Exception, comments="no space left")])
    # A younger copy than that of the retired one.
    record(store, retired, [*daily("two", 0.25, 1.4), job("two", 0.1, JobState.Failed, comments="access denied")])
    marks.retire(store, retired, "1", by=Actor("operator:anna"))
    tenants = old, watched, retired
    found = {row.name: (row.why, row.cause) for row in customers_seen(store, tenants, MONDAY).rows}
    assert found == {
        old.name: ("no good copy for", expired),
        watched.name: ("1 series not good: 1 with exceptions", "no space left"),
        retired.name: ("1 series not good: 1 failed", "access denied"),
    }


def test_a_well_customer_with_a_bad_night_says_so(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [*daily("one", 1.3, 2.3), job("one", 0.3, JobState.Failed), *daily("one", 0.2)])
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why) == (Level.Well, "well; some jobs of the last two nights were not good")


def test_what_is_agreed_with_a_customer_counts_instead_of_the_default(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, daily("one", *[0.5 + day for day in range(8)]))
    (row,) = listed(store, tenant).rows
    assert (row.level, row.agreed) == (Level.Well, Agreed(DAILY, Source.DEFAULT))
    strict = aged(store, tenant, DAY // 4)
    (row,) = listed(store, strict).rows
    assert (row.level, row.agreed, row.bad) == (Level.Call, Agreed(DAY // 4, Source.TENANT), 1)
    assert seen(store, strict).sentence == "1 of 1 series needs you"
    clock.pass_by(2 * 86400)
    patient = aged(store, tenant, 5 * DAY)
    assert seen(store, patient).mood == "good"


def test_a_service_that_fails_as_a_whole_needs_a_call(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    for plan in ("one", "two"):
        record(store, tenant, [*daily(plan, 0.9, 1.8), job(plan, 0.2, JobState.Failed)])
    record(store, tenant, daily("sql", 0.2, 1.1, service=ServiceType.SQLServer))
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why) == (Level.Call, "all of Azure Virtual Machine fails")


def test_who_reports_nothing_on_sunday_needs_no_call_if_nothing_is_due(store: Store, clock: Clock) -> None:
    clock.now = MONDAY - DAY
    tenant = new_tenant(store, BERLIN)
    # From Monday to Friday, for two weeks.
    record(store, tenant, daily("one", *[3.2 + day + 7 * week for week in range(2) for day in range(5)]))
    (row,) = listed(store, tenant).rows
    assert (row.level, seen(store, tenant).mood) == (Level.Well, "good")
    clock.pass_by(3 * 86400)
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why, seen(store, tenant).mood) == (Level.Call, "nothing reported since", "bad")


def test_who_is_quiet_for_less_than_agreed_needs_no_call(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, daily("one", *[0.3 + day for day in range(8)]))
    patient = aged(store, tenant, 5 * DAY)
    clock.pass_by(3 * 86400)
    assert [row.level for row in listed(store, patient).rows] == [Level.Well]
    clock.pass_by(3 * 86400)
    assert [row.level for row in listed(store, patient).rows] == [Level.Call]


def test_a_customer_of_whom_nothing_can_be_judged_is_not_called_well(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    nameless, once = new_tenant(store, BERLIN), new_tenant(store, BERLIN)
    record(store, nameless, [job("", 0.2, JobState.Failed)])
    record(store, once, [job("one", 40)])
    found = {row.name: (row.level, row.why) for row in listed(store, nameless, once).rows}
    assert found == {
        nameless.name: (Level.Watched, "no job names its plan or its resource"),
        once.name: (Level.Watched, "no series has a known rhythm"),
    }


def test_exceptions_are_no_bad_nights_of_who_takes_them_for_good(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, daily("one", 0.3, 1.3, state=JobState.Exception))
    (row,) = listed(store, tenant).rows
    assert (row.level, {bar.kind for bar in row.bars}) == (Level.Watched, {"exceptions", "none"})
    (row,) = listed(store, tenant_settings.change(store, tenant.name, good="exceptions")).rows
    assert (row.level, {bar.kind for bar in row.bars}) == (Level.Well, {"good", "none"})


def test_who_has_what_is_told_and_what_is_retired_is_not_counted(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant, anna = new_tenant(store, BERLIN), Actor("operator:anna")
    for plan in ("one", "two", "old"):
        record(store, tenant, [*daily(plan, 3, 4, 5), job(plan, 0.5, JobState.Failed)])
    marks.take(store, tenant, "1", by=anna, ticket="T-4711")
    marks.retire(store, tenant, "3", by=anna)
    (row,) = listed(store, tenant).rows
    assert (row.level, row.bad, row.series) == (Level.Call, 2, 2)
    assert [(mark.by, mark.ticket) for mark in row.marks] == [("anna", "T-4711")]
    marks.retire(store, tenant, "1", by=anna)
    record(store, tenant, daily("two", 0.1))
    (row,) = listed(store, tenant).rows
    assert (row.level, row.bad, row.series, row.marks) == (Level.Well, 0, 1, [])


def test_a_customer_whose_series_are_all_retired_needs_no_call_for_its_silence(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, daily("one", 9, 10, 11, 12))
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why) == (Level.Call, "nothing reported since")
    marks.retire(store, tenant, "1", by=Actor("operator:anna"))
    (row,) = listed(store, tenant).rows
    assert (row.level, row.why) == (Level.Watched, "all its series are retired")


def test_a_customer_who_is_quiet_for_a_known_reason_is_not_called_silent(store: Store, clock: Clock) -> None:
    clock.now, anna = MONDAY, Actor("operator:anna")
    names = held, retired, maintained, weekly = tuple(new_tenant(store, BERLIN) for _ in range(4))
    for tenant in names:
        record(store, tenant, daily("one", 9, 10, 11, 12))
    record(store, weekly, daily("two", 9.2, 16, 23, 30))  # its last copy is young enough
    (row,) = listed(store, held).rows
    assert (row.why, seen(store, held).sentence) == (
        "nothing reported since",
        "Nothing reported since Sat 14 Nov 08:58",
    )
    marks.take(store, held, "1", by=anna)
    marks.retire(store, retired, "1", by=anna)
    window = Window(begins=MONDAY - 9 * DAY, ends=MONDAY + DAY)
    for tenant in (maintained, weekly):
        expectations.put(store, tenant.name, Expectation(name="works", windows=(window,)))
    found = {
        one.name: (one.level, one.why) for one in listed(store, *(readable(store, each.name) for each in names)).rows
    }
    assert found == {
        held.name: (Level.Call, "no good copy for"),  # Who has it is named beside it.
        retired.name: (Level.Watched, "all its series are retired"),
        maintained.name: (Level.Watched, "all its series are in maintenance"),
        weekly.name: (Level.Well, ""),
    }
    said = {
        each.name: (view := seen(store, readable(store, each.name))).sentence + ": " + view.detail for each in names
    }
    assert said == {
        held.name: "1 of 1 series is not good: somebody has it",
        retired.name: "Nothing can be said yet: all that there was is retired",
        maintained.name: "The only series is in maintenance: ",
        weekly.name: "1 of 2 series is well: 1 in maintenance",
    }
    letter = of_all([facts.gather(store, readable(store, each.name), store.clock()) for each in names], 0)
    assert letter.lines[1:] == (
        "1 tenant is in maintenance",
        "nothing can be said yet of 1 tenant",
        "1 tenant is well",
    )


def test_nobody_to_see_is_told(store: Store) -> None:
    assert listed(store).sentence == "You may not see any customer yet"
