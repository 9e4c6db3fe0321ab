"""The page of a night tells of a good run that has far less than usual, as the verdict on its series does."""

from datetime import timedelta

from test_overview_view import BERLIN, MONDAY, job, new_tenant, record, seen

from clocks import Clock
from jobreport.model import nights
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.monitor.links import go_from
from jobreport.monitor.pages import night
from jobreport.monitor.texts import Times
from jobreport.monitor.views.night import NightView, night_view
from jobreport.store import Store
from jobreport.store.registry.tenants import Tenant


def view(store: Store, tenant: Tenant, nights_ago: int = 0) -> NightView:
    day = nights.night_of(BERLIN, MONDAY) - timedelta(nights_ago)
    found, before = night.gather(store, tenant, day)
    small = night.shrunk(store, tenant, day, found.rows, store.clock())
    times, go = Times(BERLIN.zone, store.clock()), go_from("", "acme")
    return night_view(BERLIN, tenant.good, day, found.rows, found.total, before.rows, times, go, shrunk=small)


def runs(plan: str, sizes: dict[float, int]) -> list[Job]:
    return [job(plan, days, size=size) for days, size in sizes.items()]


def test_a_run_that_has_shrunk_is_not_good_in_its_night_and_ever_after(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    usual = {7.2: 5_000, 3.2: 5_000, 2.2: 5_000, 1.2: 5_000}
    record(store, tenant, [*runs("small", {**usual, 0.2: 400}), *runs("other", {**usual, 0.2: 500})])
    found = view(store, tenant)
    assert (found.mood, found.sentence) == ("bad", "1 of 2 series was not good in this night")
    small, other = found.lines
    assert (small.name, small.shrunk, small.is_bad, str(small.change)) == ("small", True, True, "newly not good")
    assert small.why == "only 400 bytes, usually 5,000 (median of 4 good runs)"
    assert small.state == other.state == JobState.Successful
    assert (other.shrunk, str(other.change), view(store, tenant, 1).mood) == (False, "as a week ago", "good")
    assert [one.what for one in seen(store, tenant).rows] == ["small"]
    clock.pass_by(86_400)
    record(store, tenant, runs("small", {-0.8: 5_000}))
    assert (view(store, tenant).sentence, view(store, tenant, -1).mood) == (found.sentence, "good")


def test_a_small_run_that_a_usual_one_followed_in_its_night_is_none_of_it(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, runs("one", {3.2: 5_000, 2.2: 5_000, 1.2: 5_000, 0.3: 1, 0.2: 5_000}))
    assert view(store, tenant).sentence == "The only series was good in this night"
