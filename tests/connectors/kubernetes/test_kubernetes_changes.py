"""Objects that change, vanish, or are in two clusters, look by look."""

from typing import Any

import pytest
from fakes.kubernetes_objects import (
    CNPG_BACKUPS,
    LOCATIONS,
    LONGHORN_BACKUPS,
    TARGETS,
    VELERO_BACKUPS,
    at,
    cnpg_backup,
    longhorn_backup,
    longhorn_target,
    velero_backup,
    velero_location,
)
from fakes.kubernetes_server import FakeCluster, serving
from kubernetes_reading import VELERO_ID, Configure, every_job, state_of

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.sees import Sees
from jobreport.store import Store


def test_a_backup_keeps_its_id_from_when_it_was_made_to_its_end(
    full: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    waiting = "velero:prod/velero:nightly-20261122020000:2026-11-22T02:00:00Z"
    for phase, state in (
        ("New", JobState.NotStarted),
        ("InProgress", JobState.InProgress),
        ("Completed", JobState.Successful),
    ):
        full.put(VELERO_BACKUPS, velero_backup(phase))
        passed = collect(store, tenant, configure(tools=("velero",)))
        assert passed.whole, passed
        assert state_of(store, tenant, waiting)[0] is state
        clock.pass_by(600)
    collect(store, tenant, configure(tools=("velero",)))
    assert len(every_job(store, tenant)) == 2
    found = store.history(tenant, VELERO_ID)
    assert found is not None
    assert (found.current.job.job_id, found.current.job.reference) == (waiting, VELERO_ID)


@pytest.mark.parametrize("first", ["its own", "the other"])
@pytest.mark.parametrize("tool", ["velero", "longhorn"])
def test_a_backup_that_two_clusters_see_is_one_job_and_what_its_own_says_counts(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock, tool: str, first: str
) -> None:
    """Which of them is looked at first does not matter, nor how often."""
    standby = FakeCluster(now=clock.now)
    if tool == "velero":
        cluster.put(LOCATIONS, velero_location())
        cluster.put(VELERO_BACKUPS, velero_backup("PartiallyFailed", errors=2))
        standby.put(LOCATIONS, velero_location(name="main"))
        standby.put(VELERO_BACKUPS, velero_backup("PartiallyFailed", location="main", created=400))
    else:
        cluster.put(TARGETS, longhorn_target())
        cluster.put(LONGHORN_BACKUPS, longhorn_backup())
        standby.put(TARGETS, longhorn_target())
        standby.put(LONGHORN_BACKUPS, longhorn_backup(copied=True))
    with serving(standby) as url:
        mine = configure(tools=(tool,))
        other = configure(tools=(tool,), url=url, cluster="standby", name="standby")
        for connector in (mine, other, mine) if first == "its own" else (other, mine, other):
            assert collect(store, tenant, connector).whole
            clock.pass_by(60)
    (job,) = every_job(store, tenant)
    assert (job.state is JobState.Exception, job.sees, job.origin) == (
        tool == "velero",
        Sees.OBJECTS,
        "kubernetes/prod",
    )


def test_an_object_that_vanishes_before_its_end_is_presumed_to_have_failed(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.put(LONGHORN_BACKUPS, longhorn_backup("InProgress"))
    cluster.put(LONGHORN_BACKUPS, longhorn_backup("InProgress", name="backup-2"))
    wanted = configure(tools=("longhorn",))
    collect(store, tenant, wanted)
    cluster.put(LONGHORN_BACKUPS, longhorn_backup("Deleting", name="backup-2"))
    del cluster.objects[LONGHORN_BACKUPS]["longhorn-system", "backup-83c9c062105a4466"]
    collect(store, tenant, wanted)
    gone = state_of(store, tenant, "longhorn:prod/longhorn-system:backup-83c9c062105a4466")
    assert gone[0] is JobState.Failed
    assert gone[1].startswith("presumed: not listed any more since ")
    state, comments = state_of(store, tenant, "longhorn:prod/longhorn-system:backup-2")
    assert (state, comments) == (
        JobState.InProgress,
        "what became of it is not told any more: it is being deleted, or read again",
    )


def test_what_has_ended_and_vanishes_stays_as_it_was(
    full: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    collect(store, tenant, configure())
    full.objects[VELERO_BACKUPS].clear()
    full.put(LONGHORN_BACKUPS, longhorn_backup("", backupCreatedAt=at(41)))
    assert collect(store, tenant, configure()).whole
    assert {job.state for job in every_job(store, tenant)} == {JobState.Successful}


def test_an_end_that_is_not_told_is_when_the_status_was_written_or_when_it_was_first_seen(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    seen = clock.now
    cluster.put(CNPG_BACKUPS, cnpg_backup("failed", name="a"))
    cluster.put(CNPG_BACKUPS, cnpg_backup("failed", name="b", written=77))
    wanted = configure(tools=("cloudnativepg",))
    for _ in range(2):
        collect(store, tenant, wanted)
        assert {job.job_id[15:16]: job.finish for job in every_job(store, tenant)} == {
            "a": seen,
            "b": ticks.from_iso(at(77)),
        }
        clock.pass_by(7200)


def test_what_did_not_change_since_is_not_told_again(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    cluster.put(CNPG_BACKUPS, cnpg_backup(name="old", written=50))
    cluster.put(CNPG_BACKUPS, cnpg_backup("running", name="runs", written=50))
    wanted = configure(tools=("cloudnativepg",))
    assert collect(store, tenant, wanted).streams[0].read == 2
    clock.pass_by(7200)
    cluster.now = clock.now
    assert collect(store, tenant, wanted).streams[0].read == 1
    clock.pass_by(7200)
    hours = (clock.now - ticks.from_iso(at(0))) / ticks.PER_SECOND
    cluster.put(CNPG_BACKUPS, cnpg_backup("failed", name="old", written=hours))
    assert collect(store, tenant, wanted).streams[0].updated == 1


def test_a_first_look_goes_back_thirty_days_but_for_what_has_not_ended(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    months = -70 * 86_400
    cluster.put(CNPG_BACKUPS, cnpg_backup(name="ended", written=months))
    cluster.put(CNPG_BACKUPS, cnpg_backup("running", name="stuck", written=months))
    wanted = configure(tools=("cloudnativepg",))
    collect(store, tenant, wanted)
    assert [job.job_id.split(":")[2] for job in every_job(store, tenant)] == ["stuck"]
    collect(store, tenant, wanted, back=90 * ticks.PER_DAY)
    assert len(every_job(store, tenant)) == 2


def test_a_clock_that_is_behind_is_the_one_by_which_is_asked_again(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    cluster.put(CNPG_BACKUPS, cnpg_backup(written=45))
    cluster.ahead = -2 * 3600 * ticks.PER_SECOND
    wanted = configure(tools=("cloudnativepg",))
    collect(store, tenant, wanted)
    clock.pass_by(300)
    told = (clock.now - ticks.from_iso(at(0))) / ticks.PER_SECOND - 2 * 3600
    cluster.put(CNPG_BACKUPS, cnpg_backup("failed", written=told))
    assert collect(store, tenant, wanted).streams[0].updated == 1


def test_an_object_that_cannot_be_read_holds_up_no_other_and_is_told(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    broken: dict[str, Any] = cluster.put(CNPG_BACKUPS, cnpg_backup(name="a"))
    cluster.put(CNPG_BACKUPS, cnpg_backup(name="b"))
    broken["status"]["phase"] = 7
    passed = collect(store, tenant, configure(tools=("cloudnativepg",)))
    assert passed.streams[0].created == 1
    assert "1 of its records cannot be read: Expected `str`, got `int` - at `$.status.phase`" in passed.streams[0].error


def test_an_object_that_is_too_large_is_kept_in_part(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.put(CNPG_BACKUPS, cnpg_backup(commandOutput="x" * 70_000))
    assert collect(store, tenant, configure(tools=("cloudnativepg",))).whole
    assert '"tooLong"' in every_job(store, tenant)[0].raw
