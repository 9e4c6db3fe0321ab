"""The rules that `jobreport.toml` names: what its `[[notify]]` tables say about who hears of which incidents."""

from collections.abc import Collection
from typing import Annotated, Final

import msgspec

from jobreport.configuration.check import Span
from jobreport.configuration.file import Configuration, Table
from jobreport.contract.incidents import read_rule
from jobreport.model import ticks, zones
from jobreport.model.notify_rule import Rule
from jobreport.model.quiet_hours import quiet_hours
from jobreport.model.spelling import meant
from jobreport.watch.channels.configured import configured
from jobreport.watch.digests.configured import digests

LEAST_REPEAT: Final = 600
"""What goes on is told again after so many seconds at least."""
MOST_AFTER: Final = 100
"""The most failures for which a rule may wait."""

KEYS: Final = {
    "name": "Its name; what was told by it is kept by this name.",
    "channels": "The names of the channels that hear of it.",
    "where": "Which incidents: the parameters of `GET /api/incidents`, with & between them; by default all.",
    "after": "How many jobs of a series must fail in a row before that is told; by default 1. What did not start is "
    "told at once.",
    "repeat": 'After how long it is told again that something goes on, from "10m"; "0s": never. By default "1d", and '
    "never where a daily digest goes to all of its channels.",
    "quiet": 'When nothing is told, such as "22:00-07:00". What is bad when it ends is told then.',
    "zone": 'The time zone of the quiet hours, such as "Europe/Berlin"; by default UTC.',
}
"""The keys of a table, and what each says."""


class _Notify(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    channels: tuple[str, ...]
    where: str = ""
    after: Annotated[int, msgspec.Meta(ge=1, le=MOST_AFTER)] = 1
    repeat: Span | None = None
    quiet: str = ""
    zone: str = zones.DEFAULT


def rules_of(file: Configuration) -> tuple[Rule, ...]:
    """Returns the rules of the file, as they stand. Raises ConfigurationError for the first one that is wrong."""
    channels = configured(file)
    daily = {
        channel
        for digest in digests(file, channels)
        if digest.schedule.weekday is None and digest.schedule.day is None
        for channel in digest.channels
    }
    return tuple(_rule(table, [one.name for one in channels], daily) for table in file.tables("notify"))


def _rule(table: Table, channels: list[str], daily: Collection[str]) -> Rule:
    given = table.read(_Notify)
    if not given.channels:
        raise table.error("must name a channel at least", "channels")
    for number, channel in enumerate(given.channels):
        if channel not in channels:
            there = f"there are {', '.join(channels)}" if channels else "the file has no [[channel]]"
            raise table.error(f"there is no channel {channel!r}: {meant(channel, channels, there)}", "channels", number)
    repeat = given.repeat
    if repeat is None:
        repeat = 0 if {*given.channels} <= {*daily} else 86_400
    if 0 < repeat < LEAST_REPEAT:
        raise table.error('must be "10m" or longer, or "0s" for never', "repeat")
    try:
        tenants, where = read_rule(given.where)
    except ValueError as error:
        raise table.error(str(error), "where") from None
    try:
        zone = zones.named(given.zone) or zones.DEFAULT
    except ValueError as error:
        raise table.error(str(error), "zone") from None
    try:
        quiet = quiet_hours(given.quiet, zone) if given.quiet else None
    except ValueError as error:
        raise table.error(str(error), "quiet") from None
    return Rule(
        name=given.name,
        channels=tuple(dict.fromkeys(given.channels)),
        tenants=tenants,
        where=where,
        after=given.after,
        repeat=repeat * ticks.PER_SECOND,
        quiet=quiet,
    )
