"""Makes jobs of the records of a Recovery Services vault. Pure.

Its operations have names such as "Backup (Full)". Jobs that only enable or disable a protection are left out. What kind
of workload a job is about stands in one of three fields: the type of the job, the type of the workload, or the type of
management.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec

from jobreport.connectors.kinds.azure import records
from jobreport.connectors.names import Statuses, job_id
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import Job
from jobreport.origins.azure_backup import STATES, codes_of, is_work, reference_of
from jobreport.runner.text import string

_STATUSES: Final = Statuses(STATES)
_OF_THEIR_WORKLOAD: Final = {"azureworkloadjob", "dpmjob"}
"""Jobs whose kind says nothing of what is protected."""
_KINDS: Final = 200
_AGENT: Final = "mabjob"
_SERVERS: Final = {"azurebackupserver", "dpm"}


class Properties(msgspec.Struct, rename="camel"):
    """What a job says of itself; of texts that a kind of job does not have, None."""

    job_type: str = ""
    backup_management_type: str | None = None
    workload_type: str | None = None
    operation: str | None = None
    status: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    entity_friendly_name: str | None = None
    mab_server_name: str | None = None
    dpm_server_name: str | None = None
    storage_account_name: str | None = None
    error_details: Any = None
    extended_info: Any = None


class Record(msgspec.Struct):
    """A job as a vault lists it."""

    name: str
    properties: Properties


def job_of(raw: msgspec.Raw | bytes, vault: records.Resource) -> Job | None:
    """Returns the job of a record of a vault; None if what was done is no job of ours. Raises CannotReadError."""
    record = records.understood(raw, Record, f"the vault {vault.label}")
    fields = record.properties
    done = fields.operation or ""
    if not is_work(done):
        return None
    service, kind = _codes(fields.job_type, fields.backup_management_type or "", fields.workload_type or "", done)
    start, finish = records.time_of(fields.start_time), records.time_of(fields.end_time)
    state, note = _STATUSES.read(fields.status or "", ended=bool(finish))
    start, finish, unsure = records.ending(state, start, finish)
    name = reference_of(vault.id, record.name)
    return Job(
        job_id=job_id(name),
        reference=name,
        service=service,
        type=kind,
        state=state,
        start=start,
        finish=finish,
        **records.counts_of(state),
        comments=records.comments_of([note, unsure, *_why(fields, state)]),
        description=records.text_of("description", f"{done}, vault {vault.name}"),
        plan=records.text_of("plan", vault.name),
        resource=records.text_of("resource", _resource(fields)),
        raw=records.raw_of(raw, ended=state.finished),
    )


@lru_cache(_KINDS)
def _codes(job_type: str, managed: str, workload: str, done: str) -> tuple[ServiceType, JobType]:
    kind = job_type.casefold()
    if kind == _AGENT:
        workload = "MAB"  # whatever it protects there, it protects files
    elif kind not in _OF_THEIR_WORKLOAD and managed.casefold() not in _SERVERS:
        workload = managed
    service, work = codes_of(workload, done)
    return service or ServiceType.Common, work or JobType.Backup


def _resource(fields: Properties) -> str:
    """Returns what is protected, and on which server or in which account, as names there are no others' alone."""
    item = fields.entity_friendly_name or ""
    owner = fields.mab_server_name or fields.dpm_server_name or fields.storage_account_name or ""
    return item if item.casefold() == owner.casefold() else "/".join(filter(None, (owner, item)))


def _why(fields: Properties, state: JobState) -> list[str]:
    if state is JobState.Successful:
        return []
    said: list[str] = []
    for error in records.objects(fields.error_details):
        title, text = (string(error.get(name)) for name in ("errorTitle", "errorString"))
        code = error.get("errorCode")
        words = ": ".join(filter(None, (title, text)))
        said.append(f"{words} ({code})" if words and code else words)
        said += records.texts(error.get("recommendations"))
    if isinstance(fields.extended_info, dict):
        said.append(string(fields.extended_info.get("dynamicErrorMessage")))
    return said
