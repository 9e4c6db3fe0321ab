"""Recovery Services vaults of the fake: jobs are found by when they began, by who manages them, and by their status."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from fakes.azure.cloud import SUBSCRIPTION, Asked, Cloud, Record, RefusedError, check

from azure.mgmt.recoveryservices import models as vault_models
from azure.mgmt.recoveryservicesbackup import models

_ROOT = f"/subscriptions/{SUBSCRIPTION}"
_CLAUSE = re.compile(r"(\w+) eq '([^']*)'")
_KIND = "Microsoft.RecoveryServices/vaults"
_FORM = "%Y-%m-%d %I:%M:%S %p"
_LONGEST = timedelta(days=30)
_READ_VAULTS = "Microsoft.RecoveryServices/Vaults/read"
_READ_JOBS = "Microsoft.RecoveryServices/Vaults/backupJobs/read"


def vault_id(name: str, group: str = "backups") -> str:
    """Returns the ARM ID of a vault."""
    return f"{_ROOT}/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/{name}"


def vault_job(number: int, start: str, end: str | None, *, status: str = "Completed", **more: Any) -> Record:
    """Returns a job of a VM's backup; `more` are properties that it has in another way."""
    told: Record = {
        "jobType": "AzureIaaSVMJob",
        "backupManagementType": "AzureIaasVM",
        "entityFriendlyName": f"vm-{number}",
        "operation": "Backup",
        "status": status,
        "startTime": start,
        "activityId": f"00000000-0000-0000-0000-{number:012}",
        "duration": "PT12.5S",
        **({"endTime": end} if end else {}),
        **more,
    }
    return {"name": f"{number:08x}-0000-4000-8000-000000000000", "properties": told}


class Vaults:
    """The vaults of a subscription, each with its jobs. `strange`: these are not as they are described."""

    def __init__(self, cloud: Cloud, *names: str) -> None:
        self.cloud, self.strange = cloud, False
        self.jobs: dict[str, list[Record]] = {name: [] for name in names}
        vault = rf"(?P<vault>{_ROOT}/resourceGroups/[^/]+/providers/Microsoft.RecoveryServices/vaults/(?P<name>[^/]+))"
        cloud.on("GET", f"{_ROOT}/providers/Microsoft.RecoveryServices/vaults", self._list_vaults)
        cloud.on("GET", f"{vault}/backupJobs", self._list_jobs)
        cloud.on("GET", f"{vault}/backupJobs/(?P<job>[^/]+)", self._get_job)

    def _list_vaults(self, asked: Asked) -> Record:
        seen = [vault_id(name) for name in self.jobs if self.cloud.may(_READ_VAULTS, vault_id(name))]
        every = [
            {
                "id": one,
                "name": one.rpartition("/")[2],
                "type": "Microsoft.RecoveryServices/vaults",
                "location": "westeurope",
            }
            for one in seen
        ]
        return self.cloud.listed(asked, every, vault_models.Vault)

    def _list_jobs(self, asked: Asked) -> Record:
        self.cloud.require(_READ_JOBS, asked.parts["vault"])
        every = self.matching(self._name(asked), asked.query.get("$filter", ""))
        kind = Any if self.strange else models.JobResource
        return self.cloud.listed(asked, every, kind, partial(self._whole, asked))

    def matching(self, name: str, criteria: str) -> Sequence[Record]:
        """Returns the jobs of a vault that pass a filter. Raises RefusedError for one that is too wide."""
        wanted = dict(_CLAUSE.findall(criteria))
        managed = wanted.get("backupManagementType", "").casefold()
        every = [
            job for job in self.jobs[name] if managed in ("", job["properties"]["backupManagementType"].casefold())
        ]
        if "status" in wanted:
            return [job for job in every if job["properties"]["status"] == wanted["status"]]
        begin, end = (datetime.strptime(wanted[name], _FORM).replace(tzinfo=UTC) for name in ("startTime", "endTime"))
        if end - begin > _LONGEST:
            raise RefusedError(400, "BMSUserErrorInvalidInput")
        return [job for job in every if begin <= datetime.fromisoformat(job["properties"]["startTime"]) <= end]

    def _get_job(self, asked: Asked) -> Record:
        self.cloud.require(_READ_JOBS, asked.parts["vault"])
        for job in self.jobs[self._name(asked)]:
            if job["name"] == asked.parts["job"]:
                found = self._whole(asked, job)
                found["properties"] = {**found["properties"], "extendedInfo": {"tasksList": []}}
                check(found, models.JobResource)
                return found
        raise RefusedError(404, "ResourceNotFound")

    def _name(self, asked: Asked) -> str:
        if asked.parts["name"] not in self.jobs:
            raise RefusedError(404, "ResourceNotFound")
        return asked.parts["name"]

    @staticmethod
    def _whole(asked: Asked, job: Record) -> Record:
        vault = asked.parts["vault"]
        return {
            "id": f"{vault}/backupJobs/{job['name']}",
            "type": "Microsoft.RecoveryServices/vaults/backupJobs",
            **job,
        }


def _managed_by(job: Record) -> str:
    told: str = job["properties"]["backupManagementType"]
    return told.casefold()
