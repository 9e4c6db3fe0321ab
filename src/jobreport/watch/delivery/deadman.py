"""The dead-man's switch elsewhere that `[deadman]` in `jobreport.toml` names: it is called while all is well."""

from typing import Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.configuration.file import Configuration
from jobreport.watch.channels import http, secret_lines

TABLE: Final = "deadman"
LEAST_EVERY: Final = 10
MOST_EVERY: Final = 3600


class _Keys(msgspec.Struct, frozen=True, kw_only=True):
    url: str = ""
    url_file: str = ""
    every: Span = 60
    ca: str = ""

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.url_file):
            raise ValueError("it must have one of url and url_file")
        if self.url:
            http.check("url", self.url)
        if not LEAST_EVERY <= self.every <= MOST_EVERY:
            raise ValueError("every must be from 10s to 1h")


KEYS: Final = {
    "url": "The address that is called: https, or http on this machine.",
    "url_file": "A file with the address, if that is a secret.",
    "every": 'How often, from "10s" to "1h"; by default "1m".',
    "ca": "A PEM file with the authority of its certificate; by default those that this machine trusts.",
}


class DeadMan:
    """The switch. `every` is in seconds."""

    def __init__(self, keys: _Keys) -> None:
        self.every = keys.every
        self._keys, self._receiver = keys, http.Receiver(keys.ca)

    def ping(self) -> None:
        """Calls it. Raises UndeliveredError if it does not answer."""
        self._receiver.get(self._keys.url or secret_lines.address("url_file", self._keys.url_file))


def deadman(file: Configuration) -> DeadMan | None:
    """Returns the switch; None if the file names none. Raises ConfigurationError."""
    return DeadMan(file.table(TABLE).read(_Keys)) if TABLE in file.document else None
