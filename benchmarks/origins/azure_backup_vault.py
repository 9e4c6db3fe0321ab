"""A Backup vault with many jobs."""

from collections.abc import Callable, Iterable
from typing import Any

import program
from azure_pages import listing, reading, serving
from fakes.azure.backup_vaults import BackupVaults, vault_id, vault_job
from fakes.azure.cloud import Cloud


def fill(cloud: Cloud, times: list[str]) -> None:
    """Puts the jobs into a vault."""
    BackupVaults(cloud, "gold").jobs["gold"] = [
        vault_job(number, at, at, dataSourceName=f"disk-{number % 400}") for number, at in enumerate(times)
    ]


def listed(client: Callable[..., Any]) -> Iterable[Any]:
    """Gives the list by the vendor's library."""
    from azure.mgmt.dataprotection import DataProtectionMgmtClient

    found: Iterable[Any] = client(DataProtectionMgmtClient).jobs.list("backups", "gold", enforce_https=False)
    return found


program.run(serving(fill), reading(f"{vault_id('gold')}/backupJobs?"), listing(listed))
