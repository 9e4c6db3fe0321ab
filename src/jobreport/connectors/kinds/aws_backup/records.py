"""Makes jobs of what AWS Backup's lists say. Pure: it knows neither the SDK nor where a record came from.

The lists write names in PascalCase and times in seconds; the events that an inbox takes write both otherwise, and mean
the same (`jobreport.origins.aws_backup`).
"""

import re
from typing import Any, Final

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.kinds.aws_backup.lists import List
from jobreport.connectors.names import job_id
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job, shorten
from jobreport.origins.aws_backup import codes_of, name_of, reference_of, resource_type_of, state_of
from jobreport.runner.text import child, clean, string, whole
from jobreport.runner.tools.base import Counts
from jobreport.runner.tools.reading import bounded, one_object

_ARNS: Final = (
    *("BackupVaultArn", "SourceBackupVaultArn", "ReportPlanArn", "RecoveryPointArn", "ResourceArn"),
    *("SourceResourceArn", "IamRoleArn"),
)
"""Where the account stands that owns a job, in records that do not name it."""
_ACCOUNT_OF_ARN: Final = 4
_ACCOUNT: Final = re.compile(r"\d{1,20}", re.ASCII)
_MILLISECOND: Final = ticks.PER_SECOND // 1000
_MOST_SECONDS: Final = (ticks.YEAR_2200 - ticks.UNIX_EPOCH) // ticks.PER_SECOND
_GOOD_PARTS: Final = "COMPLETED"


def is_part(record: dict[str, Any]) -> bool:
    """Whether a record is of a part of another job, which tells of all parts."""
    return bool(record.get("ParentJobId"))


def job_of(record: dict[str, Any], raw: str, which: List, region: str) -> Job:
    """Returns the job of a record of a list. Raises UnreadableRecordError."""
    name = string(record.get(which.job))
    if not name:
        raise UnreadableRecordError(f"one of the {which.name.replace('-', ' ')} has no {which.job}")
    account = _account(record)
    start = _time(record, "CreationDate", "CreationTime", "InitiationDate")
    ended = _time(record, "CompletionDate", "CompletionTime")
    state, comments = _state(record, which, bool(ended))
    counts = _counts(record, state)
    if counts.failed and state is JobState.Successful:
        state = JobState.Exception
        comments = "\n".join(filter(None, (f"AWS says COMPLETED, and that {counts.failed:,} parts were not", comments)))
    service, kind = _codes(record, which)
    return Job(
        job_id=job_id("aws", account, region, name),
        reference=reference_of(account, region, name),
        service=service,
        type=kind,
        state=state,
        start=start,
        finish=max(ended, start) if state.finished else 0,
        failed=counts.failed,
        successful=counts.successful,
        skipped=counts.skipped,
        total=counts.total,
        size=counts.size,
        comments=_text("comments", comments),
        description=_text("description", _description(record, which)),
        plan=_text("plan", _plan(record)),
        resource=_text("resource", _resource(record)),
        raw=raw,
    )


def _text(field: str, text: str) -> str:
    return shorten(clean(text), TEXT_LIMITS[field])


def _state(record: dict[str, Any], which: List, ended: bool) -> tuple[JobState, str]:
    """Returns the state, and what AWS says of it. One that is not known is an exception once the job has ended."""
    told = string(record.get("State")) or string(record.get("Status"))
    message = string(record.get("StatusMessage"))
    category, validation = string(record.get("MessageCategory")), string(record.get("ValidationStatus"))
    backs_up = which.job == "BackupJobId"
    known = state_of(told, category=category, message=message if backs_up else "", validation=validation)
    state = known if known is not None else JobState.Exception if ended else JobState.InProgress
    said = [] if known is not None else [f"unknown state {told[:100]!r} of AWS Backup"]
    said += [message, f"{category}" if state is JobState.Exception and category not in message else ""]
    if validation and state_of("COMPLETED", validation=validation) is not JobState.Successful:
        said += [f"the validation is {validation[:100]}", string(record.get("ValidationStatusMessage"))]
    return state, "\n".join(filter(None, said))


def _counts(record: dict[str, Any], state: JobState) -> Counts:
    """Returns the counts of a job that has ended: of its parts, where AWS counts them."""
    if not state.finished:
        return Counts()
    size = whole(record.get("BackupSizeInBytes"))
    parts = {name.upper(): whole(number) for name, number in child(record, "ChildJobsInState").items()}
    if not sum(parts.values()):  # how many there are does not say how they ended
        return one_object(state, size)
    total = max(whole(record.get("NumberOfChildJobs")), sum(parts.values()))
    good = parts.get(_GOOD_PARTS, 0)
    return bounded(failed=sum(parts.values()) - good, successful=good, skipped=0, total=total, size=size)


def _codes(record: dict[str, Any], which: List) -> tuple[ServiceType, JobType]:
    if which.work is JobType.Report:
        return ServiceType.Common, JobType.Report
    arn = string(record.get("ResourceArn")) or string(record.get("SourceResourceArn"))
    return codes_of(string(record.get("ResourceType")) or resource_type_of(arn), which.work)


def _plan(record: dict[str, Any]) -> str:
    by = child(record, "CreatedBy")
    named = string(by.get("BackupPlanName")) or string(by.get("BackupPlanId"))
    return named or name_of(string(by.get("RestoreTestingPlanArn")) or string(record.get("ReportPlanArn")))


def _resource(record: dict[str, Any]) -> str:
    arns = (string(record.get(name)) for name in ("ResourceArn", "SourceResourceArn", "RecoveryPointArn"))
    named = string(record.get("ResourceName")) or name_of(next(filter(None, arns), ""))
    return named or string(child(record, "ReportDestination").get("S3BucketName"))


def _description(record: dict[str, Any], which: List) -> str:
    if which.work is JobType.Report:
        return string(record.get("ReportTemplate"))
    if which.work is JobType.Restore:
        return "restore test" if child(record, "CreatedBy").get("RestoreTestingPlanArn") else "restore"
    if vault := name_of(string(record.get("DestinationBackupVaultArn"))):
        return f"copy to {vault}"
    return f"backup to {string(record.get('BackupVaultName'))}"


def _account(record: dict[str, Any]) -> str:
    account = string(record.get("AccountId"))
    if _ACCOUNT.fullmatch(account):
        return account
    arns = (string(record.get(name)).split(":") for name in _ARNS)
    named = (parts[_ACCOUNT_OF_ARN] for parts in arns if len(parts) > _ACCOUNT_OF_ARN)
    return next(filter(_ACCOUNT.fullmatch, named), "")


def _time(record: dict[str, Any], *names: str) -> int:
    """Returns the first of these times that there is, in ticks; 0 if there is none."""
    for name in names:
        value = record.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            at = ticks.UNIX_EPOCH + round(value * 1000) * _MILLISECOND if 0 <= value < _MOST_SECONDS else 0
        elif isinstance(value, str) and value:
            at = _time_in(value, name)
        else:
            continue
        if not ticks.YEAR_2000 <= at < ticks.YEAR_2200:
            raise UnreadableRecordError(f"{name} of a job is {str(value)[:60]!r}, which is no time of a backup")
        return at
    return 0


def _time_in(text: str, name: str) -> int:
    try:
        return ticks.from_iso(text)
    except ValueError:
        raise UnreadableRecordError(f"{name} of a job is {text[:60]!r}, which is no time") from None
