"""Azure SQL through Azure's own SDK: an inventory of long-term backups, and of all operations those that restore."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure_looks import NOW, configured, jobs, missing, opened, pages, signed_in
from fakes.azure.cloud import SUBSCRIPTION, Cloud, served
from fakes.azure.sql import Sql, long_term, operation

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.kinds.azure_sql import KIND
from jobreport.connectors.kinds.azure_sql.jobs import backup_of, restore_of
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job, faults
from jobreport.model.query import JobQuery
from jobreport.model.sees import Sees
from jobreport.store import Store

BACKUPS = "westeurope: long-term backups of databases"
INSTANCES = "westeurope: long-term backups of managed instances"
RESTORES = "data/shop: restores"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with served(Cloud()) as running:
        yield running


@pytest.fixture
def sql(cloud: Cloud) -> Sql:
    made = Sql(cloud)
    made.backups = [long_term(number, f"2026-02-{number + 10}T01:00:00Z") for number in range(1, 8)]
    made.backups.append(long_term(9, "2019-01-01T00:00:00Z"))
    made.instance_backups = [long_term(1, "2026-02-20T01:00:00Z", instance=True)]
    made.operations["orders"] = [operation(1, "InProgress", percentComplete=40)]
    return made


def test_long_term_backups_are_results_and_restores_are_runs_each_where_they_are_listed(cloud: Cloud, sql: Sql) -> None:
    with opened(KIND, cloud) as connector:
        found = {stream.name: stream for stream in connector.streams()}
        assert [*found] == [BACKUPS, INSTANCES, RESTORES]
        assert [stream.sees for stream in found.values()] == [Sees.RESULTS, Sees.RESULTS, Sees.RUNS]
        backups, instances, restores = (jobs(connector, name) for name in found)
    assert backups.keys() == {f"shop/db-{number}" for number in range(1, 8)}  # one is older than the look goes back
    one = backups["shop/db-1"]
    assert (one.service, one.type, one.state, one.successful) == (
        ServiceType.AzureSQL,
        JobType.SQLBackup,
        JobState.Successful,
        1,
    )
    assert one.start == one.finish == ticks.from_iso("2026-02-11T01:00:00Z")
    assert instances.keys() == {"erp/db-1"}
    assert (restores["shop/orders"].type, restores["shop/orders"].state) == (JobType.SQLRestore, JobState.InProgress)


def test_regions_may_be_added_whose_servers_are_gone(cloud: Cloud, sql: Sql) -> None:
    with opened(KIND, cloud, regions=("North Europe",)) as connector:
        names = [stream.name for stream in connector.streams()]
        assert names[:2] == [name.replace("westeurope", "northeurope") for name in (BACKUPS, INSTANCES)]
        with pytest.raises(CannotReadError, match="northeurope: long-term backups of databases is not there"):
            pages(connector, names[0])


@pytest.mark.parametrize(
    ("more", "restores"),
    [
        ({}, True),
        ({"operation": "RestoreLongTermRetentionBackup", "operationFriendlyName": None}, True),
        ({"operation": "ALTER DATABASE", "operationFriendlyName": "Scale"}, False),
        ({"operation": "CREATE DATABASE", "operationFriendlyName": None}, False),
        ({"operation": "CREATE DATABASE", "createMode": "PointInTimeRestore"}, True),
        ({"createMode": "Copy"}, False),
        ({"operation": None, "operationFriendlyName": None}, False),
    ],
)
def test_only_operations_that_restore_are_jobs(more: dict[str, Any], restores: bool) -> None:
    assert bool(told("Succeeded", **more)) == restores


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Pending", JobState.Waiting),
        ("InProgress", JobState.InProgress),
        ("CancelInProgress", JobState.InProgress),
        ("Succeeded", JobState.Successful),
        ("Failed", JobState.Failed),
        ("Cancelled", JobState.Stopped),
        ("Splendid", JobState.InProgress),
    ],
)
def test_states_of_restores(word: str, state: JobState) -> None:
    job = told(word, errorCode=40613, errorDescription="It is full", operation=f"Restore {word}")
    assert job is not None
    assert not faults(job, {})
    assert (job.state, bool(job.finish)) == (state, state.finished)
    assert ("unknown status 'Splendid'" in job.comments) == (word == "Splendid")
    assert ("first seen ended" in job.comments) == state.finished
    assert ("It is full\nerror 40613" in job.comments) == (state is not JobState.Successful)


def told(state: str, **more: Any) -> Job | None:
    return restore_of(json.dumps(operation(1, state, **more)).encode(), "here", lambda key: NOW)


def test_a_restore_ends_when_it_is_first_seen_ended_and_that_stays(
    cloud: Cloud, sql: Sql, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    sql.operations["orders"].append(operation(2, "InProgress"))
    sql.dropped.add("stock")
    with signed_in(cloud):
        first = collect(store, tenant, configured(KIND, cloud))
        assert first.whole
        clock.pass_by(600)
        sql.operations["orders"] = [operation(1, "Succeeded")]
        ended = clock.now
        for _ in range(2):
            assert collect(store, tenant, configured(KIND, cloud)).whole
            clock.pass_by(600)
    lines = store.list_jobs(tenant, JobQuery(size=100)).lines
    states = {line.job_id[-1]: (line.state, line.finish) for line in lines if line.type == JobType.SQLRestore}
    assert states["1"] == (JobState.Successful, ended)
    assert states["2"][0] == JobState.Failed  # presumed: it is not listed any more
    assert len(lines) == 10


def test_rights_are_asked_for_where_they_are_needed_and_one_that_is_missing_blinds_its_list_alone(
    cloud: Cloud, sql: Sql, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    lists = "Microsoft.Sql/locations/longTermRetentionManagedInstanceBackups/read"
    operations = "Microsoft.Sql/servers/databases/operations/read"
    cloud.roles = {f"/subscriptions/{SUBSCRIPTION}": (("*/read",), (lists, operations))}
    with opened(KIND, cloud) as connector:
        assert missing(connector) == [("", lists), (RESTORES, operations)]
    with signed_in(cloud):
        passed = collect(store, tenant, configured(KIND, cloud))
    assert {one.stream: one.error for one in passed.streams} == {
        BACKUPS: "",
        INSTANCES: f"access denied for {lists} in {INSTANCES}",
        RESTORES: f"access denied for {operations} in the database data/shop/master",
    }
    cloud.roles = {f"/subscriptions/{SUBSCRIPTION}": (("*/permissions/read",), ())}
    with opened(KIND, cloud) as connector, pytest.raises(CannotReadError, match=r"access denied for Microsoft\.Sql/se"):
        [*connector.streams()]


@pytest.mark.skipif("JOBREPORT_TEST_SAMPLES" not in os.environ, reason="JOBREPORT_TEST_SAMPLES names no folder")
def test_records_of_azures_own_documentation() -> None:
    folder = Path(os.environ.get("JOBREPORT_TEST_SAMPLES", "")) / "azure-sql"
    document = json.loads((folder / "LongTermRetentionBackupListByLocation.json").read_text("utf-8"))
    found = [backup_of(json.dumps(one).encode(), "here") for one in document["responses"]["200"]["body"]["value"]]
    assert [one.resource for one in found] == [f"testserver{number}/testDatabase{number}" for number in (1, 2, 3)]
    assert len({one.job_id for one in found}) == 3
    assert not any(faults(one, {}) for one in found)
