"""Writes the kinds of connectors and their keys, from what each kind declares."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from blocks.markdown import table
from jobreport.connectors import kinds
from jobreport.connectors.base import Kind
from jobreport.connectors.configured import COMMON

_ROLES: Final = {file.stem: file for file in sorted((Path(__file__).parents[2] / "deploy/roles").iterdir())}
_PAGE: Final = Path(__file__).parents[1] / "reference/connectors.md"
_SECTION: Final = re.compile(r"^## `([\w-]+)`.*$", re.MULTILINE)
_REQUIRED: Final = {"kind", "name"}


def _own() -> list[Kind]:
    return [kinds.load(name) for name in kinds.OWN]


def overview() -> str:
    """Returns the table of kinds, each with a link to what the page says of it."""
    page = _PAGE.read_text("utf-8")
    sections = {found[1]: _anchor(found[0]) for found in _SECTION.finditer(page)}
    rows = (
        (
            f"[`{kind.name}`](#{sections[kind.name]})",
            kind.about,
            kind.sees,
            f"`{kind.extra}`" if kind.extra else "",
        )
        for kind in _own()
    )
    return table(("kind", "reads", "sees", "extra"), rows)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.removeprefix("## ").lower()).replace(" ", "-")


def _keys(keys: Mapping[str, str], required: set[str]) -> str:
    rows = ((f"`{name}`", text, "yes" if name in required else "") for name, text in keys.items())
    return table(("key", "what it says", "required"), rows)


def common() -> str:
    """Returns the table of the keys of all kinds."""
    return _keys(COMMON, _REQUIRED)


def _of_kind(kind: Kind) -> Callable[[], str]:
    required = {field.encode_name for field in msgspec.structs.fields(kind.settings) if field.required}
    return lambda: _keys(kind.keys, required)


def _rights(kind: Kind) -> Callable[[], str]:
    return lambda: table(
        ("right", "invisible without it"), ((f"`{right.name}`", right.without) for right in kind.rights)
    )


def _role(file: Path) -> Callable[[], str]:
    language = file.suffix[1:]
    marked = f"<!-- role: {file.stem.partition('-')[0]} -->\n" if language == "json" else ""
    return lambda: f"{marked}```{language}\n{file.read_text('utf-8').strip()}\n```"


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "connector-kinds": overview,
    "connector-keys": common,
    **{f"connector-{kind.name}": _of_kind(kind) for kind in _own()},
    **{f"connector-{kind.name}-rights": _rights(kind) for kind in _own() if kind.name in _ROLES},
    **{f"connector-{file.stem}-role": _role(file) for file in _ROLES.values()},
}
