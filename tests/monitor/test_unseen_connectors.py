"""What no connector can see is said on the overview: a list that cannot be read is no quiet night."""

from test_overview_view import BERLIN, MONDAY, job, new_tenant, record, seen

from clocks import Clock
from jobreport.model import ticks
from jobreport.model.streams import StreamState
from jobreport.monitor.pages.customers import seen as customers_seen
from jobreport.monitor.pages.overview import gather
from jobreport.monitor.views.customers import Level
from jobreport.monitor.views.period import period_of
from jobreport.store import Store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key
from jobreport.store.registry.tenants import Tenant

MINUTE = 60 * ticks.PER_SECOND


def unseen(store: Store, tenant: Tenant) -> list[str]:
    return [*gather(store, tenant, period_of(tenant.night, store.clock()), store.clock()).unseen]


def test_a_connector_without_data_is_told_and_nothing_is_green(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("nightly", days) for days in (3.2, 2.2, 1.2, 0.2)])
    key = Key(tenant.number, "prod")
    copies = StreamState(stream="copy jobs", added=MONDAY - 60 * MINUTE, looked=MONDAY, watermark=MONDAY)
    with store.writing() as transaction:
        assert connectors.claim(transaction, key, "exec", 300, "a", MONDAY, MONDAY + MINUTE)
        connectors.put_stream(transaction, key, copies)
        connectors.release(transaction, key, "a", "")
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == ("good", "The only series is well", "")
    assert unseen(store, tenant) == []
    assert [one.level for one in customers_seen(store, (tenant,), MONDAY).rows] == [Level.Well]
    clock.pass_by(16 * 60)
    found = seen(store, tenant)
    assert (found.mood, found.sentence, found.detail) == (
        "warn",
        "The only series is well",
        "1 connector has no data",
    )
    (row,) = customers_seen(store, (tenant,), store.clock()).rows
    assert (row.level, row.why) == (Level.Watched, "1 connector without data: not all is seen")
    (words,) = unseen(store, tenant)
    assert words == f"prod: copy jobs: no data since {ticks.to_iso(MONDAY, digits=0)}: it was not looked at"


def test_a_connector_whose_streams_were_never_found_is_told_too(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("nightly", 0.2)])
    key = Key(tenant.number, "prod")
    with store.writing() as transaction:
        assert connectors.claim(transaction, key, "exec", 300, "a", MONDAY, MONDAY + MINUTE)
        connectors.release(transaction, key, "a", "access denied")
    assert unseen(store, tenant) == ["prod: no data yet: access denied"]
    assert seen(store, tenant).detail.endswith("1 connector has no data")
