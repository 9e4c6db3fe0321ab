"""Writes the kinds of channels and their keys, from what each kind declares."""

from collections.abc import Callable
from typing import Final

import msgspec

from blocks.markdown import table
from jobreport.watch.channels import kinds
from jobreport.watch.channels.base import Kind
from jobreport.watch.channels.configured import COMMON


def _overview() -> str:
    rows = (
        (f"`{kind.name}`", kind.about, "" if kind.digests else "no", f"`{kind.extra}`" if kind.extra else "")
        for kind in map(kinds.load, kinds.OWN)
    )
    return table(("kind", "what it sends", "digests", "extra"), rows)


def _keys(kind: Kind) -> Callable[[], str]:
    required = {"kind", "name"} | {one.encode_name for one in msgspec.structs.fields(kind.settings) if one.required}
    rows = [(f"`{name}`", text, "yes" if name in required else "") for name, text in {**COMMON, **kind.keys}.items()]
    return lambda: table(("key", "what it says", "required"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "channel-kinds": _overview,
    **{f"channel-{name}": _keys(kinds.load(name)) for name in kinds.OWN},
}
