"""The connectors that `jobreport.toml` names: what its `[[connector]]` tables say, checked against their kinds."""

from typing import Any, Final, Literal

import msgspec
from msgspec.structs import FieldInfo, fields

from jobreport.configuration.check import Span
from jobreport.configuration.file import Configuration, Table
from jobreport.connectors import kinds
from jobreport.connectors.base import Kind
from jobreport.model.spelling import meant
from jobreport.model.tenants import wrong_name

OwnWork = Literal["failures", "all", "none"]
"""Which passes are jobs of the operator's own tenant."""
LEAST_EVERY: Final = 10
MOST_EVERY: Final = 7 * 86_400
"""The shortest and the longest interval of a connector, in seconds."""
_TENANT: Final = "default"


class _Common(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of all kinds, beside `kind` and `name`."""

    every: Span = 300
    tenant: str = _TENANT
    own_work: OwnWork = "failures"

    def __post_init__(self) -> None:
        if not LEAST_EVERY <= self.every <= MOST_EVERY:
            raise ValueError('every must be from "10s" to "7d"')
        if wrong := wrong_name(self.tenant):
            raise ValueError(f"tenant is no name of one: {wrong}")


COMMON: Final = {
    "kind": "What is read: one of `jobreport connectors kinds`.",
    "name": "Its name, by which commands and reports know it.",
    "every": 'How often it is read, from "10s" to "7d"; by default "5m".',
    "tenant": 'Whose jobs they are; by default "default". A tenant that is new is made.',
    "own_work": 'Whether its passes are jobs of the operator\'s own tenant: "failures" (the default), "all" or "none".',
}
"""The keys that a connector of any kind has, and what each says."""


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A connector as it is set up. `every` is in seconds, `settings` is what its kind declares."""

    name: str
    kind: Kind
    every: int
    tenant: str
    settings: Any
    own_work: OwnWork = "failures"

    @property
    def origin(self) -> str:
        """The origin that its jobs bear."""
        return f"{self.kind.name}/{self.name}"


def configured(file: Configuration) -> list[Configured]:
    """Returns all connectors of the file. Raises ConfigurationError for the first one that is wrong."""
    return [_read(table, file) for table in file.tables("connector")]


def one_named(file: Configuration, name: str) -> Configured:
    """Returns the connector of this name, whatever is wrong with others. Raises ConfigurationError; LookupError if
    there is none.
    """
    tables = {table.name: table for table in file.tables("connector")}
    if name not in tables:
        if not file.path:
            where = "no jobreport.toml is in this folder, or beside the service's settings in /etc/jobreport"
            raise LookupError(f"there is no connector {name!r}: {where}; --config names another file")
        there = f"there are {', '.join(tables)}" if tables else "the file names none"
        raise LookupError(f"there is no connector {name!r} in {file.path}: {meant(name, tables, there)}")
    return _read(tables[name], file)


def _read(table: Table, file: Configuration) -> Configured:
    try:
        kind = kinds.load(table.text("kind"))
    except kinds.KindError as error:
        raise table.error(str(error), "kind") from None
    table.read(_together(kind.settings), but=["kind"])  # a key that is neither's is told with all that there are
    common = table.read(_Common, but=["kind", *kind.settings.__struct_encode_fields__])
    settings = table.read(kind.settings, but=COMMON)
    return Configured(
        name=table.name,
        kind=kind,
        every=common.every,
        tenant=common.tenant,
        settings=kind.beside(settings, _beside(file, table.name, common.tenant)),
        own_work=common.own_work,
    )


def _beside(file: Configuration, name: str, tenant: str) -> set[str]:
    """Returns the kinds of the other connectors that read for a tenant, whatever is wrong with these."""
    others = (one for one in file.document.get("connector", []) if one.get("name") != name)
    return {str(one.get("kind")) for one in others if one.get("tenant", _TENANT) == tenant}


def _together(settings: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Returns a type with the keys of all kinds and of this one."""
    every = [*fields(_Common), *fields(settings)]
    return msgspec.defstruct("Connector", [(one.name, one.type, _default(one)) for one in every], kw_only=True)


def _default(field: FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return field.default
