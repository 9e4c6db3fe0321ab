"""How the series of many tenants stand, and how their nights were: what reading all series and all jobs answers."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from naive import VARIED
from naive_series import LAWS

from jobreport.model import nights, ticks
from jobreport.model.catalog import JobState
from jobreport.model.good_copy_age import COPIES, DAILY
from jobreport.model.job import Job
from jobreport.model.nights import NightHours
from jobreport.model.series_query import SeriesQuery
from jobreport.store import Store
from jobreport.store.query import customers
from strategies import NOW

WORST = [JobState.Successful, JobState.Exception, JobState.Stopped, JobState.Failed]
HOURS = st.builds(NightHours, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"]), st.sampled_from([0, 1080]))


@LAWS
@given(both=st.tuples(VARIED, VARIED), hours=HOURS, agreed=st.sampled_from([0, ticks.PER_DAY // 2]))
def test_each_tenant_is_told_as_it_stands(
    store: Store, new_tenant: Callable[[], int], both: tuple[list[Job], list[Job]], hours: NightHours, agreed: int
) -> None:
    tenants = {new_tenant(): jobs for jobs in both}
    for tenant, jobs in tenants.items():
        store.record(tenant, jobs)
    last = nights.night_of(hours, NOW)
    days = [last - timedelta(6 - place) for place in range(7)]
    with store.reading() as connection:
        services = customers.services(connection, tenants)
        old = customers.old(connection, dict.fromkeys(tenants, agreed), NOW)
        ended = customers.ended(connection, tenants, hours, days)
    for tenant, jobs in tenants.items():
        every = store.list_series(tenant, SeriesQuery(size=1000)).series
        told = services.get(tenant, [])
        assert sum(one.series for one in told) == len(every)
        assert sum(one.not_good for one in told) == sum(one.status.not_good > 0 for one in every)
        aged = {
            one.number for one in every if one.type in COPIES and 0 < one.status.good_finish < NOW - (agreed or DAILY)
        }
        assert {one.series for one in old.get(tenant, [])} == aged
        assert all(one.agreed == agreed for one in old.get(tenant, []) if agreed)
        found = {}
        for job in jobs:
            night = nights.night_of(hours, job.finish) if job.state in WORST else None
            if night in days:
                found[night] = max(found.get(night, JobState.Successful), job.state, key=WORST.index)
        assert ended.get(tenant, {}) == found
