"""What no connector can see is said on the overview: a list that cannot be read is no quiet night."""

import html
import re
from contextlib import closing

from people import signed_in
from test_overview_view import BERLIN, MONDAY, job, new_tenant, record, seen

from clocks import Clock
from jobreport.clock import now_ticks
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.sees import Sees
from jobreport.model.streams import Hole, StreamState
from jobreport.monitor.pages.customers import seen as customers_seen
from jobreport.monitor.pages.overview import gather
from jobreport.monitor.views.customers import Level
from jobreport.monitor.views.period import period_of
from jobreport.store import Store, open_store
from jobreport.store.registry import connectors
from jobreport.store.registry.connectors import Key
from jobreport.store.registry.tenants import Tenant, find
from jobs import job as stored
from serving import Server

MINUTE = 60 * ticks.PER_SECOND


def unseen(store: Store, tenant: Tenant) -> list[str]:
    found = gather(store, tenant, period_of(tenant.night, store.clock()), store.clock()).unseen
    return [*found.lacks, *found.lost]


def put(store: Store, tenant: Tenant, name: str, *streams: StreamState, error: str = "", now: int = MONDAY) -> Key:
    """Stores how a connector stands whose last pass began `now`."""
    key = Key(tenant.number, name)
    with store.writing() as transaction:
        assert connectors.claim(transaction, key, "exec", 300, "a", now, now + MINUTE)
        for one in streams:
            connectors.put_stream(transaction, key, one)
        connectors.release(transaction, key, "a", error)
    return key


def test_a_connector_without_data_is_told_and_nothing_is_green(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("nightly", days) for days in (3.2, 2.2, 1.2, 0.2)])
    copies = StreamState(stream="copy jobs", added=MONDAY - 60 * MINUTE, looked=MONDAY, watermark=MONDAY)
    key = put(store, tenant, "prod", copies)
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
    since = f"prod: copy jobs: no data since {ticks.to_iso(MONDAY, digits=0)}"
    assert words == f"{since}: nobody reads it any more; where it was taken out of jobreport.toml on purpose, " + (
        "jobreport connectors forget prod ends this"
    )
    put(store, tenant, "prod", now=store.clock())
    assert unseen(store, tenant) == [f"{since}: it was not looked at"]
    hole = Hole(stream="copy jobs", begins=MONDAY - 9 * ticks.PER_DAY, ends=MONDAY - 2 * ticks.PER_DAY, found=MONDAY)
    with store.writing() as transaction:
        connectors.add_hole(transaction, key, hole)
    assert unseen(store, tenant)[1].startswith("prod: copy jobs: what ran from ")


def test_a_connector_whose_streams_were_never_found_is_told_too(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    record(store, tenant, [job("nightly", 0.2)])
    put(store, tenant, "prod", error="access denied")
    assert unseen(store, tenant) == ["prod: no data yet: access denied"]
    assert seen(store, tenant).detail.endswith("1 connector has no data")


def test_the_list_of_customers_tells_it_beside_another_reason(store: Store, clock: Clock) -> None:
    clock.now = MONDAY
    tenant = new_tenant(store, BERLIN)
    fine, other = [job("nightly", days) for days in (3.2, 2.2, 1.2, 0.2)], job("weekly", 0.2, JobState.Exception)
    record(store, tenant, [*fine, other])
    put(store, tenant, "prod", error="access denied")
    (row,) = customers_seen(store, (tenant,), MONDAY).rows
    assert (row.level, row.why) == (Level.Watched, "1 series not good: 1 with exceptions; not all is seen")


def test_the_overview_names_the_first_and_leads_to_all(monitored: Server, tenant: str) -> None:
    assert monitored.app(tenant).write(stored("FB1", plan="nightly")).status_code == 200
    now = now_ticks()
    since = now - ticks.PER_DAY
    with closing(open_store(monitored.store)) as store:
        with store.reading() as transaction:
            whose = find(transaction, tenant)
        assert whose is not None
        for number in range(12):
            streams = [
                StreamState(stream=one, sees=Sees.RESULTS, added=since, looked=since, watermark=since, error=f"<{one}>")
                for one in ("eu", "us")
            ]
            put(store, whose, f"c{number:02}", *streams, now=now)
        put(store, whose, "good", StreamState(stream="all", added=since, looked=now, watermark=now), now=now)
    anna = signed_in(monitored, "anna")
    overview = anna.get(f"/?tenant={tenant}").text
    assert [f"c{number:02}: eu" in overview for number in range(12)] == [True] * 10 + [False] * 2
    (link,) = re.findall(r'href="(/connectors[^"]*)"', overview)
    page = anna.get(html.unescape(link)).text
    assert "12 of 13 connectors have no data" in page
    assert [page.count(f"c{number:02}</bdi>") for number in range(12)] == [1] * 12
    assert page.count("&lt;us&gt;") == 12
    assert page.index("c11</bdi>") < page.index("good</bdi>")
    assert "results: a run that failed leaves no trace" in page


def test_a_tenant_without_connectors_is_told_where_they_are_named(monitored: Server, tenant: str) -> None:
    assert monitored.app(tenant).write(stored("FB1", plan="nightly")).status_code == 200
    anna = signed_in(monitored, "anna")
    assert "/connectors" not in anna.get(f"/?tenant={tenant}").text
    page = anna.get(f"/connectors?tenant={tenant}").text
    assert "No connector reads jobs for" in page
    assert "<code>jobreport.toml</code>" in page
