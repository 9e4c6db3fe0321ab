"""Reads the Recovery Services vaults of a subscription: a stream each, since we may lack the rights for one of them.

A vault finds jobs by their start, in a window of at most thirty days. A request without the type of management leaves
out the jobs of agents on own servers, so there is one request for each type. Running jobs are asked for separately,
however long ago they began, and so is each job that had not ended at the last look.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from azure.mgmt.recoveryservices import RecoveryServicesClient
from azure.mgmt.recoveryservicesbackup import RecoveryServicesBackupClient

from jobreport.connectors.base import CannotReadError, Look, Page, Right, Stream
from jobreport.connectors.kinds.azure.asking import Azure
from jobreport.connectors.kinds.azure.discovery import Absent, Place, found, rights_in
from jobreport.connectors.kinds.azure.records import Resource
from jobreport.connectors.kinds.azure.rights import PERMISSIONS
from jobreport.connectors.kinds.azure.settings import VaultSettings
from jobreport.connectors.kinds.azure_vault.jobs import job_of
from jobreport.connectors.kinds.azure_vault.rights import JOBS, VAULTS
from jobreport.connectors.refusals import again, readable
from jobreport.model import ticks
from jobreport.model.job import Job
from jobreport.model.sees import Sees

MANAGED_BY: Final = ("AzureIaasVM", "AzureStorage", "AzureWorkload", "MAB", "DPM", "AzureBackupServer")
WINDOW: Final = 29 * ticks.PER_DAY
"""So long are the windows that are asked for; a vault refuses more than thirty days."""
OVERLAP: Final = 2 * ticks.PER_DAY
_AHEAD: Final = ticks.PER_DAY // 24
"""How far beyond our time is asked, since Azure's clock may be ahead of ours."""
_RUNS: Final = "status eq 'InProgress'"


class Vaults:
    """The vaults of one subscription."""

    def __init__(self, azure: Azure, settings: VaultSettings) -> None:
        self._azure, self._wanted = azure, settings.vaults
        self._finds = azure.client(RecoveryServicesClient)
        self._reads = azure.client(RecoveryServicesBackupClient)

    def streams(self) -> list[Stream]:
        """Returns a stream for each vault."""
        vaults, absent = self._vaults()
        there = [Stream(name=vault.label, sees=Sees.RUNS, overlap=OVERLAP, about=vault) for vault in vaults]
        return [*there, *(one.stream for one in absent)]

    def rights(self) -> Iterator[Right]:
        """Asks for the rights in the subscription, and in each vault that can be seen."""
        in_each = (JOBS, PERMISSIONS)
        return rights_in(
            self._azure,
            self._finds,
            [VAULTS],
            lambda: [Place(vault.id, vault.label, in_each) for vault in self._vaults()[0]],
            in_each,
        )

    def read(self, stream: Stream, look: Look) -> Iterator[Page]:
        """Gives the jobs that began since, all that run, and what has become of each unfinished one."""
        if isinstance(stream.about, Absent):
            raise CannotReadError(stream.about.why)
        vault: Resource = stream.about
        waiting = {job.job_id: job for job in look.unfinished}
        for criteria in _criteria(look):
            call = partial(self._reads.backup_jobs.list, vault.name, vault.group, filter=criteria)
            for listed in self._azure.pages(call, JOBS.name, f"the vault {vault.label}"):
                jobs, refused = readable(listed.items, lambda item: job_of(item, vault))
                for job in jobs:
                    waiting.pop(job.job_id, None)
                yield Page(jobs=jobs, refused=refused, clock=listed.clock)
        for job in waiting.values():
            yield self._again(vault, job)

    def _again(self, vault: Resource, job: Job) -> Page:
        name = job.job_id.rpartition("/")[2]
        call = partial(self._reads.job_details.get, vault.name, vault.group, name)
        record = self._azure.one(call, JOBS.name, f"the vault {vault.label}")
        return again(job, record, lambda item: job_of(item, vault))

    def _vaults(self) -> tuple[list[Resource], list[Absent]]:
        call: Any = self._finds.vaults.list_by_subscription_id
        return found(self._azure, self._finds, call, VAULTS, self._wanted, "vault")


def _criteria(look: Look) -> Iterator[str]:
    """Gives the filters of one look."""
    for managed in MANAGED_BY:
        begin, end = look.since, look.now + _AHEAD
        while begin < end:
            until = min(begin + WINDOW, end)
            times = f"startTime eq '{_time(begin)}' and endTime eq '{_time(until)}'"
            yield f"{times} and backupManagementType eq '{managed}'"
            begin = until
        yield f"{_RUNS} and backupManagementType eq '{managed}'"


def _time(time: int) -> str:
    """Returns a time as the filters of a vault have it, `2026-11-23 01:30:00 PM`, whatever language is set here."""
    moment = ticks.to_datetime(time)
    return f"{moment:%Y-%m-%d %I:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"
