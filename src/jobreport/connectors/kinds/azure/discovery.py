"""Finds the resources of a subscription that are read one by one, such as vaults, and which rights we have there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from jobreport.connectors.base import CannotReadError, Right, Stream
from jobreport.connectors.kinds.azure.asking import Azure
from jobreport.connectors.kinds.azure.records import Resource, understood
from jobreport.connectors.kinds.azure.rights import PERMISSIONS
from jobreport.model.spelling import meant


class Place(msgspec.Struct, frozen=True):
    """A place at which rights are needed: its ARM ID, and the stream that needs them (empty: all)."""

    scope: str
    stream: str
    rights: Sequence[Right]


class Absent(msgspec.Struct, frozen=True):
    """A resource that the settings name and that does not exist. It becomes a stream whose reading fails with the
    reason.
    """

    name: str
    why: str

    @property
    def stream(self) -> Stream:
        """The stream."""
        return Stream(name=self.name, about=self)


def found(
    azure: Azure, client: Any, call: Callable[..., Any], right: Right, wanted: Sequence[str], what: str
) -> tuple[list[Resource], list[Absent]]:
    """Returns the resources that `call` lists, in the order of their labels, and the `wanted` names that do not exist.
    If names are wanted, only resources with these names are returned.

    Raises CannotReadError for an empty list unless we surely have the right: Azure leaves out what we may not see.
    """
    where = f"the subscription {azure.subscription}"
    listed = azure.pages(call, right.name, where)
    every = [understood(item, Resource, where) for page in listed for item in page.items]
    every.sort(key=lambda one: one.label)
    if not every and not (held := azure.held(client, scope_of(azure), [right.name])[right.name]):
        if held is None:
            raise CannotReadError(
                f"nothing is listed in {where}, and whether that is for want of {right.name} cannot be asked without "
                f"{PERMISSIONS.name}"
            )
        raise CannotReadError(f"access denied for {right.name} in {where}")
    if not wanted:
        return every, []
    by_name = {one.name.casefold(): one for one in every}
    there = f"there are {', '.join(sorted(one.name for one in every))}" if every else "none can be seen"
    absent = [
        Absent(name, f"there is no {what} {name!r} in {where}: {meant(name, by_name, there)}")
        for name in wanted
        if name.casefold() not in by_name
    ]
    names = {name.casefold() for name in wanted}
    return [one for one in every if one.name.casefold() in names], absent


def rights_in(
    azure: Azure,
    client: Any,
    at_top: Sequence[Right],
    places: Callable[[], Iterable[Place]],
    elsewhere: Sequence[Right],
) -> Iterator[Right]:
    """Gives the rights that are needed in the subscription, and in each of its places, with whether they are held.

    If the places cannot be found, the rights that are needed `elsewhere` are given as unknown.
    """
    yield from _held(azure, client, Place(scope_of(azure), "", at_top))
    try:
        each = [*places()]
    except CannotReadError:  # why, the streams tell
        yield from elsewhere
        return
    for place in each:
        yield from _held(azure, client, place)


def _held(azure: Azure, client: Any, place: Place) -> Iterator[Right]:
    held = azure.held(client, place.scope, [right.name for right in place.rights])
    for right in place.rights:
        yield replace(right, held=held[right.name], stream=place.stream)


def scope_of(azure: Azure) -> str:
    """Returns the ARM ID of the subscription."""
    return f"/subscriptions/{azure.subscription}"
