"""Sign-ins and refusals: counted by app, address and hour, and moved into the audit log when the hour is over."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from example_jobs import MINUTE

from clocks import Clock
from jobreport.identity.apps import registrations
from jobreport.identity.apps.permissions import READ_WRITE
from jobreport.identity.oauth.sign_ins import MAX_CLIENT, SignIns
from jobreport.model.audit import SERVICE
from jobreport.store import Store, StoreUnavailableError
from jobreport.store.registry import audit_log
from jobreport.store.registry.apps import App
from strategies import NOW

HOUR = 60 * MINUTE


@pytest.fixture
def app(store: Store) -> App:
    return registrations.create(store, name="x", tenant="acme", permissions=[READ_WRITE]).app


def entries(store: Store) -> list[tuple[int, str, str, dict[str, object]]]:
    with store.reading() as connection:
        found = audit_log.since(connection, 0)
    return [(one.tenant, one.action, one.target, json.loads(one.detail)) for one in found if "sign-in" in one.action]


def test_each_app_has_one_entry_for_an_hour_that_is_over(store: Store, app: App, clock: Clock) -> None:
    counted = SignIns()
    for _ in range(3):
        counted.granted(app.client_id, "10.0.0.1", clock())
    counted.granted(app.client_id, "10.0.0.2", clock())
    counted.refused(app.client_id, "10.9.9.9", clock())
    counted.flush(store)
    assert counted.close_hours(store) == 0
    clock.pass_by(2 * 3600)
    counted.granted(app.client_id, "10.0.0.1", clock())
    counted.flush(store)
    assert counted.close_hours(store) == 2
    target = f"app:{app.client_id}"
    (granted, refused) = entries(store)
    assert granted[:3] == (app.tenant, "sign-in.granted", target)
    assert (granted[3]["times"], granted[3]["from"]) == (4, {"10.0.0.1": 3, "10.0.0.2": 1})
    assert str(granted[3]["hour"]).endswith(":00:00Z")
    assert refused[:3] == (app.tenant, "sign-in.refused", target)
    assert refused[3]["from"] == {"10.9.9.9": 1}
    assert counted.close_hours(store) == 0


@pytest.mark.parametrize("claimed", ["", "nobody", "x" * (MAX_CLIENT + 1), "a\0b", "\ud800"])
def test_unknown_client_ids_are_counted_without_their_names_in_the_services_chain(
    store: Store, clock: Clock, claimed: str
) -> None:
    counted = SignIns()
    counted.refused(claimed, "10.9.9.9", clock())
    counted.flush(store)
    clock.pass_by(2 * 3600)
    counted.close_hours(store)
    ((tenant, action, target, _),) = entries(store)
    assert (tenant, action, target) == (SERVICE, "sign-in.refused", "unknown apps")


def test_only_the_first_addresses_are_listed_and_the_others_added_up(store: Store, app: App, clock: Clock) -> None:
    counted = SignIns()
    for number in range(100):
        counted.refused(app.client_id, f"10.0.{number}.1", clock())
    counted.flush(store)
    clock.pass_by(2 * 3600)
    counted.close_hours(store)
    ((*_, detail),) = entries(store)
    assert detail["times"] == 100
    assert isinstance(detail["from"], dict)
    assert (len(detail["from"]), detail["from"]["others"]) == (21, 80)


def test_many_invented_client_ids_make_one_entry(store: Store, clock: Clock) -> None:
    counted = SignIns()
    for number in range(10_500):
        counted.refused(f"nobody-{number}", "10.0.0.1", clock())
    counted.flush(store)
    clock.pass_by(2 * 3600)
    assert counted.close_hours(store) == 1
    ((*_, detail),) = entries(store)
    assert detail["times"] == 10_500


def test_counts_that_could_not_be_written_are_written_the_next_time(store: Store, app: App, clock: Clock) -> None:
    counted = SignIns()
    counted.granted(app.client_id, "10.0.0.1", clock())

    class Away:
        def writing(self) -> None:
            raise StoreUnavailableError("away")

    with pytest.raises(StoreUnavailableError):
        counted.flush(Away())
    counted.flush(store)
    clock.pass_by(2 * 3600)
    assert counted.close_hours(store) == 1


def test_many_workers_count_together_and_each_hour_is_closed_once(store: Store, app: App, clock: Clock) -> None:
    def work(worker: int) -> None:
        counted = SignIns()
        for _ in range(10):
            counted.granted(app.client_id, "10.0.0.1", NOW)
            counted.flush(store)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
        clock.pass_by(2 * 3600)
        assert sum(pool.map(lambda _: SignIns().close_hours(store), range(4))) == 1
    ((*_, detail),) = entries(store)
    assert detail["times"] == 40
