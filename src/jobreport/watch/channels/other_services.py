"""The kind `apprise`: tells any of the services that the library Apprise knows, such as chats and phones.

Each address is a receiver of its own: the library itself would send to all of them again if one had failed.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import msgspec
from apprise import Apprise, NotifyBase, NotifyFormat, NotifyType

from jobreport.model.message import Message, Severity, Step
from jobreport.watch.channels import letter, secret_lines
from jobreport.watch.channels.base import Kind, UndeliveredError

_TYPES: Final = {
    Severity.CRITICAL: NotifyType.FAILURE,
    Severity.ERROR: NotifyType.FAILURE,
    Severity.WARNING: NotifyType.WARNING,
    Severity.INFO: NotifyType.INFO,
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a channel of this kind."""

    address_file: str


KEYS: Final = {
    "address_file": "A file with addresses as Apprise has them, such as `slack://…`, one a line. They are secrets. "
    "Each has one target: of two channels of a chat, each is a line.",
}


class OtherServices:
    """A channel by which other services are told."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def receivers(self) -> Sequence[str]:
        """Returns a name for each address. Raises UndeliveredError if one of them cannot be used."""
        return tuple(self._targets())

    def send(self, message: Message, receiver: str) -> None:
        """Sends the message to one of them. Raises UndeliveredError."""
        target = self._targets().get(receiver)
        if target is None:
            raise UndeliveredError(f"address_file has no address {receiver} any more", alone=True)
        body = letter.text(message).partition("\n")[2].lstrip("\n")
        kind = NotifyType.SUCCESS if message.step is Step.CLOSED else _TYPES[message.severity]
        taken = target.notify(
            title=letter.headline(message),
            body=body,
            notify_type=kind,
            body_format=NotifyFormat.TEXT,
            overflow="truncate",
        )
        if not taken:
            raise UndeliveredError(f"{target.service_name} has not taken it", alone=True)

    def _targets(self) -> dict[str, NotifyBase]:
        found: dict[str, NotifyBase] = {}
        for number, address in enumerate(secret_lines.read("address_file", self._settings.address_file), 1):
            target = Apprise.instantiate(address, suppress_exceptions=True)
            if target is None:
                raise UndeliveredError(f"address_file: what stands in line {number} is no address that Apprise knows")
            if len(target) > 1:
                raise UndeliveredError(
                    f"address_file: line {number} has {len(target)} targets; each needs its own line"
                )
            # Named by what it says, so that it keeps its name where lines come and go; the scheme is no secret.
            digest = sha256(address.encode()).hexdigest()[:8]
            found[f"{urlsplit(address).scheme or 'line'} {digest}"] = target
        return found


KIND: Final = Kind(
    name="apprise",
    about="chats, phones and other services that Apprise knows",
    settings=Settings,
    keys=KEYS,
    open=OtherServices,
    extra="apprise",
)
