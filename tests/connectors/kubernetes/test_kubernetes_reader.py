"""A cluster is read through Kubernetes' own client: what is installed, pages, lists that grow too old, rights."""

import json

import pytest
from fakes.kubernetes_objects import (
    CNPG_BACKUPS,
    LOCATIONS,
    LONGHORN_BACKUPS,
    TARGETS,
    VELERO_BACKUPS,
    VELERO_RESTORES,
    cnpg_backup,
    velero_backup,
    velero_location,
)
from fakes.kubernetes_server import FakeCluster, Fault
from kubernetes_reading import VELERO_ID, Configure, errors, every_job

from clocks import Clock
from jobreport.connectors.collect import collect
from jobreport.connectors.trial import trial
from jobreport.model.catalog import JobState
from jobreport.model.query import JobQuery
from jobreport.store import Store


def test_each_kind_of_objects_is_a_list_of_its_own_and_its_objects_are_kept_as_they_came(
    full: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    passed = collect(store, tenant, configure())
    assert passed.whole, passed
    assert {one.stream: one.created for one in passed.streams} == {
        "Velero backups": 1,
        "Velero restores": 1,
        "CloudNativePG backups": 1,
        "Longhorn backups": 1,
        "Longhorn system backups": 1,
    }
    found = store.history(tenant, VELERO_ID)
    assert found is not None
    job = found.current.job
    assert job.raw.encode() == json.dumps(full.objects[VELERO_BACKUPS]["velero", "nightly-20261122020000"]).encode()
    assert (job.plan, job.origin, job.description) == ("nightly", "kubernetes/prod", "Velero backup")
    again = collect(store, tenant, configure())
    assert [(one.created, one.updated) for one in again.streams] == [(0, 0)] * 5


def test_only_what_is_installed_is_a_list_and_a_cluster_without_any_is_no_quiet_one(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.installed = {CNPG_BACKUPS}
    assert [one.stream for one in collect(store, tenant, configure()).streams] == ["CloudNativePG backups"]
    cluster.installed = set()
    passed = collect(store, tenant, configure())
    assert passed.error == "the cluster has none of what is read here installed: velero, cloudnativepg, longhorn"


def test_a_tool_that_is_named_and_is_not_there_has_no_data(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.installed = {CNPG_BACKUPS, LONGHORN_BACKUPS, TARGETS}
    passed = collect(store, tenant, configure(tools=("velero", "longhorn")))
    absent = "the cluster has no {} installed"
    assert errors(passed) == {
        "Velero backups": absent.format(LOCATIONS),
        "Velero restores": absent.format(VELERO_RESTORES),
    }
    assert [one.stream for one in passed.streams if not one.error] == ["Longhorn backups"]


def test_a_version_that_is_not_read_is_not_taken_for_an_absence(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.versions = cluster.versions | {"longhorn.io": "v1beta3"}
    passed = collect(store, tenant, configure())
    assert passed.error == "the cluster has longhorn.io in v1beta3, and v1beta2 is read"


def test_a_cluster_without_objects_has_no_jobs_and_can_be_seen(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    passed = collect(store, tenant, configure())
    assert passed.whole, passed
    assert [(one.read, one.created) for one in passed.streams] == [(0, 0)] * 5


def test_pages_are_followed_to_the_end_through_a_500_too_many_requests_and_an_expired_token(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    for number in range(1201):
        cluster.put(CNPG_BACKUPS, cnpg_backup(name=f"n-{number}", namespace=f"db-{number % 7}"))
    slow_down = Fault(429, "TooManyRequests", {"Retry-After": "1"}, after=1)
    cluster.faults = [Fault(500, "InternalError", after=1), Fault(401, "Unauthorized"), slow_down]
    passed = collect(store, tenant, configure(tools=("cloudnativepg",)))
    assert passed.whole, passed
    assert passed.streams[0].created == 1201
    assert cluster.pages[CNPG_BACKUPS] == 3
    assert not cluster.faults


@pytest.mark.parametrize("fault", [None, Fault(410, "Expired", after=2)])
def test_a_list_that_is_too_old_to_go_on_goes_on_with_what_is_there_now_or_begins_again(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, fault: Fault | None
) -> None:
    for number in range(1201):
        cluster.put(CNPG_BACKUPS, cnpg_backup(name=f"n-{number}"))
    cluster.old, cluster.faults = (None, [fault]) if fault else (1, [])
    passed = collect(store, tenant, configure(tools=("cloudnativepg",)))
    assert passed.whole, passed
    assert store.list_jobs(tenant, JobQuery(size=1)).total == 1201
    assert cluster.pages[CNPG_BACKUPS] == (5 if fault else 4)


def test_a_list_that_grows_old_faster_than_it_can_be_read_is_no_data(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    for number in range(1201):
        cluster.put(CNPG_BACKUPS, cnpg_backup(name=f"n-{number}"))
    cluster.old, cluster.fresh = 1, False
    passed = collect(store, tenant, configure(tools=("cloudnativepg",)))
    assert errors(passed) == {
        "CloudNativePG backups": f"list {CNPG_BACKUPS} in all namespaces: the list is too old to go on with it"
    }
    assert passed.streams[0].created == 1000


def test_a_right_that_is_missing_is_no_data_of_that_list_alone(
    full: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    full.denied = {LONGHORN_BACKUPS, LOCATIONS}
    assert errors(collect(store, tenant, configure())) == {
        "Longhorn backups": f"access denied for list {LONGHORN_BACKUPS} in all namespaces",
        "Velero backups": f"access denied for list {LOCATIONS} in all namespaces",
    }
    found = trial(configure(), clock.now)
    held = {right.name: right.held for right in found.rights}
    assert {name for name, one in held.items() if not one} == {f"list {LONGHORN_BACKUPS}", f"list {LOCATIONS}"}
    assert len(held) == 7
    assert not found.whole


def test_namespaces_are_read_one_by_one_and_one_that_does_not_exist_is_not_an_empty_one(
    full: FakeCluster, configure: Configure, store: Store, tenant: int, clock: Clock
) -> None:
    full.put(CNPG_BACKUPS, cnpg_backup(namespace="crm"))
    full.namespaces.add("empty")
    full.denied = {f"{CNPG_BACKUPS} in shop"}
    wanted = configure(tools=("cloudnativepg",), namespaces=("shop", "crm", "empty", "typo"))
    passed = collect(store, tenant, wanted)
    assert errors(passed) == {
        "CloudNativePG backups in shop": f"access denied for list {CNPG_BACKUPS} in shop",
        "CloudNativePG backups in typo": "there is no namespace typo",
    }
    assert [job.resource for job in every_job(store, tenant)] == ["prod/crm/pg"]
    rights = {right.name: right.held for right in trial(wanted, clock.now).rights}
    assert rights[f"list {CNPG_BACKUPS} in shop"] is False
    assert rights[f"list {CNPG_BACKUPS} in crm"] is rights["get namespaces in crm"] is True
    full.denied = {"namespaces"}
    assert "CloudNativePG backups in typo" not in errors(collect(store, tenant, wanted))


@pytest.mark.parametrize(
    ("answered", "body", "said"),
    [
        ("v1/backups", {}, "the answer is not what a cluster answers"),
        ("v1/backups", {"kind": "Status", "metadata": {}, "status": "Failure"}, "the answer is not what a cluster"),
        ("v1/backups", {"metadata": {"remainingItemCount": 7}, "items": []}, "it ends, and 7 more should come"),
        ("backupstoragelocations", {}, "the answer is not what a cluster answers"),
    ],
)
def test_another_answer_than_a_list_is_no_empty_list(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int, answered: str, body: object, said: str
) -> None:
    cluster.put(VELERO_BACKUPS, velero_backup("InProgress"))
    cluster.put(LOCATIONS, velero_location())
    collect(store, tenant, configure(tools=("velero",)))
    cluster.instead = {answered: body}
    passed = collect(store, tenant, configure(tools=("velero",)))
    errors = {one.stream: one.error for one in passed.streams}
    assert said in errors["Velero backups"]
    assert errors["Velero restores"] == ""
    (job,) = every_job(store, tenant)
    assert job.state is JobState.InProgress


def test_a_group_of_which_no_kinds_are_told_is_not_taken_for_an_absence(
    cluster: FakeCluster, configure: Configure, store: Store, tenant: int
) -> None:
    cluster.instead = {"velero.io/v1": {}}
    assert "the answer is not what a cluster answers" in collect(store, tenant, configure()).error
