"""The keys of a connector to Azure SQL."""

import re
from typing import Final

from jobreport.connectors.kinds.azure.settings import KEYS as COMMON
from jobreport.connectors.kinds.azure.settings import AzureSettings

_REGION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{0,59}", re.ASCII)


class SqlSettings(AzureSettings, frozen=True, kw_only=True):
    """What a connector to Azure SQL is told."""

    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(map(_REGION.fullmatch, self.regions)):
            raise ValueError('regions must have names of regions, such as "westeurope"')


KEYS: Final = {
    **COMMON,
    "subscription": "The ID of the subscription. Its servers and managed instances are found by themselves.",
    "regions": "More regions whose long-term backups are read, such as those of servers that were deleted.",
}
