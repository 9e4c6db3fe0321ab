"""A Recovery Services vault with many jobs."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

import program
from azure_pages import listing, reading, serving
from fakes.azure.cloud import Cloud
from fakes.azure.vaults import Vaults, vault_id, vault_job

ALL = quote("status eq 'Completed' and backupManagementType eq 'AzureIaasVM'")


class Large(Vaults):
    """Vaults in which nothing changes."""

    __hash__ = object.__hash__
    matching = cache(Vaults.matching)


def fill(cloud: Cloud, times: list[str]) -> None:
    """Puts the jobs into a vault."""
    Large(cloud, "gold").jobs["gold"] = [
        vault_job(number, at, at, entityFriendlyName=f"vm-{number % 400}") for number, at in enumerate(times)
    ]


def listed(client: Callable[..., Any]) -> Iterable[Any]:
    """Gives the list by the vendor's library."""
    from azure.mgmt.recoveryservicesbackup import RecoveryServicesBackupClient

    found: Iterable[Any] = client(RecoveryServicesBackupClient).backup_jobs.list(
        "gold", "backups", filter=unquote(ALL), enforce_https=False
    )
    return found


program.run(serving(fill), reading(f"{vault_id('gold')}/backupJobs?$filter={ALL}&"), listing(listed))
