"""The channels that `jobreport.toml` names: what its `[[channel]]` tables say, checked against their kinds."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jobreport.configuration.file import Configuration, Table
from jobreport.watch.channels import kinds
from jobreport.watch.channels.base import Channel, Kind

TABLE: Final = "channel"
COMMON: Final = {
    "kind": "What it is: one of the kinds above.",
    "name": "Its name, by which rules and commands know it.",
}
"""The keys that a channel of any kind has, and what each says."""


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as it is set up. `settings` is what its kind declares."""

    name: str
    kind: Kind
    settings: Any

    def open(self) -> Channel:
        """Returns the channel."""
        return self.kind.open(self.settings)


def configured(file: Configuration) -> tuple[Configured, ...]:
    """Returns all channels of the file. Raises ConfigurationError for the first one that is wrong."""
    return tuple(_read(table) for table in file.tables(TABLE))


def opened(channels: tuple[Configured, ...]) -> Mapping[str, Channel]:
    """Returns the channels by name."""
    return {one.name: one.open() for one in channels}


def _read(table: Table) -> Configured:
    try:
        kind = kinds.load(table.text("kind"))
    except kinds.KindError as error:
        raise table.error(str(error), "kind") from None
    return Configured(name=table.name, kind=kind, settings=table.read(kind.settings, but=["kind"]))
