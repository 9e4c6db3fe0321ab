"""The table of the objects that become jobs, one entry for each kind: where it is listed, and how it is read."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from jobreport.connectors.base import Right
from jobreport.connectors.kinds.kubernetes import cloudnativepg, longhorn, velero
from jobreport.connectors.kinds.kubernetes.objects import Read
from jobreport.model import ticks


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of objects, as the API of a cluster names it."""

    group: str
    version: str
    plural: str

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The objects that say where backups are stored. The name of that place is the same in all clusters."""

    resource: Resource
    type: type[velero.Location] | type[longhorn.Target]
    name: Callable[[Any, str], str]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of objects that become jobs. `name` is the name of the stream, `tool` the program that makes the objects,
    `type` the type for decoding one, and `read` makes a job of it. `remembers`: how long an object usually stays in the
    cluster (ticks; 0: until somebody deletes it).
    """

    name: str
    tool: str
    resource: Resource
    type: type[msgspec.Struct]
    read: Read
    remembers: int = 0
    places: Places | None = None


_VELERO: Final = {"group": "velero.io", "version": "v1"}
_CNPG: Final = {"group": "postgresql.cnpg.io", "version": "v1"}
_LONGHORN: Final = {"group": "longhorn.io", "version": "v1beta2"}
_LOCATIONS: Final = Places(
    resource=Resource(**_VELERO, plural="backupstoragelocations"), type=velero.Location, name=velero.place
)
_TARGETS: Final = Places(
    resource=Resource(**_LONGHORN, plural="backuptargets"), type=longhorn.Target, name=longhorn.place
)

TABLE: Final = (
    Entry(
        name="Velero backups",
        tool="velero",
        resource=Resource(**_VELERO, plural="backups"),
        type=velero.Backup,
        read=velero.backup,
        remembers=30 * ticks.PER_DAY,  # the usual time to live
        places=_LOCATIONS,
    ),
    Entry(
        name="Velero restores",
        tool="velero",
        resource=Resource(**_VELERO, plural="restores"),
        type=velero.Restore,
        read=velero.restore,
        remembers=30 * ticks.PER_DAY,  # they go with their backup
    ),
    Entry(
        name="CloudNativePG backups",
        tool="cloudnativepg",
        resource=Resource(**_CNPG, plural="backups"),
        type=cloudnativepg.Backup,
        read=cloudnativepg.backup,
    ),
    Entry(
        name="Longhorn backups",
        tool="longhorn",
        resource=Resource(**_LONGHORN, plural="backups"),
        type=longhorn.Backup,
        read=longhorn.backup,
        remembers=ticks.PER_DAY,  # of those that failed
        places=_TARGETS,
    ),
    Entry(
        name="Longhorn system backups",
        tool="longhorn",
        resource=Resource(**_LONGHORN, plural="systembackups"),
        type=longhorn.SystemBackup,
        read=longhorn.system_backup,
        places=_TARGETS,
    ),
)


def _rights() -> tuple[Right, ...]:
    rights = [Right(name=f"list {entry.resource}", without=f"all {entry.name}", stream=entry.name) for entry in TABLE]
    places = {str(one.places.resource): one for one in TABLE if one.places}
    rights += [
        Right(name=f"list {name}", without=f"in which store backups of {entry.tool} are, so all of them")
        for name, entry in places.items()
    ]
    return (*rights, Right(name="get namespaces", without="whether a namespace in which nothing is listed exists"))


RIGHTS: Final = _rights()
"""What a full view needs: a verb and a kind of objects each."""
