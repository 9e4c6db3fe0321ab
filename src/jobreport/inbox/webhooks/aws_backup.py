"""Reads AWS Backup's events as EventBridge sends them to an API destination, and its notifications inside of SNS.

Events tell each change of a job's state, in any order; their times tell which is the newest.
"""

import re
from typing import Any, Final

import msgspec

from jobreport.inbox.report import Reading, ReportedJob, UnreadableError, known
from jobreport.inbox.webhooks.base import Delivery
from jobreport.inbox.webhooks.document import json_in, text_of, time_of
from jobreport.model.catalog import JobState, JobType
from jobreport.origins.aws_backup import codes_of, key_of, name_of, reference_of, resource_type_of, state_of
from jobreport.runner.text import MAX_COMMENTS, child, json_object, shorten, string, whole
from jobreport.runner.tools.reading import one_object

_WHAT: Final = "an event of AWS Backup"
_JOBS: Final = {
    "Backup Job State Change": ("backupJobId", JobType.Backup),
    "Restore Job State Change": ("restoreJobId", JobType.Restore),
    "Copy Job State Change": ("copyJobId", JobType.Backup),
}
_TOLD: Final = {
    "BACKUP_JOB": JobType.Backup,
    "RESTORE_JOB": JobType.Restore,
    "COPY_JOB": JobType.Backup,
}
_COPY: Final = "copyJobId"
_COPIES: Final = "COPY_JOB"
_ARNS: Final = ("Resource ARN", "Recovery point ARN")
_NAMED: Final = re.compile(r"job ID\s{0,9}:\s{0,9}([\w-]{1,100}[.,]?)(?=\s|$)", re.IGNORECASE)
_DENIES: Final = re.compile(r"\b(?:failed|aborted|stopped|expired|cancell?ed)\b", re.IGNORECASE)
_SOURCE: Final = "aws.backup"


class _Event(msgspec.Struct, rename="kebab"):
    source: str
    detail_type: str
    account: str
    region: str
    time: str
    detail: dict[str, Any]
    resources: list[str] = []


def read(delivery: Delivery) -> Reading:
    """Returns what an event says. Raises UnreadableError."""
    text = text_of(delivery)
    outer = json_object(text)
    if outer is not None and "SigningCertURL" in outer:
        raise UnreadableError("this is a message of SNS: its address ends with /sns, for its signature is checked")
    return read_event(text)


def read_event(text: str) -> Reading:
    """Returns what an event says. Raises UnreadableError."""
    event = json_in(text, _Event, _WHAT)
    if event.source != _SOURCE:
        raise UnreadableError(f"source is {event.source[:100]!r}, where {_WHAT} has {_SOURCE!r}")
    if event.detail_type not in _JOBS:
        return Reading(ignored=f"AWS Backup's {shorten(event.detail_type, 100)} is no job")
    name, work = _JOBS[event.detail_type]
    job = string(event.detail.get(name))
    if not job:
        raise UnreadableError(f"detail.{name} must be the ID of the job")
    if parent := string(event.detail.get("parentJobId")):
        return Reading(ignored=f"a part of the job {shorten(parent, 100)}, which tells of all parts")
    return Reading(jobs=(_job(event, job, work, copies=name == _COPY),))


