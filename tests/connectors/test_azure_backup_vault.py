"""Backup vaults through the SDK of Azure: whole lists, restores that another region lists, and what is refused."""

from collections.abc import Iterator

import pytest
from azure_looks import NOW, configured, jobs, missing, opened, pages, signed_in
from fakes.azure.backup_vaults import REGION, BackupVaults, vault_id, vault_job
from fakes.azure.cloud import ALL, SUBSCRIPTION, Cloud, served

from clocks import Clock
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.collect import collect
from jobreport.connectors.kinds.azure_backup_vault import KIND
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType
from jobreport.store import Store

GOLD, SILVER = "backups/gold", "backups/silver"
RESTORES = f"{GOLD}, restores in {REGION}"
END = "2026-03-02T03:00:00Z"
_ELSEWHERE = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations"
_LISTS = f"{_ELSEWHERE}/fetchCrossRegionRestoreJobs/action"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with served(Cloud()) as running:
        yield running


@pytest.fixture
def vaults(cloud: Cloud) -> BackupVaults:
    made = BackupVaults(cloud, "silver", "gold")
    made.jobs["gold"] = [
        vault_job(1, "2025-02-08T02:00:00Z", "2025-02-08T03:00:00Z"),
        vault_job(2, "2025-12-08T02:00:00Z", None, status="InProgress"),
        *(vault_job(number, f"2026-02-{number + 7:02}T02:00:00.1234567Z", END) for number in range(3, 9)),
        vault_job(9, "2026-03-02T11:00:00Z", None, status="Started"),
    ]
    made.copied["gold"] = [
        vault_job(20 + number, "2026-03-01T02:00:00Z", END, operation="Restore", operationCategory="Restore")
        for number in range(4)
    ]
    return made


def test_every_vault_is_a_stream_and_its_list_is_read_to_the_end_whatever_comes_first(
    cloud: Cloud, vaults: BackupVaults
) -> None:
    with opened(KIND, cloud) as connector:
        assert [stream.name for stream in connector.streams()] == [GOLD, RESTORES, SILVER]
        found = jobs(connector, GOLD)
        assert found.keys() == {f"disk-{number}" for number in range(2, 10)}  # one ended long ago
        assert not jobs(connector, SILVER)
    assert found["disk-3"].start == ticks.from_iso("2026-02-10T02:00:00.1234567Z")
    assert '"etag": "W/3"' in found["disk-3"].raw
    assert found["disk-2"].state is JobState.InProgress


def test_restores_into_another_region_are_listed_there_page_by_page(cloud: Cloud, vaults: BackupVaults) -> None:
    with opened(KIND, cloud) as connector:
        found = jobs(connector, RESTORES)
        assert {job.type for job in found.values()} == {JobType.Restore}
        assert len(found) == 4
        vaults.copied["gold"] = [vault_job(20, END, END, operation="Restore", operationCategory="Restore")]
        gone = found["disk-21"].evolve(state=JobState.InProgress, finish=0)
        assert [page.gone for page in pages(connector, RESTORES, gone)][-1] == [gone.job_id]


def test_what_is_unfinished_and_not_listed_is_asked_for_by_itself(cloud: Cloud, vaults: BackupVaults) -> None:
    with opened(KIND, cloud) as connector:
        running = jobs(connector, GOLD)["disk-9"]
        there = vaults.jobs["gold"].pop()
        told = pages(connector, GOLD, running)
        assert told[-1].gone == [running.job_id]
        vaults.jobs["gold"].append({**there, "properties": {**there["properties"], "status": "Paused"}})
        told = pages(connector, GOLD, running, since=NOW)
    assert [(job.job_id, job.state) for page in told for job in page.jobs][-1] == (running.job_id, JobState.Waiting)


def test_a_list_that_is_closed_is_no_data_of_that_list_alone(
    cloud: Cloud, vaults: BackupVaults, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    right = "Microsoft.DataProtection/backupVaults/backupJobs/read"
    cloud.roles = {
        f"/subscriptions/{SUBSCRIPTION}": (("*/read",), ()),
        vault_id("silver"): (ALL, ()),
    }
    with opened(KIND, cloud) as connector:
        assert [name for _, name in missing(connector)] == [_LISTS, _LISTS.replace("Jobs", "Job")]
    cloud.roles[f"/subscriptions/{SUBSCRIPTION}"] = (("*/read",), (right,))
    with signed_in(cloud):
        passed = collect(store, tenant, configured(KIND, cloud))
    assert {one.stream: one.error for one in passed.streams} == {
        GOLD: f"access denied for {right} in the vault {GOLD}",
        RESTORES: f"access denied for {_LISTS} in the vault {RESTORES}",
        SILVER: "",
    }


def test_an_error_in_mid_list_and_a_link_to_another_host(cloud: Cloud, vaults: BackupVaults) -> None:
    cloud.trouble("skipToken", 503, "ServerTimeout", x_ms_retry_after_ms="10")
    with served(Cloud()) as other, opened(KIND, cloud) as connector:
        assert len(jobs(connector, GOLD)) == 8
        cloud.link = lambda link: link.replace(cloud.base, other.base)
        for name in (GOLD, RESTORES):
            with pytest.raises(CannotReadError, match="the next page is said to be on another host"):
                pages(connector, name)
        assert not other.asked


def test_reading_twice_changes_nothing_and_an_end_arrives(
    cloud: Cloud, vaults: BackupVaults, store: Store, tenant: int, clock: Clock
) -> None:
    clock.now = NOW
    with signed_in(cloud):
        first, again = (collect(store, tenant, configured(KIND, cloud)) for _ in range(2))
        assert [sum(one.created for one in passed.streams) for passed in (first, again)] == [12, 0]
        vaults.jobs["gold"][-1]["properties"] |= {"status": "CompletedWithWarnings", "endTime": "2026-03-02T12:30:00Z"}
        clock.pass_by(3600)
        later = collect(store, tenant, configured(KIND, cloud))
    assert sum(one.updated for one in later.streams) == 1
