"""Which incidents are told in one message, so that a storage that broke is one message and not five hundred.

Those that are ready to be told within a few minutes are looked at together. What fails for one cause is one message;
then what has the same verdict and is of one connector; then what is of one host; the rest of a tenant is one message.
So an unrelated failure does not hide among hundreds of another kind. Later ones that have the same in common join in
silence, until the message is repeated, or until there are ten times as many as were told.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from jobreport.model import ticks
from jobreport.model.incident import Incident
from jobreport.model.judgement import Verdict

WINDOW: Final = 5 * 60 * ticks.PER_SECOND
"""From the first that is ready so long is waited for others (ticks)."""
GROWN: Final = 10
"""A group that is so many times as large as was told is told again."""


class Common(StrEnum):
    """What the incidents of a group have in common."""

    CAUSE = "cause"
    CONNECTOR = "connector"
    HOST = "host"
    ONE = "one"
    """There is only one, or others of the same cause and place that joined it."""
    TENANT = "tenant"
    """Nothing but the tenant."""


class Bundle(msgspec.Struct, frozen=True):
    """Incidents that are told together, and what they have in common; `key` is equal for all that have the same. No
    other one joins where the key is empty.
    """

    common: Common
    key: str
    incidents: tuple[Incident, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group that was told. Its `group` is its ID. `rule` is the name of the rule that it follows, and `channels` are
    those that hear of it. `begun` is when it was first told, `told` when last, with how many open incidents (`size`);
    `number` is how many messages there were. `due` is when it is repeated next; `closed` when it ended (ticks, 0: not
    yet).
    """

    tenant: int
    group: str
    rule: str
    channels: tuple[str, ...]
    common: Common
    key: str
    begun: int
    told: int = 0
    number: int = 0
    size: int = 0
    due: int = 0
    closed: int = 0


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule told about an incident. Times are ticks, 0: not yet.

    `channels` hear of it by this rule. `group` is that in which it was told, or empty. `ready` is since when it may be
    told, `told` when it was, with which `rank`; `due` is when the rule looks at it again (0: when something happens).
    """

    incident: str
    rule: str
    channels: tuple[str, ...]
    group: str = ""
    ready: int = 0
    told: int = 0
    rank: int = 0
    due: int = 0


def key_of(one: Incident, common: Common) -> str:
    """Returns what an incident has in common with others in this way; empty: nothing."""
    match common:
        case Common.CAUSE:
            parts: tuple[str, ...] = (one.cause,)
        case Common.CONNECTOR:
            parts = (one.connector,)
        case Common.HOST:
            parts = (one.host,)
        case Common.ONE:
            parts = (one.cause, one.place)
        case Common.TENANT:
            parts = ("",)
    return "\n".join((one.verdict, *parts)) if all(parts) else ""


def bundled(incidents: Iterable[Incident]) -> Iterator[Bundle]:
    """Gives these incidents in bundles, each of them once."""
    rest = list(incidents)
    for common in (Common.CAUSE, Common.CONNECTOR, Common.HOST):
        found: dict[str, list[Incident]] = {}
        for one in rest:
            found.setdefault(key_of(one, common), []).append(one)
        rest = found.pop("", [])
        for key, these in found.items():
            if len(these) > 1:
                yield Bundle(common, key, tuple(these))
            else:
                rest += these
    if len(rest) == 1:
        yield Bundle(Common.ONE, key_of(rest[0], Common.ONE), (rest[0],))
    elif rest:
        yield Bundle(Common.TENANT, "", tuple(rest))


def joined(
    one: Incident, groups: Iterable[Group], now: int, most: int, places: Mapping[str, Collection[str]]
) -> Group | None:
    """Returns the first of these open groups that an incident joins in silence: with the same in common, and told less
    than `most` ago (ticks); None if there is none.

    That it did not start says nothing of why. So it joins others of which that is so only at one of their `places`, by
    the ID of the group: what does not start elsewhere is told.
    """
    for group in groups:
        if not group.key or group.told <= now - most or key_of(one, group.common) != group.key:
            continue
        if group.common is not Common.CAUSE or one.verdict is not Verdict.MISSED or one.place in places[group.group]:
            return group
    return None


def has_grown(group: Group, size: int) -> bool:
    """Whether a group with so many open incidents is told again, since it was told of far fewer."""
    return size >= GROWN * max(1, group.size)
