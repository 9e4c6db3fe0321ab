"""The keys of a connector to Azure SQL."""

from typing import Final

from jobreport.connectors.azure.settings import KEYS as COMMON
from jobreport.connectors.azure.settings import AzureSettings


class SqlSettings(AzureSettings, frozen=True, kw_only=True):
    """What a connector to Azure SQL is told."""

    regions: tuple[str, ...] = ()


KEYS: Final = {
    **COMMON,
    "subscription": "The ID of the subscription. Its servers and managed instances are found by themselves.",
    "regions": "More regions whose long-term backups are read, such as those of servers that were deleted.",
}
