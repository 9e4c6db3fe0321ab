"""The kinds of connectors that there are: our own, and those that installed packages register."""

from importlib import import_module, metadata
from typing import Final

from jobreport.connectors.base import Kind
from jobreport.model.spelling import meant

GROUP: Final = "jobreport.connectors"
"""The group of entry points by which a package registers a kind: its name, and where its `Kind` is."""
OWN: Final = {
    "aws-backup": "jobreport.connectors.kinds.aws_backup:KIND",
    "azure-backup-vault": "jobreport.connectors.kinds.azure_backup_vault:KIND",
    "azure-sql": "jobreport.connectors.kinds.azure_sql:KIND",
    "azure-vault": "jobreport.connectors.kinds.azure_vault:KIND",
    "backrest": "jobreport.connectors.kinds.backrest:KIND",
    "bareos": "jobreport.connectors.kinds.bareos:KIND",
    "barman": "jobreport.connectors.kinds.barman:KIND",
    "borg": "jobreport.connectors.kinds.borg:KIND",
    "duplicati": "jobreport.connectors.kinds.duplicati:KIND",
    "exec": "jobreport.connectors.kinds.exec:KIND",
    "gcp-backup": "jobreport.connectors.kinds.gcp_backup:KIND",
    "jobreport": "jobreport.connectors.kinds.another_jobreport:KIND",
    "kopia": "jobreport.connectors.kinds.kopia:KIND",
    "kubernetes": "jobreport.connectors.kinds.kubernetes:KIND",
    "pbs": "jobreport.connectors.kinds.pbs:KIND",
    "pgbackrest": "jobreport.connectors.kinds.pgbackrest:KIND",
    "pve": "jobreport.connectors.kinds.pve:KIND",
    "restic": "jobreport.connectors.kinds.restic:KIND",
    "veeam": "jobreport.connectors.kinds.veeam:KIND",
}
"""Our own kinds, by name: where the `Kind` of each is. It is imported only if it is used."""


class KindError(ValueError):
    """Raised if there is no such kind, or if it cannot be used. The message says what would be right."""


def names() -> list[str]:
    """Returns the names of all kinds."""
    return sorted({*OWN, *_registered()})


def load(name: str) -> Kind:
    """Returns a kind. Raises KindError if there is none of this name, or what is registered under it is none."""
    where = OWN.get(name) or _registered().get(name)
    if where is None:
        there = meant(name, names(), f"there are {', '.join(names())}")
        raise KindError(f"there is no kind {name!r} of connectors: {there}")
    module, _, attribute = where.partition(":")
    try:
        kind = getattr(import_module(module), attribute, None)
    except Exception as error:  # noqa: BLE001 - whatever the module of another package raises
        said = f": {error}" if isinstance(error, ImportError) else ""
        raise KindError(f"the kind {name} of connectors cannot be used: {type(error).__name__}{said}") from None
    if not isinstance(kind, Kind) or kind.name != name:
        raise KindError(f"what is registered as the kind {name} of connectors ({where}) is not a Kind of this name")
    return kind


def _registered() -> dict[str, str]:
    return {entry.name: entry.value for entry in metadata.entry_points(group=GROUP)}
