"""Writes the kinds of connectors and their keys, from what each kind declares."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from blocks.markdown import table
from jobreport.connectors import kinds
from jobreport.connectors.base import Kind
from jobreport.connectors.configured import COMMON

_REQUIRED: Final = {"kind", "name"}


def _own() -> list[Kind]:
    return [kinds.load(name) for name in kinds.OWN]


def overview() -> str:
    """Returns the table of kinds."""
    rows = ((f"`{kind.name}`", kind.about, kind.sees, f"`{kind.extra}`" if kind.extra else "") for kind in _own())
    return table(("kind", "reads", "sees", "extra"), rows)


def _keys(keys: Mapping[str, str], required: set[str]) -> str:
    rows = ((f"`{name}`", text, "yes" if name in required else "") for name, text in keys.items())
    return table(("key", "what it says", "required"), rows)


def common() -> str:
    """Returns the table of the keys of all kinds."""
    return _keys(COMMON, _REQUIRED)


def _of_kind(kind: Kind) -> Callable[[], str]:
    required = {field.encode_name for field in msgspec.structs.fields(kind.settings) if field.required}
    return lambda: _keys(kind.keys, required)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "connector-kinds": overview,
    "connector-keys": common,
    **{f"connector-{kind.name}": _of_kind(kind) for kind in _own()},
}
