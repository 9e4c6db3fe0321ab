"""The settings of a connector of the kind `barman`, and what each key means."""

import re
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jobreport.configuration.check import Span
from jobreport.connectors.command import check_call
from jobreport.model import zones

_SERVER: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    command: tuple[str, ...] = ("barman",)
    servers: tuple[str, ...] = ()
    timezone: str = ""
    longest: Span = 600

    def __post_init__(self) -> None:
        check_call(self.command, '["sudo", "-n", "-u", "barman", "barman"]')
        if wrong := [one for one in self.servers if not _SERVER.fullmatch(one)]:
            raise ValueError(f"servers must have names of barman's servers, and {wrong[0]!r} is none")
        if len(set(self.servers)) < len(self.servers):
            raise ValueError("servers must name each only once")
        if self.longest < 1:
            raise ValueError("longest must be more than 0")
        try:
            zones.named(self.timezone)
        except ValueError as error:
            raise ValueError(f"timezone: {error}") from None

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of barman's machine; None: that of this one."""
        name = zones.named(self.timezone)
        return ZoneInfo(name) if name else None


KEYS: Final = {
    "command": 'How barman is called, as a list; no shell reads it. By default ["barman"].',
    "servers": "The servers to read; left out: all that barman's configuration names.",
    "timezone": "The time zone of barman's machine, such as Europe/Berlin; left out: that of this one.",
    "longest": 'How long one call may take; by default "10m".',
}
