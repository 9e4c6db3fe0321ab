"""The settings of a connector of the kind `pve`, and what each key means."""

import re
from typing import Final

from jobreport.configuration.check import Span
from jobreport.connectors.kinds.proxmox.settings import KEYS as SHARED
from jobreport.connectors.kinds.proxmox.settings import ProxmoxSettings

_NODE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


class PveSettings(ProxmoxSettings, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    nodes: tuple[str, ...] = ()
    remembers: Span = 2 * 86_400

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := [one for one in self.nodes if not _NODE.fullmatch(one)]:
            raise ValueError(f"nodes must have names of nodes, such as pve1, and {wrong[0]!r} is none")
        if len(set(self.nodes)) < len(self.nodes):
            raise ValueError("nodes must name each only once")


KEYS: Final = {
    "url": "The address of any node, such as https://pve1.example.com:8006: it answers for the whole cluster.",
    **SHARED,
    "nodes": "The nodes to read; left out: all of the cluster.",
    "remembers": "How long a node keeps its tasks at the least; left out: 2d. It keeps the last 1,000 or 2,000.",
}
