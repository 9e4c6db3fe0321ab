"""Azure SQL with many long-term backups in a region."""

from collections.abc import Callable, Iterable
from typing import Any

import program
from azure_pages import listing, reading, serving
from fakes.azure.cloud import SUBSCRIPTION, Cloud
from fakes.azure.sql import REGION, Sql, long_term


def fill(cloud: Cloud, times: list[str]) -> None:
    """Puts the backups into a region."""
    backups = [long_term(number, at) for number, at in enumerate(times)]
    for number, one in enumerate(backups):
        one["properties"]["databaseName"] = f"db-{number % 400}"
    Sql(cloud).backups = backups


LIST = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Sql/locations/{REGION}/longTermRetentionBackups"


def listed(client: Callable[..., Any]) -> Iterable[Any]:
    """Gives the list by the vendor's library."""
    from azure.mgmt.sql import SqlManagementClient

    found: Iterable[Any] = client(SqlManagementClient).long_term_retention_backups.list_by_location(
        REGION, enforce_https=False
    )
    return found


program.run(serving(fill), reading(f"{LIST}?"), listing(listed))
