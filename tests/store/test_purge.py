"""A deleted tenant: taken up again as it was, or gone for good with all that was its own and nothing of another's."""

from collections.abc import Iterator

import pytest
from example_jobs import done, running
from sqlalchemy import select
from store_contents import list_job_ids

from clocks import Clock
from jobreport.identity import inboxes
from jobreport.identity import purge as purging
from jobreport.identity import tenants as identity
from jobreport.identity.apps import registrations
from jobreport.identity.apps.permissions import READ_WRITE
from jobreport.identity.principals import Principals, UnknownTenantError
from jobreport.identity.tenants import TenantError
from jobreport.inbox.deliver import keep
from jobreport.model import ticks
from jobreport.model.audit import Actor
from jobreport.model.catalog import JobState, JobType
from jobreport.model.expectation import Expectation
from jobreport.model.job import Job
from jobreport.model.tenants import SERVICE_NAME
from jobreport.store import Store
from jobreport.store.admin.check import check
from jobreport.store.admin.distribute import belongs_to_tenant
from jobreport.store.db import dialect_of
from jobreport.store.registry import audit_log, tenants
from jobreport.store.registry.tenants import Tenant, TenantStatus
from jobreport.store.schema.jobs import tables_of
from jobreport.store.schema.metadata import shared
from jobreport.store.schema.registry import app, app_secret
from jobreport.watch import expectations
from strategies import NOW

DAY = 86_400
ALICE = Actor("user:alice", "web-1")


@pytest.fixture
def acme(store: Store) -> Tenant:
    """A tenant with jobs, earlier versions, an app and an inbox; another has the same."""
    for name in ("acme", "other"):
        registrations.create(store, name="x", tenant=name, permissions=[READ_WRITE])
        inbox, _ = inboxes.create(store, "nas", inboxes.Settings(), tenant=name, secret=None)
        keep(store, inbox, b"x", NOW, kind="mail", why="nobody reads it")
        inboxes.ping_key(store, None, tenant=name)
        tenant = identity.ensure(store, name).number
        store.record(tenant, [*(done(f"FB{number}") for number in range(700)), running("last", heartbeat=60)])
        store.record(tenant, [done("FB1", observed=NOW + 1, comments="again")])
        expectations.put(store, name, Expectation(name="nightly", plan="nightly", age=9 * DAY * ticks.PER_SECOND))
    return identity.ensure(store, "acme")


def purge(store: Store, **how: object) -> dict[str, int]:
    return {one.name: sum(purging.purge(store, one, by=ALICE)) for one, _ in purging.due(store, **how)}


def service_jobs(store: Store) -> Iterator[Job]:
    number = store.tenant_id(SERVICE_NAME)
    for job_id in list_job_ids(store, number) if number is not None else ():
        found = store.history(number or 0, job_id)
        assert found is not None
        yield found.current.job


def rows(store: Store, tenant: int) -> dict[str, int]:
    """How many rows of each table belong to the tenant."""
    found = {}
    with store.reading() as connection:
        for table in tables_of(dialect_of(connection)).tables.values():
            if belongs_to_tenant(shared.tables[table.name]):
                found[table.name] = len(connection.execute(select(table).where(table.c.tenant == tenant)).all())
    return found


def actions(store: Store, tenant: int) -> list[str]:
    with store.reading() as connection:
        return [link.action for link in audit_log.links(connection, tenant)]


def test_what_is_deleted_can_be_taken_up_again_as_it_was(store: Store, acme: Tenant, clock: Clock) -> None:
    before = rows(store, acme.number), list_job_ids(store, acme.number)
    identity.delete(store, "acme", grace_seconds=30 * DAY, by=ALICE)
    with pytest.raises(TenantError, match="is deleted; until"):
        identity.ensure(store, "acme")
    clock.pass_by(29 * DAY)
    assert purge(store) == {}
    identity.resume(store, "acme", by=ALICE)
    clock.pass_by(10 * DAY)
    assert purge(store) == {}
    after = rows(store, acme.number), list_job_ids(store, acme.number)
    assert {**after[0], "audit": before[0]["audit"]} == before[0]
    assert after[1] == before[1]