def _job(event: _Event, name: str, work: JobType, *, copies: bool) -> ReportedJob:
    detail = event.detail
    told = string(detail.get("state")) or string(detail.get("status"))
    message = string(detail.get("statusMessage")).strip('"')
    backs_up = work is JobType.Backup and not copies
    means = state_of(
        told,
        category=string(detail.get("messageCategory")),
        message=message if backs_up else "",
        validation=string(detail.get("validationStatus")),
    )
    state, note = known(means, told)
    at = time_of(event.time, "time")
    start = time_of(_text(detail, "creationDate"), "detail.creationDate")
    arn = string(detail.get("resourceArn")) or string(detail.get("sourceResourceArn"))
    service, kind = codes_of(string(detail.get("resourceType")), work)
    vault = name_of(string(detail.get("destinationBackupVaultArn")))
    size = whole(detail.get("backupSizeInBytes"))
    return ReportedJob(
        state=state,
        key=key_of(event.account, event.region, name),
        reference=reference_of(event.account, event.region, name),
        start=0 if state is JobState.NotStarted else start,
        finish=(time_of(_text(detail, "completionDate"), "detail.completionDate") or at) if state.finished else 0,
        observed=at,
        service=service,
        type=kind,
        plan=_plan(child(detail, "createdBy")),
        resource=string(detail.get("resourceName")) or name_of(arn or next(iter(event.resources), "")),
        description=f"copy to {vault}" if copies and vault else "",
        comments=shorten("\n".join(filter(None, (note, message))), MAX_COMMENTS),
        counts=one_object(state, size) if state.finished else None,
    )


def read_notification(message: str, attributes: dict[str, str], at: int) -> Reading:
    """Returns what a notification of a vault says, which `at` (ticks) was sent: a sentence, and attributes beside it.

    SNS signs the sentence only, so the attributes count as far as it does not contradict them. Raises UnreadableError.
    """
    kind = attributes.get("EventType", "")
    if kind not in _TOLD:
        if not kind:
            raise UnreadableError(f"the message is neither {_WHAT} nor a notification of a vault, with an EventType")
        return Reading(ignored=f"AWS Backup's {shorten(kind, 100)} is no job")
    told, name = attributes.get("State", ""), attributes.get("Id", "")
    if not name:
        raise UnreadableError("the message's attribute Id must be the ID of the job")
    if (named := _NAMED.search(message)) and named[1].rstrip(".,") != name:
        raise UnreadableError("the message's attribute Id is not the ID that the message itself tells")
    state, note = known(state_of(told, message=message if "issues" in message else ""), told)
    if state is JobState.Successful and _DENIES.search(message.partition("arn:")[0]):
        state, note = JobState.Exception, f"the attributes say {told[:100]!r}, and the message does not"
    arns = [_arn(message, label) for label in _ARNS]
    resource = next(filter(None, arns), "")
    service, work = codes_of(resource_type_of(resource), _TOLD[kind])
    account = attributes.get("AccountId", "")
    job = ReportedJob(
        state=state,
        key=key_of(account, _region(arns), name),
        reference=reference_of(account, _region(arns), name),
        start=0 if state is JobState.NotStarted else time_of(attributes.get("StartTime"), "the attribute StartTime"),
        finish=at if state.finished else 0,
        observed=at,
        service=service,
        type=work,
        resource=name_of(resource),
        description="copy" if kind == _COPIES else "",
        comments=shorten("\n".join(filter(None, (note, message))), MAX_COMMENTS)
        if state is not JobState.Successful
        else "",
        raw=msgspec.json.encode({"message": message, "attributes": attributes}).decode(),
    )
    return Reading(jobs=(job,))


def _text(detail: dict[str, Any], name: str) -> str:
    value = detail.get(name)
    if value is not None and not isinstance(value, str):
        raise UnreadableError(f"detail.{name} must be a time such as 2026-11-23T08:00:00Z")
    return value or ""


def _plan(created_by: dict[str, Any]) -> str:
    return string(created_by.get("backupPlanName")) or string(created_by.get("backupPlanId"))


def _arn(message: str, label: str) -> str:
    """Returns the ARN behind a label in a sentence; `Resource ARN : arn:…` has a blank too many."""
    found = message.partition(label)[2][:1_100].lstrip(" :").split(maxsplit=1)
    return found[0].rstrip(".,") if found and found[0].startswith("arn:") else ""


def _region(arns: list[str]) -> str:
    return next((parts[3] for arn in arns if len(parts := arn.split(":")) > 3 and parts[3]), "")
