"""Reads the Backup vaults of a subscription: a stream each, and one for each region into which a vault may restore.

The API has no filter by time, and its order is not known to be newest first. So each look reads the whole list, and
passes on only the jobs that run or have ended since the last look.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from azure.mgmt.dataprotection import DataProtectionMgmtClient

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.kinds.azure.asking import Azure
from jobreport.connectors.kinds.azure.discovery import Absent, Place, found, rights_in, scope_of
from jobreport.connectors.kinds.azure.records import Resource
from jobreport.connectors.kinds.azure.rights import PERMISSIONS
from jobreport.connectors.kinds.azure.settings import VaultSettings
from jobreport.connectors.kinds.azure_backup_vault.jobs import job_of
from jobreport.connectors.kinds.azure_backup_vault.rights import JOBS, RESTORE, RESTORES, RIGHTS, VAULTS
from jobreport.connectors.refusals import again, readable
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.sees import Sees

OVERLAP: Final = 2 * ticks.PER_DAY


class About(msgspec.Struct, frozen=True):
    """A list of a vault: its own jobs, or (with a region) the restores into this region."""

    vault: Resource
    region: str = ""


class BackupVaults:
    """The Backup vaults of one subscription."""

    def __init__(self, azure: Azure, settings: VaultSettings) -> None:
        self._azure, self._wanted = azure, settings.vaults
        self._client = azure.client(DataProtectionMgmtClient)

    def streams(self) -> list[Stream]:
        """Returns a stream for each vault, and for each region into which it restores."""
        vaults, absent = self._vaults()
        there = [
            Stream(name=_name(one), sees=Sees.RUNS, overlap=OVERLAP, about=one)
            for vault in vaults
            for one in (About(vault), *(About(vault, region) for region in _regions(vault)))
        ]
        return [*there, *(one.stream for one in absent)]

    def rights(self) -> Iterator[Right]:
        """Asks for the rights in the subscription, in each vault, and where restores into other regions are listed."""
        return rights_in(self._azure, self._client, [VAULTS], self._places, RIGHTS[1:])

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that began or ended since, all that run, and what has become of each unfinished one."""
        if isinstance(stream.about, Absent):
            raise CannotReadError(stream.about.why)
        about: About = stream.about
        waiting = {job.job_id: job for job in look.unfinished}
        action, where = (RESTORES if about.region else JOBS).name, f"the vault {stream.name}"
        for listed in self._azure.pages(self._list(about), action, where):
            every, refused = readable(listed.items, lambda item: job_of(item, about.vault))
            jobs = [job for job in every if _is_news(job, look) or job.job_id in waiting]
            for job in jobs:
                waiting.pop(job.job_id, None)
            yield Page(jobs=jobs, refused=refused, clock=listed.clock)
        for job in waiting.values():
            yield self._again(about, job, where)

    def _list(self, about: About) -> Any:
        vault = about.vault
        if not about.region:
            return partial(self._client.jobs.list, vault.group, vault.name)
        restores = self._client.fetch_cross_region_restore_jobs.list
        return partial(restores, vault.group, about.region, _source(vault))

    def _again(self, about: About, job: Job, where: str) -> Page:
        vault, name = about.vault, job.job_id.rpartition("/")[2]
        if about.region:
            action, restore = RESTORE.name, self._client.fetch_cross_region_restore_job.get
            call = partial(restore, vault.group, about.region, {**_source(vault), "jobId": name})
        else:
            action, call = JOBS.name, partial(self._client.jobs.get, vault.group, vault.name, name)
        record = self._azure.one(call, action, where)
        return again(job, record, lambda item: job_of(item, vault))

    def _vaults(self) -> tuple[list[Resource], list[Absent]]:
        call: Any = self._client.backup_vaults.get_in_subscription
        return found(self._azure, self._client, call, VAULTS, self._wanted, "vault")

    def _places(self) -> Iterator[Place]:
        for vault in self._vaults()[0]:
            yield Place(vault.id, vault.label, (JOBS, PERMISSIONS))
            for region in _regions(vault):
                group = f"{scope_of(self._azure)}/resourceGroups/{vault.group}"
                yield Place(group, _name(About(vault, region)), (RESTORES, RESTORE))


def _name(about: About) -> str:
    return f"{about.vault.label}, restores in {about.region}" if about.region else about.vault.label


def _regions(vault: Resource) -> Sequence[str]:
    """Returns the regions into which a vault may restore, beside its own."""
    features = vault.properties.get("featureSettings")
    settings = features.get("crossRegionRestoreSettings") if isinstance(features, Mapping) else None
    if not isinstance(settings, Mapping) or str(settings.get("state")).casefold() != "enabled":
        return ()
    regions = vault.properties.get("replicatedRegions")
    every = [str(one) for one in regions] if isinstance(regions, Sequence) else []
    return sorted({one for one in every if one.casefold() != vault.location.casefold()})


def _source(vault: Resource) -> dict[str, str]:
    return {"sourceRegion": vault.location, "sourceBackupVaultId": vault.id}


def _is_news(job: Job, look: Look) -> bool:
    return not job.state.finished or max(job.start, job.finish) >= look.since
