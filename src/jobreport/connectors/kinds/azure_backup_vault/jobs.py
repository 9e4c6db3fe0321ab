"""Makes jobs of the records of a Backup vault. Pure.

Azure writes a job's duration in one form in a list and in another form in a single record, so the duration is not read:
start and end are given in both.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from jobreport.connectors.kinds.azure import records
from jobreport.connectors.names import Statuses, job_id
from jobreport.model.catalog import JobState
from jobreport.model.job import Job
from jobreport.origins.azure_backup import STATES, codes_of_source, reference_of
from jobreport.runner.text import string

_STATUSES: Final = Statuses(STATES)
_NO_WORK: Final = "management"
_RESTORES: Final = "restore"
_TIERS: Final = "tiering"
_KNOWN: Final = ("backup", _RESTORES, _TIERS)


class Properties(msgspec.Struct, rename="camel"):
    """What a job says of itself."""

    data_source_type: str | None = None
    data_source_name: str | None = None
    data_source_set_name: str | None = None
    operation: str | None = None
    operation_category: str | None = None
    status: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    policy_name: str | None = None
    destination_data_store_name: str | None = None
    error_details: Any = None
    extended_info: Any = None


class Record(msgspec.Struct):
    """A job as a vault lists it."""

    name: str
    properties: Properties


def job_of(raw: msgspec.Raw | bytes, vault: records.Resource) -> Job | None:
    """Returns the job of a record of a vault; None if it only manages something. Raises CannotReadError."""
    record = records.understood(raw, Record, f"the vault {vault.label}")
    fields = record.properties
    category = (fields.operation_category or fields.operation or "").casefold()
    if category == _NO_WORK:
        return None
    odd = "" if category in _KNOWN else f"unknown category {fields.operation_category!r} of its origin"
    service, kind = codes_of_source(fields.data_source_type or "", restores=category == _RESTORES)
    start, finish = records.time_of(fields.start_time), records.time_of(fields.end_time)
    state, note = _STATUSES.read(fields.status or "", ended=bool(finish))
    start, finish, unsure = records.ending(state, start, finish)
    done = fields.operation or ""
    if category == _TIERS:
        done = f"tier to {fields.destination_data_store_name or 'another store'}"
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
        comments=records.comments_of([odd, note, unsure, *_why(fields, state)]),
        description=records.text_of("description", f"{done}, vault {vault.name}"),
        plan=records.text_of("plan", fields.policy_name or vault.name),
        resource=records.text_of("resource", _resource(fields)),
        raw=records.raw_of(raw, ended=state.finished),
    )


def _resource(fields: Properties) -> str:
    """Returns what is protected, and in which account, cluster or server, where that has another name."""
    item, whole = fields.data_source_name or "", fields.data_source_set_name or ""
    return item if item.casefold() == whole.casefold() else "/".join(filter(None, (whole, item)))


def _why(fields: Properties, state: JobState) -> Iterator[str]:
    if state is JobState.Successful:
        return
    more = fields.extended_info if isinstance(fields.extended_info, dict) else {}
    for error in records.objects(fields.error_details):
        yield from _words(error)
    for warning in records.objects(more.get("warningDetails")):
        about = string(warning.get("resourceName"))
        for line in _words(warning.get("warning")):
            yield f"{about}: {line}" if about else line


def _words(error: Any) -> Iterator[str]:
    if isinstance(error, dict):
        message, code = string(error.get("message")), string(error.get("code"))
        yield f"{message} ({code})" if message and code else message or code
        yield from records.texts(error.get("recommendedAction"))
