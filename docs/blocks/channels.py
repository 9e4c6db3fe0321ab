"""Writes the keys of channels, digests and the dead-man's switch, from what each declares."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec

from blocks.markdown import table
from jobreport.watch.channels import kinds
from jobreport.watch.channels.base import Kind
from jobreport.watch.channels.configured import COMMON
from jobreport.watch.delivery import deadman
from jobreport.watch.digests import configured as digests


def _overview() -> str:
    rows = (
        (f"`{kind.name}`", kind.about, "" if kind.digests else "no", f"`{kind.extra}`" if kind.extra else "")
        for kind in map(kinds.load, kinds.OWN)
    )
    return table(("kind", "what it sends", "digests", "extra"), rows)


def _keys(kind: Kind) -> Callable[[], str]:
    required = {"kind", "name"} | {one.encode_name for one in msgspec.structs.fields(kind.settings) if one.required}
    return _table({**COMMON, **kind.keys}, required)


def _table(keys: Mapping[str, str], required: Collection[str]) -> Callable[[], str]:
    rows = [(f"`{name}`", text, "yes" if name in required else "") for name, text in keys.items()]
    return lambda: table(("key", "what it says", "required"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "channel-kinds": _overview,
    "digest-keys": _table(digests.KEYS, {"name", "at"}),
    "deadman-keys": _table(deadman.KEYS, ()),
    **{f"channel-{name}": _keys(kinds.load(name)) for name in kinds.OWN},
}
