"""Which tenants are silent: those of whom a night is missed by their own rhythm, and none else."""

from collections.abc import Callable
from datetime import date, timedelta
from statistics import median_low

import pytest
from example_jobs import done, running
from hypothesis import given
from hypothesis import strategies as st
from naive_series import LAWS

from clocks import Clock
from jobreport.model import nights, ticks
from jobreport.model.expectation import Expectation
from jobreport.model.good_copy_age import Ages
from jobreport.model.nights import NightHours
from jobreport.store import Store
from jobreport.store.query.nights import silence
from jobreport.store.registry import tenants

DAY = ticks.PER_DAY
NOW = ticks.from_iso("2026-11-23T07:58:12Z")
HOURS = NightHours("Europe/Berlin")
SUNDAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _monday(clock: Clock) -> None:
    clock.now = NOW


@st.composite
def patterns(draw: st.DrawFn) -> set[int]:
    """Nights with a job: on some days of the week, until the tenant is quiet, and a few others."""
    days, quiet, first = draw(st.sets(st.integers(0, 6))), draw(st.integers(0, 9)), draw(st.integers(1, 45))
    regular = {one for one in range(quiet, first) if one % 7 in days}
    return regular ^ draw(st.sets(st.integers(0, 45), max_size=3))


def silent(store: Store, tenant: int, now: int = NOW) -> int:
    with store.writing() as transaction:
        tenants.set_night(transaction, tenant, HOURS)
        found = tenants.by_number(transaction, tenant)
    assert found
    last = {one.name: one.last_job for one in store.tenants_summary([tenant])}
    with store.reading() as connection:
        return silence.silent(connection, [found], last, now).get(tenant, 0)


def in_nights(store: Store, tenant: int, ago: list[int]) -> None:
    """Records a good job six hours after the beginning of each of these nights, so many before that of Sunday."""
    begins = [nights.begin(HOURS, SUNDAY - timedelta(one)) + DAY // 4 for one in ago]
    store.record(tenant, [done(f"n{begin}", start=begin - 60, finish=begin) for begin in begins])


def expected(ago: set[int]) -> bool:
    """The same by hand: is one of the nights missed that are over, and after the last with a job?"""
    last, first = min(ago, default=0), max((one for one in ago if one < min(ago) + 28), default=0)
    if len([one for one in ago if one < last + 28]) < 3:
        return False
    for missed in range(max(last - 7, 1), last):
        same = [one in ago for one in range(missed + 7, missed + 35, 7) if one <= first]
        if same and median_low(map(int, same)):
            return True
    return False


@LAWS
@given(ago=patterns())
def test_a_tenant_is_silent_if_a_night_is_missed_that_is_usual(
    store: Store, new_tenant: Callable[[], int], ago: set[int]
) -> None:
    tenant = new_tenant()
    in_nights(store, tenant, sorted(ago))
    since = silent(store, tenant)
    assert (since > 0) == expected(ago)
    if since:
        assert nights.night_of(HOURS, since) == SUNDAY - timedelta(min(ago))


def test_what_nobody_does_on_sunday_is_not_missed(store: Store, tenant: int) -> None:
    # From Monday to Friday; now it is Monday morning, and on Tuesday evening the night of Monday is missed.
    in_nights(store, tenant, [one for one in range(2, 35) if (SUNDAY - timedelta(one)).weekday() < 5])
    assert silent(store, tenant) == 0
    assert silent(store, tenant, NOW + DAY) == 0
    assert silent(store, tenant, NOW + DAY + DAY // 2) > 0


def test_what_runs_and_is_heard_of_breaks_the_silence(store: Store, tenant: int) -> None:
    in_nights(store, tenant, [*range(3, 30)])
    assert silent(store, tenant) > 0
    store.record(tenant, [running("long", start=NOW - 4 * DAY)])
    assert silent(store, tenant) == 0


def test_who_agreed_an_age_for_all_has_said_how_long_it_may_be_silent(store: Store, tenant: int) -> None:
    in_nights(store, tenant, [*range(3, 30)])
    with store.writing() as transaction:
        tenants.set_expectations(transaction, tenant, (of_all := Expectation(name="all", age=5 * DAY),))
        assert tenants.ages(transaction, tenant) == Ages((of_all,))
    assert silent(store, tenant) == 0
    assert silent(store, tenant, NOW + 3 * DAY) > 0
