"""The kind `webhook`: posts JSON to a program, signed as Standard Webhooks describe.

The program knows a repeated delivery by its `webhook-id`, and by the signature that the body is ours and no older than
its `webhook-timestamp`.
"""

import base64
import hmac
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from jobreport.model import ticks
from jobreport.model.message import Message
from jobreport.watch.channels import http, identities, secret_lines
from jobreport.watch.channels.base import Kind, UndeliveredError

PREFIX: Final = "whsec_"
LEAST_SECRET: Final = 24
MOST_SECRET: Final = 64
"""How many bytes a secret has."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a channel of this kind."""

    secret_file: str
    url: str = ""
    url_file: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.url_file):
            raise ValueError("it must have one of url and url_file")
        if self.url:
            http.check("url", self.url)


KEYS: Final = {
    "url": "The address that takes it: https, or http on this machine.",
    "url_file": "A file with the address, if that is a secret.",
    "secret_file": "A file with the secret that signs it: `whsec_` and 24 to 64 bytes in base64. "
    "A second line is the secret that is about to end: it signs as well.",
    "ca": "A PEM file with the authority of its certificate; by default those that this machine trusts.",
}


class Webhook:
    """A channel by which a program is told."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._receiver = settings, http.Receiver(settings.ca)

    def receivers(self) -> Sequence[str]:
        """Returns that there is one."""
        return ("its receiver",)

    def send(self, message: Message, receiver: str) -> None:
        """Posts the message. Raises UndeliveredError."""
        identity, at = identities.of_message(message), str(int(time.time()))
        content = msgspec.json.encode(body(message))
        headers = {
            "webhook-id": identity,
            "webhook-timestamp": at,
            "webhook-signature": self._sign(identity, at, content),
        }
        self._receiver.post(self._address(), content, headers)

    def _sign(self, identity: str, at: str, content: bytes) -> str:
        signed = f"{identity}.{at}.".encode() + content
        return " ".join(f"v1,{_signature(secret, signed)}" for secret in self._secrets())

    def _secrets(self) -> list[bytes]:
        found = []
        for line in secret_lines.read("secret_file", self._settings.secret_file):
            try:
                secret = base64.b64decode(line.removeprefix(PREFIX), validate=True)
            except ValueError:  # also binascii.Error
                secret = b""
            if not LEAST_SECRET <= len(secret) <= MOST_SECRET:
                raise UndeliveredError(
                    f"secret_file: each line must be {PREFIX} and {LEAST_SECRET} to {MOST_SECRET} bytes in base64"
                )
            found.append(secret)
        return found

    def _address(self) -> str:
        return self._settings.url or secret_lines.address("url_file", self._settings.url_file)


def body(message: Message) -> dict[str, Any]:
    """Returns what is posted of a message."""
    kind = "incident" if message.incident else "jobreport"
    return {
        "type": f"{kind}.{message.step.value}",
        "timestamp": ticks.to_iso(message.at, digits=0),
        "data": {
            "incident": message.incident or None,
            "step": message.step.value,
            "tenant": message.tenant_name,
            "severity": message.severity.value,
            "subject": message.subject,
            "lines": message.lines,
            "more": message.more,
            "ticket": message.ticket or None,
            "link": message.link or None,
        },
    }


def _signature(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, signed, sha256)).decode()


KIND: Final = Kind(
    name="webhook", about="JSON to a program, signed as Standard Webhooks", settings=Settings, keys=KEYS, open=Webhook
)
