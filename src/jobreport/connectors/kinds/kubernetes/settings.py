"""The settings of a connector of the kind `kubernetes`, and what each key means."""

import re
from typing import Final, Literal

import msgspec

from jobreport.configuration.check import Span

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connector of this kind."""

    cluster: str
    kubeconfig: str = ""
    context: str = ""
    namespaces: tuple[str, ...] = ()
    tools: tuple[Literal["velero", "cloudnativepg", "longhorn"], ...] = ()
    remembers: Span = 0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.cluster):
            raise ValueError("cluster must be 1 to 63 letters, digits, dots, hyphens and underscores, such as prod-eu")
        if wrong := [one for one in self.namespaces if not _NAME.fullmatch(one)]:
            raise ValueError(f"namespaces must have names of namespaces, and {wrong[0]!r} is none")
        if len(set(self.namespaces)) < len(self.namespaces):
            raise ValueError("namespaces must name each only once")


KEYS: Final = {
    "cluster": "Its name, in the IDs of its jobs: each cluster has its own, whichever connectors read it.",
    "kubeconfig": "A kubeconfig file; left out: as kubectl finds it, and in a pod its service account.",
    "context": "A context in that file; left out: the current one.",
    "namespaces": "The namespaces to read; left out: all of them, which needs a ClusterRole.",
    "tools": "Whose objects are read: velero, cloudnativepg, longhorn; left out: of those that are installed.",
    "remembers": "How long an object is kept at the least; left out: 30d for Velero, 1d for Longhorn.",
}
