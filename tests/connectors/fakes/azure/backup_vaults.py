"""Backup vaults of the fake: one list of all jobs, without a filter, and restores that are listed in another region."""

from functools import partial
from typing import Any

from fakes.azure.cloud import SUBSCRIPTION, Asked, Cloud, Record, RefusedError, check

from azure.mgmt.dataprotection import models

_ROOT = f"/subscriptions/{SUBSCRIPTION}"
_KIND = "Microsoft.DataProtection/backupVaults"
_READ_VAULTS = "Microsoft.DataProtection/backupVaults/read"
_READ_JOBS = "Microsoft.DataProtection/backupVaults/backupJobs/read"
_ELSEWHERE = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations"
REGION = "northeurope"
"""Into which the vaults may restore that have it."""


def vault_id(name: str, group: str = "backups") -> str:
    """Returns the ARM ID of a vault."""
    return f"{_ROOT}/resourceGroups/{group}/providers/{_KIND}/{name}"


def vault_job(number: int, start: str, end: str | None, *, status: str = "Completed", **more: Any) -> Record:
    """Returns a job of a disk's backup; `more` are properties that it has in another way."""
    told: Record = {
        "activityID": f"a-{number}",
        "backupInstanceFriendlyName": f"disk-{number}",
        "dataSourceId": f"{_ROOT}/resourceGroups/vms/providers/Microsoft.Compute/disks/disk-{number}",
        "dataSourceLocation": "westeurope",
        "dataSourceName": f"disk-{number}",
        "dataSourceType": "Microsoft.Compute/disks",
        "duration": "00:03:39.7",
        "etag": f"W/{number}",
        "isUserTriggered": False,
        "operation": "Backup",
        "operationCategory": "Backup",
        "policyName": "daily",
        "progressEnabled": False,
        "sourceResourceGroup": "vms",
        "sourceSubscriptionID": SUBSCRIPTION,
        "startTime": start,
        "status": status,
        "subscriptionId": SUBSCRIPTION,
        "supportedActions": [""],
        "vaultName": "gold",
        **({"endTime": end} if end else {}),
        **more,
    }
    return {"name": f"{number:08x}-0000-4000-8000-000000000001", "properties": told}


class BackupVaults:
    """The vaults of a subscription, each with its jobs; of those in `copied`, restores may be made in `REGION`."""

    def __init__(self, cloud: Cloud, *names: str) -> None:
        self.cloud = cloud
        self.jobs: dict[str, list[Record]] = {name: [] for name in names}
        self.copied: dict[str, list[Record]] = {}
        vault = rf"(?P<vault>{_ROOT}/resourceGroups/[^/]+/providers/{_KIND}/(?P<name>[^/]+))"
        elsewhere = rf"{_ROOT}/resourceGroups/[^/]+/providers/Microsoft.DataProtection/locations/{REGION}"
        cloud.on("GET", f"{_ROOT}/providers/{_KIND}", self._list_vaults)
        cloud.on("GET", f"{vault}/backupJobs", self._list_jobs)
        cloud.on("GET", f"{vault}/backupJobs/(?P<job>[^/]+)", self._get_job)
        for method in ("POST", "GET"):  # the first page by a body, the others by their link
            cloud.on(method, f"{elsewhere}/fetchCrossRegionRestoreJobs", self._list_restores)
        cloud.on("POST", f"{elsewhere}/fetchCrossRegionRestoreJob", self._get_restore)

    def _list_vaults(self, asked: Asked) -> Record:
        seen = [name for name in self.jobs if self.cloud.may(_READ_VAULTS, vault_id(name))]
        return self.cloud.listed(asked, [self._vault(name) for name in seen], models.BackupVaultResource)

    def _vault(self, name: str) -> Record:
        told: Record = {"storageSettings": [{"datastoreType": "VaultStore", "type": "GeoRedundant"}]}
        if name in self.copied:
            told["featureSettings"] = {"crossRegionRestoreSettings": {"state": "Enabled"}}
            told["replicatedRegions"] = [REGION]
        return {"id": vault_id(name), "name": name, "type": _KIND, "location": "westeurope", "properties": told}

    def _list_jobs(self, asked: Asked) -> Record:
        self.cloud.require(_READ_JOBS, asked.parts["vault"])
        name = asked.parts["name"]
        return self.cloud.listed(asked, self.jobs[name], models.AzureBackupJobResource, partial(_whole, name))

    def _get_job(self, asked: Asked) -> Record:
        self.cloud.require(_READ_JOBS, asked.parts["vault"])
        return _one(asked.parts["name"], self.jobs[asked.parts["name"]], asked.parts["job"])

    def _list_restores(self, asked: Asked) -> Record:
        self.cloud.require(f"{_ELSEWHERE}/fetchCrossRegionRestoreJobs/action", asked.path)
        if asked.body:
            check(asked.body, models.CrossRegionRestoreJobsRequest)
            assert asked.body == {"sourceRegion": "westeurope", "sourceBackupVaultId": vault_id("gold")}
        restores = self.copied["gold"]
        return self.cloud.listed(asked, restores, models.AzureBackupJobResource, partial(_whole, "gold"))

    def _get_restore(self, asked: Asked) -> Record:
        self.cloud.require(f"{_ELSEWHERE}/fetchCrossRegionRestoreJob/action", asked.path)
        check(asked.body, models.CrossRegionRestoreJobRequest)
        return _one("gold", self.copied["gold"], asked.body["jobId"])


def _one(vault: str, jobs: list[Record], name: str) -> Record:
    found = next((_whole(vault, job) for job in jobs if job["name"] == name), None)
    if found is None:
        raise RefusedError(404, "ResourceNotFound")
    found["properties"] = {**found["properties"], "duration": "PT3M39.7S", "extendedInfo": {"subTasks": []}}
    check(found, models.AzureBackupJobResource)
    return found


def _whole(vault: str, job: Record) -> Record:
    return {"id": f"{vault_id(vault)}/backupJobs/{job['name']}", "type": f"{_KIND}/backupJobs", **job}
