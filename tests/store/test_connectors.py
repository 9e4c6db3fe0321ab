"""Connectors on every kind of store: what is read is stored with how far it came, or not at all, by who holds it."""

from functools import partial

import pytest
from example_jobs import done, running
from msgspec.structs import replace
from store_contents import current_job, list_job_ids

from clocks import Clock
from jobreport.identity import tenants
from jobreport.identity.connectors import ConnectorError, end
from jobreport.model import ticks
from jobreport.model.audit import Action
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.model.sees import Sees
from jobreport.model.streams import Hole, StreamState, complete_until, no_data
from jobreport.model.write_result import WriteResult
from jobreport.store import Store
from jobreport.store.jobs.collected import Read, store_read, unfinished
from jobreport.store.registry import audit_log, connector_freshness, connectors
from jobreport.store.registry.connectors import Key, TakenOverError
from strategies import NOW

MINUTE = 60 * ticks.PER_SECOND
STATE = StreamState(stream="eu", sees=Sees.OBJECTS, remembers=7, added=NOW, state='{"n":1}', watermark=NOW, looked=NOW)


def take(store: Store, key: Key, holder: str = "one", seconds: int = 60) -> bool:
    now = store.clock()
    with store.writing() as transaction:
        return connectors.claim(transaction, key, "exec", 300, holder, now, now + seconds * ticks.PER_SECOND)


def save(store: Store, key: Key, *jobs: Job, holder: str = "one", **more: object) -> WriteResult:
    now = store.clock()
    read = Read(**{"state": STATE, "jobs": jobs} | more)
    with store.writing() as transaction:
        return store_read(transaction, key, holder, now + MINUTE, read, now)


def waiting(store: Store, key: Key) -> list[str]:
    with store.reading() as transaction:
        return [stored.job.job_id for stored in unfinished(transaction, key, "eu")]


def test_what_is_no_job_is_deleted_unless_it_ended_or_another_tells_of_it(store: Store, tenant: int) -> None:
    key = Key(tenant, "prod")
    take(store, key)
    told = [running(name, observed=NOW, reference=f"r:{name}", sees=Sees.OBJECTS) for name in ("FB1", "FB2", "FB3")]
    save(store, key, *told)
    store.record(tenant, [done("FB2", observed=NOW + 1, reference="r:FB2"), running("FB4", observed=NOW)])
    save(store, key, withdrawn=["FB1", "FB2", "FB4", "none"])
    assert sorted(list_job_ids(store, tenant)) == ["FB2", "FB3", "FB4"]
    assert waiting(store, key) == ["FB3"]
    save(store, key, withdrawn=["FB2"])


def test_jobs_and_state_are_stored_together(store: Store, tenant: int) -> None:
    key = Key(tenant, "prod")
    assert take(store, key)
    result = save(store, key, running("FB2", observed=NOW), done("FB1", observed=NOW))
    assert (result.created, result.updated, result.unchanged) == (2, 0, 0)
    with store.reading() as transaction:
        (standing,) = connectors.standings(transaction, tenant)
        assert connectors.streams(transaction, key) == {"eu": replace(STATE, jobs=2)}
    assert standing.streams[0] == replace(STATE, jobs=2, state="")
    assert standing.connector.kind == "exec"
    assert waiting(store, key) == ["FB2"]


def test_who_does_not_hold_a_connector_stores_nothing(store: Store, tenant: int, clock: Clock) -> None:
    key = Key(tenant, "prod")
    assert take(store, key)
    assert take(store, key)
    assert not take(store, key, "two")
    with pytest.raises(TakenOverError):
        save(store, key, done("FB1"), holder="two")
    assert list_job_ids(store, tenant) == []
    clock.pass_by(61)
    assert take(store, key, "two")
    with pytest.raises(TakenOverError):
        save(store, key, done("FB1"))
    assert list_job_ids(store, tenant) == []
    with store.writing() as transaction:
        connectors.release(transaction, key, "one", "")
    assert not take(store, key, "three")
    with store.writing() as transaction:
        connectors.release(transaction, key, "two", "")
    assert take(store, key, "three")


def test_a_hold_of_a_wrong_clock_counts_no_more(store: Store, tenant: int) -> None:
    key = Key(tenant, "prod")
    assert take(store, key, seconds=30 * 86_400)
    assert take(store, key, "two")


def test_what_a_list_repeats_has_no_effect_and_what_it_changes_has(store: Store, tenant: int, clock: Clock) -> None:
    key = Key(tenant, "prod")
    take(store, key)
    save(store, key, running("FB2", observed=NOW), done("FB1", observed=NOW))
    before = [store.history(tenant, name) for name in ("FB1", "FB2")]
    clock.pass_by(60)
    again = save(store, key, running("FB2", observed=clock.now), done("FB1", observed=clock.now))
    assert (again.received, again.created, again.updated, again.unchanged) == (2, 0, 0, 2)
    assert [store.history(tenant, name) for name in ("FB1", "FB2")] == before
    ended = save(store, key, done("FB2", observed=clock.now))
    assert ended.updated == 1
    assert waiting(store, key) == []


