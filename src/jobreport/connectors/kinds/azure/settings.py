"""The keys that all connectors to Azure have. Credentials are not among them: the SDK finds these elsewhere."""

import ipaddress
import re
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}", re.ASCII)

Cloud = Literal["public", "us-government", "china"]


class AzureSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector to Azure is told."""

    subscription: str
    cloud: Cloud = "public"
    endpoint: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.subscription):
            raise ValueError("subscription must be its ID, such as 6c0b7d0e-5f0a-4a0c-9f54-2f6a3f0c9a11")
        if self.endpoint and not _may_have_a_token(self.endpoint):
            raise ValueError("endpoint must be an address such as https://management.local.azurestack.external")

    @property
    def plain(self) -> bool:
        """Whether it is asked without TLS, which only this machine itself may be."""
        return self.endpoint.startswith("http:")


class VaultSettings(AzureSettings, frozen=True, kw_only=True):
    """What a connector to vaults is told."""

    vaults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(map(_NAME.fullmatch, self.vaults)):
            raise ValueError("vaults must have names of vaults, such as backups-prod")


KEYS: Final = {
    "subscription": "The ID of the subscription. Its vaults are found by themselves.",
    "cloud": 'Which Azure: "public" (the default), "us-government" or "china".',
    "endpoint": "The address of another Resource Manager, such as Azure Stack's; by default that of the cloud. "
    "Without TLS only this machine itself is asked, for trials.",
}
VAULT_KEYS: Final = {**KEYS, "vaults": "The names of the vaults to be read; by default all that can be seen."}


def _may_have_a_token(address: str) -> bool:
    parts = urlsplit(address)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
