"""A Recovery Services vault with many jobs."""

from functools import cache
from urllib.parse import quote

import program
from azure_pages import reading, serving
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


program.run(serving(fill), reading(f"{vault_id('gold')}/backupJobs?$filter={ALL}&"))
