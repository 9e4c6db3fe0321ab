"""Reads Azure Monitor's alerts in the common schema: those of Azure Backup, and those of a query over a log.

An alert of Azure Backup about a job means that the job failed; there are no alerts about successes. An alert of your
own query becomes a job if the query splits by the columns that are named below. All other alerts become comments on the
plan.
"""

from typing import Any, Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, check_number, known
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_of, time_of
from jobreport.model.catalog import JobState
from jobreport.origins.azure_backup import codes_of, key_of, reference_of, state_of
from jobreport.runner.text import MAX_COMMENTS, child, shorten, string

_WHAT: Final = "an alert of Azure Monitor"
_SCHEMA: Final = "azureMonitorCommonAlertSchema"
_BACKUP: Final = "Azure Backup"
_JOBS: Final = "jobs"
_RESOLVED: Final = "Resolved"
_STATUS: Final = ("jobstatus", "status")
_JOB: Final = ("jobuniqueid", "jobid", "jobname")
_ITEM: Final = ("backupitemfriendlyname", "backupitemname", "backupitemuniqueid", "datasourcefriendlyname")
_OPERATION: Final = ("joboperation", "operation")
_KIND: Final = ("backupitemtype", "datasourcetype", "backupmanagementtype")
_WHERE: Final = ("_resourceid", "resourceid")
_WHY: Final = ("jobfailurecode", "errorcode", "resultcode")


class _Essentials(msgspec.Struct, rename="camel"):
    alert_rule: str
    monitor_condition: str
    fired_date_time: str
    alert_id: str = ""
    severity: str = ""
    monitoring_service: str = ""
    description: str | None = None
    alert_target_ids: list[str] = msgspec.field(default_factory=list, name="alertTargetIDs")


class _Data(msgspec.Struct, rename="camel"):
    essentials: _Essentials
    alert_context: dict[str, Any] | None = None


class _Alert(msgspec.Struct, rename="camel"):
    schema_id: str
    data: Any = None


def read(delivery: Delivery) -> Reading:
    """Returns what an alert says. Raises UnreadableError."""
    alert = json_of(delivery, _Alert, _WHAT)
    if alert.schema_id != _SCHEMA:
        raise UnreadableError(
            f"schemaId is {alert.schema_id[:100]!r}: enable the common alert schema in the action group's webhook"
        )
    try:
        data = msgspec.convert(alert.data, _Data, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"the body's data is not {_WHAT}: {error}") from None
    about, context = data.essentials, data.alert_context or {}
    if about.monitor_condition == _RESOLVED:
        return Reading(log=_words(about))
    if about.monitoring_service == _BACKUP and string(context.get("category")).casefold() == _JOBS:
        return Reading(jobs=(_failed(about, context),))
    if jobs := [job for one in _conditions(context) if (job := _split(about, one))]:
        return Reading(jobs=_apart(jobs))
    return Reading(log=_words(about))


def _failed(about: _Essentials, context: dict[str, Any]) -> ReportedJob:
    more = child(context, "extendedInfo")
    at = time_of(about.fired_date_time, "firedDateTime")
    name = string(more.get("jobId"))
    service, kind = codes_of(string(context.get("sourceType")), about.alert_rule)
    item = string(context.get("protectedItemId")) or string(context.get("sourceId"))
    said = (about.description, string(more.get("recommendedActions")))
    return ReportedJob(
        state=JobState.Failed,
        key=key_of(_vault(about), name) if name else about.alert_id,
        reference=reference_of(_vault(about), name),
        finish=at,
        observed=at,
        service=service,
        type=kind,
        resource=item.rpartition("/")[2] or string(context.get("linkedResourceName")),
        description=string(context.get("linkedResourceName")),
        comments=shorten("\n".join(filter(None, (about.alert_rule, *said))), MAX_COMMENTS),
    )


def _conditions(context: dict[str, Any]) -> list[dict[str, str]]:
    """Returns the columns by which the conditions of a query split, by their names in lower case."""
    conditions = child(context, "condition").get("allOf")
    found: list[dict[str, str]] = []
    for condition in conditions if isinstance(conditions, list) else ():
        dimensions = condition.get("dimensions") if isinstance(condition, dict) else None
        pairs = [one for one in dimensions if isinstance(one, dict)] if isinstance(dimensions, list) else []
        found.append({string(one.get("name")).casefold(): string(one.get("value")) for one in pairs})
    return found


def _split(about: _Essentials, columns: dict[str, str]) -> ReportedJob | None:
    """Returns the job of one row of a query's result; None if it does not tell of one."""
    status, item = _first(columns, _STATUS), _first(columns, _ITEM)
    if not status or not item:
        return None
    state, note = known(state_of(status), status)
    at = time_of(about.fired_date_time, "firedDateTime")
    service, kind = codes_of(_first(columns, _KIND), _first(columns, _OPERATION))
    name = _first(columns, _JOB)
    return ReportedJob(
        state=state,
        key=key_of(_vault(about), name) if name else f"{about.alert_id}/{item}",
        reference=reference_of(_first(columns, _WHERE) or _vault(about), name),
        finish=at if state.finished else 0,
        observed=at,
        service=service,
        type=kind,
        resource=item,
        comments="" if state is JobState.Successful else "\n".join(filter(None, (note, _first(columns, _WHY)))),
    )


def _apart(jobs: list[ReportedJob]) -> tuple[ReportedJob, ...]:
    """Returns the jobs of an alert, each once. Rows that do not name their runs may be about one item: none of these
    hides another.
    """
    check_number(len(jobs))
    found: dict[str, ReportedJob] = {}
    for job in jobs:
        key, number = job.key, 1
        while key in found and found[key] != msgspec.structs.replace(job, key=key):
            number += 1
            key = f"{job.key}/{number}"
        found[key] = msgspec.structs.replace(job, key=key)
    return tuple(found.values())


def _first(columns: dict[str, str], names: tuple[str, ...]) -> str:
    return next((columns[name] for name in names if columns.get(name)), "")


def _vault(about: _Essentials) -> str:
    return about.alert_target_ids[0] if about.alert_target_ids else ""


def _words(about: _Essentials) -> str:
    said = f": {about.description}" if about.description else ""
    return shorten(
        f"{about.monitor_condition}: {about.alert_rule} ({about.severity or 'no severity'}){said}", MAX_COMMENTS
    )
