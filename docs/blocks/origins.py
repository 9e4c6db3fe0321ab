"""Writes which origin brings which jobs, from what connectors, tools and senders of webhooks declare of themselves."""

from collections.abc import Callable, Mapping
from typing import Final

from blocks.markdown import table
from jobreport.connectors import kinds
from jobreport.inbox.webhooks.formats import BRINGS
from jobreport.model.brings import ANYTHING, Brings, brings, together
from jobreport.model.catalog import GENERATION_1_TYPES, JobType, ServiceType
from jobreport.runner.tools.known import TOOLS

_KINDS: Final = {name: kinds.load(name) for name in sorted(kinds.OWN)}
CONNECTORS: Final[Mapping[str, Brings]] = {name: kind.brings for name, kind in _KINDS.items()}
_OWN: Final[Mapping[str, Brings]] = {
    "tenant delete": brings((ServiceType.Common, JobType.SoftDelete), (ServiceType.Common, JobType.HardDelete)),
    "prune": brings((ServiceType.Common, JobType.Retention)),
    "collect": brings(*((ServiceType.Common, kind.work) for kind in _KINDS.values())),
}
"""Our own work, by the command that is it or begins it."""
ORIGINS: Final[Mapping[str, Mapping[str, Brings]]] = {
    "connectors": {name: one for name, one in CONNECTORS.items() if one != ANYTHING},
    "`jobreport run` with": {name: tool.brings for name, tool in TOOLS.items()},
    "webhooks": BRINGS,
    "our own work": _OWN,
}
"""Every origin that says itself what its jobs are, by its place."""
_CLOUD: Final = "a product that protects {}: without one there is no log of them"
FOREIGN: Final[Mapping[JobType, str]] = {
    JobType.GenIndex: "the publisher's cloud, whose index of what is inside a backup is a job",
    **dict.fromkeys(
        (JobType.AADExport, JobType.AADCompare),
        _CLOUD.format("Microsoft Entra ID"),
    ),
    JobType.FileExport: "the publisher's cloud, which gives files out of a backup as an archive",
    JobType.ExportCleanUp: "the publisher's cloud, which removes such archives",
    JobType.LicenseSync: "the publisher's cloud, which counts what is licensed",
    JobType.AOSUpdate: "the publisher's cloud, which updates its own agents",
    **dict.fromkeys(
        (JobType.APSettingBackup, JobType.APSettingExport, JobType.APSettingSync, JobType.APSettingRestore),
        _CLOUD.format("the settings of admin portals"),
    ),
    JobType.DevOpsRestore: "a product that protects Azure DevOps; a `git push` is one only to who runs it, who says "
    "so by `--type DevOpsRestore`",
}
"""The types of generation 1 that no origin here has jobs of: who has them."""


def brought() -> Brings:
    """What all origins together bring that say themselves what their jobs are."""
    return together(one for place in ORIGINS.values() for one in place.values())


def matrix() -> str:
    """Each service with each of the types that its jobs have, and the origins of these."""
    found = brought()
    rows = [
        (f"`{service.name}`", f"`{kind.name}`", *(_named(place, service, kind) for place in ORIGINS.values()))
        for service in ServiceType
        for kind in sorted(found.get(service, ()))
    ]
    any_kind = ", ".join(f"`{name}`" for name, one in CONNECTORS.items() if one == ANYTHING)
    others = [(f"`{service.name}`", "any", any_kind, "", "", "") for service in ServiceType if service not in found]
    return table(("service", "job type", *ORIGINS), rows + others)


def _named(place: Mapping[str, Brings], service: ServiceType, kind: JobType) -> str:
    return ", ".join(f"`{name}`" for name, one in place.items() if kind in one.get(service, ()))


def foreign() -> str:
    """The types of generation 1 without an origin of their own, and who has such jobs."""
    there = {kind for kinds in brought().values() for kind in kinds}
    rows = ((f"`{kind.name}`", FOREIGN[kind]) for kind in GENERATION_1_TYPES if kind not in there)
    return table(("job type", "is the work of"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"origins": matrix, "origins-foreign": foreign}