def test_when_the_grace_is_over_all_is_gone_but_the_log_and_nothing_of_another(
    store: Store, acme: Tenant, clock: Clock
) -> None:
    other = identity.ensure(store, "other").number
    before = rows(store, other)
    identity.delete(store, "acme", grace_seconds=30 * DAY, by=ALICE)
    clock.pass_by(30 * DAY)
    assert purge(store) == {"acme": 701}
    left = rows(store, acme.number)
    assert {name for name, number in left.items() if number} == {"audit", "audit_head"}
    assert rows(store, other) == before
    with store.reading() as connection:
        assert connection.execute(select(app.c.tenant)).scalars().all() == [other]
        assert len(connection.execute(select(app_secret)).all()) == 1
        buried = tenants.find(connection, f"acme#{acme.number}")
    assert buried is not None
    assert (buried.number, buried.status, buried.unfinished) == (acme.number, TenantStatus.PURGED, False)
    assert buried.own == ()
    assert check(store).sound
    assert purge(store) == {}


def test_both_are_jobs_of_the_operators_own_tenant_and_entries_of_the_log(
    store: Store, acme: Tenant, clock: Clock
) -> None:
    identity.delete(store, "acme", grace_seconds=DAY, by=ALICE)
    clock.pass_by(DAY)
    purge(store)
    hard, soft = sorted(service_jobs(store), key=lambda job: -job.start)
    assert (soft.type, soft.state, soft.resource) == (JobType.SoftDelete, JobState.Successful, "acme")
    assert (hard.type, hard.state, hard.successful, hard.resource) == (
        *(JobType.HardDelete, JobState.Successful),
        *(701, "acme"),
    )
    begun = ["tenant.created", "app.created", "inbox.created", "ping-key.created", "expectation.set"]
    assert actions(store, acme.number) == [*begun, "tenant.deleted", "tenant.purged"]


def test_the_name_is_free_and_the_number_is_never_given_again(store: Store, acme: Tenant, clock: Clock) -> None:
    last = identity.ensure(store, "last").number
    identity.delete(store, "last", grace_seconds=0)
    with pytest.raises(TenantError, match="is deleted"):
        identity.create(store, "last")
    clock.pass_by(purging.SETTLE_SECONDS)
    purge(store)
    assert identity.create(store, "last").number == last + 1


def test_who_is_just_being_deleted_may_still_be_reported_to_so_that_is_waited_for(
    store: Store, acme: Tenant, clock: Clock
) -> None:
    identity.delete(store, "acme", grace_seconds=0)
    assert purge(store) == {}
    store.record(acme.number, [done("late")])
    clock.pass_by(purging.SETTLE_SECONDS)
    assert purge(store) == {"acme": 702}
    assert rows(store, acme.number)["job"] == 0


def test_a_purge_that_was_stopped_is_gone_on_with_and_cannot_be_taken_back(
    store: Store, acme: Tenant, clock: Clock
) -> None:
    identity.delete(store, "acme", grace_seconds=DAY)
    clock.pass_by(DAY)
    ((due, jobs),) = purging.due(store)
    steps = purging.purge(store, due)
    first = next(steps)
    with pytest.raises(TenantError, match="by another process"):
        next(purging.purge(store, due))
    steps.close()
    assert [job.state for job in service_jobs(store) if job.type is JobType.HardDelete] == [JobState.Stopped]
    with pytest.raises(TenantError, match="deleted for good"):
        identity.resume(store, "acme")
    assert purge(store) == {"acme": jobs - first}


def test_one_may_be_purged_before_its_time_but_not_one_that_is_not_deleted(store: Store, acme: Tenant) -> None:
    for name, how in (("acme", {"at_once": True}), ("nobody", {})):
        with pytest.raises(TenantError):
            purging.due(store, name, **how)
    identity.delete(store, "acme", grace_seconds=DAY)
    with pytest.raises(TenantError, match="--now does not wait"):
        purging.due(store, "acme")
    assert purge(store, name="acme", at_once=True) == {"acme": 701}


def test_the_operators_own_tenant_stays(store: Store) -> None:
    identity.ensure(store, SERVICE_NAME)
    with pytest.raises(TenantError, match="operator's own"):
        identity.suspend(store, SERVICE_NAME)
    with pytest.raises(TenantError, match="operator's own"):
        identity.delete(store, SERVICE_NAME, grace_seconds=0)


def test_what_a_providers_app_may_ask_for_does_not_shrink_to_its_own_tenant(
    store: Store, acme: Tenant, clock: Clock
) -> None:
    provider = registrations.create(store, name="p", tenant=SERVICE_NAME, permissions=[READ_WRITE], reach=["acme"]).app
    identity.delete(store, "acme", grace_seconds=0)
    clock.pass_by(purging.SETTLE_SECONDS)
    purge(store)
    principals = Principals(store)
    who = principals.find(provider.client_id)
    assert who.is_provider
    for name in ("acme", f"acme#{acme.number}", SERVICE_NAME, "other"):
        with pytest.raises(UnknownTenantError):
            principals.for_tenant(who, name)
