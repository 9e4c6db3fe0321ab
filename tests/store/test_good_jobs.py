"""What a tenant takes for good may change at any time: its series are then as if it had never been otherwise."""

from collections.abc import Callable

import pytest
from example_jobs import MINUTE, START, done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import varied_jobs
from test_series import statuses

from jobreport.identity import tenant_settings
from jobreport.identity.tenants import TenantError, create, delete
from jobreport.model.audit import Action
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.nights import NightHours
from jobreport.model.series import SeriesStatus
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.derived import series
from jobreport.store.derived.series_parts import Reader
from jobreport.store.registry import audit_log, tenants
from long import times

LAWS = settings(max_examples=times(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
JOBS = st.lists(varied_jobs(), max_size=8, unique_by=lambda job: job.job_id)


def name_of(store: Store, tenant: int) -> str:
    with store.reading() as connection:
        found = tenants.by_number(connection, tenant)
    assert found
    return found.name


def by_series(store: Store, tenant: int) -> dict[series.Key, SeriesStatus]:
    """How each series stands: several may have the same plan and resource."""
    with store.reading() as connection:
        numbers = series.keys(connection, tenant)
        kept = series.read(connection, tenant, numbers.values())
    return {key: kept[number] for key, number in numbers.items()}


def assert_as_recounted(store: Store, tenant: int) -> None:
    with store.reading() as connection:
        good = series.good_states(connection, tenant)
        for number, status in series.read(connection, tenant, series.keys(connection, tenant).values()).items():
            assert status == Reader(connection, tenant, number, good).whole()


@LAWS
@given(before=JOBS, after=JOBS, changes=st.lists(st.sampled_from(tenant_settings.GOOD), max_size=3))
def test_series_are_as_if_the_tenant_had_always_taken_the_same_for_good(
    store: Store, new_tenant: Callable[[], int], before: list[Job], after: list[Job], changes: list[str]
) -> None:
    tenant, other = new_tenant(), new_tenant()
    store.record(tenant, before)
    for good in changes:
        tenant_settings.change(store, name_of(store, tenant), good=good)
        assert_as_recounted(store, tenant)
    later = [job.evolve(observed=1) for job in after]
    store.record(tenant, later)
    assert_as_recounted(store, tenant)
    tenant_settings.change(store, name_of(store, other), good=changes[-1] if changes else "successful")
    store.record(other, before)
    store.record(other, later)
    found, expected = by_series(store, tenant), by_series(store, other)
    for status in (*found.values(), *expected.values()):
        status.heard = 0  # the time of the report
    assert found == expected


def test_a_copy_with_exceptions_is_good_for_those_who_say_so(store: Store, tenant: int) -> None:
    states = [JobState.Successful, JobState.Failed, JobState.Exception, JobState.Failed]
    nights = [START + number * MINUTE for number in range(4)]
    store.record(
        tenant,
        [
            done(f"{number}", state=state, start=start, finish=start, plan="nightly")
            for number, (state, start) in enumerate(zip(states, nights, strict=True))
        ],
    )
    name = name_of(store, tenant)
    for good, last, not_good, since in (
        ("exceptions", "2", 1, 3),
        ("successful", "0", 3, 1),
        ("successful", "0", 3, 1),
    ):
        tenant_settings.change(store, name, good=good)
        status = statuses(store, tenant)["nightly", ""]
        assert (status.good_id, status.not_good, status.not_good_since) == (last, not_good, nights[since])
        assert check(store).sound


def test_a_change_is_in_the_audit_log_and_none_is_not(store: Store, tenant: int) -> None:
    name = name_of(store, tenant)
    for _ in range(2):
        done_ = tenant_settings.change(store, name, zone="europe/berlin", night="6:30", good="exceptions")
        assert done_.night == store.night_hours(tenant) == NightHours("Europe/Berlin", 390)
    tenant_settings.change(store, name, night="18:00")
    with store.reading() as connection:
        found = [one for one in audit_log.since(connection, 0, tenant) if one.action == Action.TenantChanged]
    assert len(found) == 2
    assert '"timeZone":"Europe/Berlin"' in found[0].detail
    assert '"nightBefore":"06:30"' in found[1].detail
    assert "good" not in found[1].detail


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"zone": "Europe/Berln"}, "did you mean Europe/Berlin"),
        ({"zone": "CEST"}, "no time zone"),
        ({"night": "24:00"}, "such as 18:00"),
    ],
)
def test_what_cannot_be_understood_changes_nothing(
    store: Store, tenant: int, values: dict[str, str], said: str
) -> None:
    with pytest.raises(TenantError, match=said):
        tenant_settings.change(store, name_of(store, tenant), good="exceptions", **values)
    assert store.night_hours(tenant) == NightHours()


def test_a_tenant_that_is_deleted_or_not_there_is_not_changed(store: Store, new_tenant: Callable[[], int]) -> None:
    name = f"gone-{new_tenant()}"
    create(store, name)
    delete(store, name, grace_seconds=60)
    for one in (name, "nobody-at-all"):
        with pytest.raises(TenantError):
            tenant_settings.change(store, one, night="20:00")
