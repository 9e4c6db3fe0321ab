"""Azure SQL with many long-term backups in a region."""

import program
from azure_pages import reading, serving
from fakes.azure.cloud import SUBSCRIPTION, Cloud
from fakes.azure.sql import REGION, Sql, long_term


def fill(cloud: Cloud, times: list[str]) -> None:
    """Puts the backups into a region."""
    backups = [long_term(number, at) for number, at in enumerate(times)]
    for number, one in enumerate(backups):
        one["properties"]["databaseName"] = f"db-{number % 400}"
    Sql(cloud).backups = backups


LIST = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Sql/locations/{REGION}/longTermRetentionBackups"
program.run(serving(fill), reading(f"{LIST}?"))