def test_gone_and_unchanged_jobs_are_presumed_to_have_failed_unless_their_runner_is_known(
    store: Store, tenant: int, clock: Clock
) -> None:
    key = Key(tenant, "prod")
    take(store, key)
    listed = partial(running, sees=Sees.OBJECTS)
    watched = listed("FB3", observed=NOW, heartbeat=60)
    store.record(tenant, [running("run", observed=NOW, reference="k8s:1")])
    save(store, key, listed("FB1", observed=NOW), listed("FB2", observed=NOW), watched)
    clock.pass_by(30)
    save(store, key, listed("FB4", observed=NOW, reference="k8s:1"))
    save(store, key, gone=["FB1", "FB3", "FB4"], unchanged={"FB2": NOW})
    # Its runner, who sees more, may still tell its end.
    assert current_job(store, tenant, "FB4").state is JobState.InProgress
    states = {name: current_job(store, tenant, name) for name in ("FB1", "FB2", "FB3")}
    assert [job.state for job in states.values()] == [JobState.Failed, JobState.Failed, JobState.InProgress]
    assert states["FB1"].comments == f"presumed: not listed any more since {ticks.to_iso(clock.now, digits=0)}"
    assert states["FB2"].comments == f"presumed: unchanged since {ticks.to_iso(NOW, digits=0)}"
    assert waiting(store, key) == ["FB2"]
    save(store, key, listed("FB2", observed=clock.now + 1))
    assert current_job(store, tenant, "FB2").state is JobState.Failed
    clock.pass_by(1)
    save(store, key, listed("FB1", observed=clock.now), listed("FB2", observed=clock.now, comments="90 %"))
    assert current_job(store, tenant, "FB1").state is JobState.InProgress
    assert current_job(store, tenant, "FB2").state is JobState.InProgress


@pytest.mark.parametrize("streams", [(), (0,), (901,), (899, 901), (900,), (10, 2000)])
@pytest.mark.parametrize("error", ["", "access denied"])
def test_the_freshness_of_all_tenants_is_that_of_each(
    store: Store, tenant: int, streams: tuple[int, ...], error: str
) -> None:
    key = Key(tenant, "prod")
    assert take(store, key)
    with store.writing() as transaction:
        for ago in streams:
            # One that was only heard of has as long to be read as one that was read.
            looked = NOW - ago * ticks.PER_SECOND
            read = replace(STATE, stream=f"read {ago}", looked=looked, watermark=looked, added=0)
            heard = replace(STATE, stream=f"heard {ago}", looked=0, added=NOW - ago * ticks.PER_SECOND)
            connectors.put_stream(transaction, key, read)
            connectors.put_stream(transaction, key, heard)
        connectors.release(transaction, key, "one", error)
        if streams == (10, 2000):
            connectors.add_hole(transaction, key, Hole(stream="read 10", begins=7, ends=9, found=NOW))
        standings = connectors.standings(transaction, tenant)
        lacking = connector_freshness.without_data(transaction, [tenant, tenant + 1], NOW)
        until = connector_freshness.complete_until(transaction, [tenant, tenant + 1])
    assert lacking == ({tenant: ["prod"]} if no_data(standings, NOW) else {})
    assert until == {tenant: complete_until(standings)}


def test_where_another_tenant_has_the_connector_it_is_said(store: Store) -> None:
    for name in ("acme", "globex"):
        take(store, Key(tenants.create(store, name).number, f"of-{name}"))
    with pytest.raises(ConnectorError, match="it has of-acme; --tenant may be globex, which has one of this name"):
        end(store, "acme", "of-globex", None, forget=True)


def test_holes_are_ended_by_an_operator_alone_and_the_audit_log_has_it(store: Store) -> None:
    tenant = tenants.create(store, "acme").number
    key = Key(tenant, "prod")
    take(store, key)
    for begins in (NOW, NOW + 1, NOW):
        save(store, key, hole=Hole(stream="eu", begins=begins, ends=begins + 5, found=NOW))
    with store.reading() as transaction:
        (standing,) = connectors.standings(transaction, tenant)
    assert [hole.begins for hole in standing.holes] == [NOW, NOW + 1]
    for name, stream, said in (
        ("prd", None, r"no connector 'prd' .*: did you mean prod\? It has prod"),
        ("prod", "us", "no stream 'us': it has eu"),
    ):
        with pytest.raises(ConnectorError, match=said):
            end(store, "acme", name, stream, forget=False)
    assert end(store, "acme", "prod", "eu", forget=False) == 2
    assert end(store, "acme", "prod", None, forget=True) == 0
    with store.reading() as transaction:
        assert connectors.standings(transaction, tenant) == ()
        actions = [entry.action for entry in audit_log.newest(transaction, tenant, 2)]
    assert actions == [Action.ConnectorForgotten, Action.HolesAcknowledged]
