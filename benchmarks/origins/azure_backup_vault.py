"""A Backup vault with many jobs."""

import program
from azure_pages import reading, serving
from fakes.azure.backup_vaults import BackupVaults, vault_id, vault_job
from fakes.azure.cloud import Cloud


def fill(cloud: Cloud, times: list[str]) -> None:
    """Puts the jobs into a vault."""
    BackupVaults(cloud, "gold").jobs["gold"] = [
        vault_job(number, at, at, dataSourceName=f"disk-{number % 400}") for number, at in enumerate(times)
    ]


program.run(serving(fill), reading(f"{vault_id('gold')}/backupJobs?"))
