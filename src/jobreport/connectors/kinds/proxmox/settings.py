"""The settings that every connector to Proxmox has: where its API is, and with which token requests are sent."""

import re
from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.http_client import check_address

_TOKEN: Final = re.compile(r"[^\s:/@!=]{1,60}@[A-Za-z][A-Za-z0-9._-]{1,31}![A-Za-z][A-Za-z0-9._-]{1,127}", re.ASCII)


class ProxmoxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector to Proxmox."""

    url: str
    token: str
    token_secret_file: str
    ca_file: str = ""
    remembers: Span = 0

    def __post_init__(self) -> None:
        check_address("url", self.url)
        if not _TOKEN.fullmatch(self.token):
            raise ValueError(
                "token must be the whole ID of an API token, such as jobreport@pve!report or jobreport@pbs!report, "
                "and no secret"
            )


KEYS: Final = {
    "token": "The ID of the API token, such as jobreport@pve!report.",
    "token_secret_file": "A file with the token's secret.",
    "ca_file": "A PEM file with the authorities that its certificate may come from; by default the usual ones.",
}
"""What the keys say that are the same for both."""
