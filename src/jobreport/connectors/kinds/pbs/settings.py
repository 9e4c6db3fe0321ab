"""The settings of a connector of the kind `pbs`, and what each key means."""

from collections.abc import Set
from typing import Final, Literal

from msgspec.structs import replace

from jobreport.configuration.check import Span
from jobreport.connectors.kinds.proxmox.settings import KEYS as SHARED
from jobreport.connectors.kinds.proxmox.settings import ProxmoxSettings

Work = Literal["guests", "hosts", "restore", "sync", "verify", "prune", "gc", "tape"]
_ALL: Final[tuple[Work, ...]] = ("guests", "hosts", "sync", "verify", "prune", "gc", "tape")
_NO_GUESTS: Final = tuple(one for one in _ALL if one != "guests")
_PVE: Final = "pve"


class PbsSettings(ProxmoxSettings, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    tasks: tuple[Work, ...] = ()
    remembers: Span = 30 * 86_400

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(self.tasks)) < len(self.tasks):
            raise ValueError("tasks must name each only once")

    @property
    def wanted(self) -> tuple[Work, ...]:
        """The work that is read. Readers are no good sign of a restore, so these must be asked for."""
        return self.tasks or _ALL


def beside(settings: PbsSettings, kinds: Set[str]) -> PbsSettings:
    """Returns the settings where connectors of these kinds read for the same tenant: Proxmox VE tells of the backups of
    guests itself, as one job for all guests of a run.
    """
    return replace(settings, tasks=_NO_GUESTS) if _PVE in kinds and not settings.tasks else settings


KEYS: Final = {
    "url": "The address of the server, such as https://pbs.example.com:8007.",
    **SHARED,
    "token": "The ID of the API token, such as jobreport@pbs!report.",
    "tasks": "What is read, as a list: guests and hosts (their backups), restore, sync, verify, prune, gc, tape; "
    "left out: all but restore, and without guests where a connector of the kind pve reads for the same tenant.",
    "remembers": "How long the server keeps its tasks at the least; left out: 30d.",
}
