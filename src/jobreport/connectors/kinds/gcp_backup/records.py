"""Makes jobs of entries of the log of Backup and DR, and of backup runs of Cloud SQL. Pure.

Backup and DR writes an entry for each change of a job's state. Each entry becomes the job as it was then; the latest
one counts.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from jobreport.connectors.base import UnreadableRecordError
from jobreport.connectors.names import Statuses, job_id, raw_json, reference
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import COUNTS, TEXT_LIMITS, Job, shorten
from jobreport.origins.google_backup import DELETED, JOB_STATES, RUN_STATES, codes_of
from jobreport.runner.text import clean
from jobreport.runner.tools.reading import one_object

T = TypeVar("T")
_JOBS: Final = Statuses(JOB_STATES)
_RUNS: Final = Statuses(RUN_STATES)
_GIB: Final = 2**30
_LOG: Final = re.compile(r"(?:projects|folders|organizations)/(?P<owner>[^/]+)/logs/.+")


class JobLog(msgspec.Struct, rename="camel"):
    """What an entry says of a job (Google's `BDRBackupRestoreJobLog`)."""

    job_id: str = ""
    job_category: str = ""
    job_status: str = ""
    resource_type: str = ""
    source_resource_name: str = ""
    restore_resource_name: str = ""
    backup_vault_name: str = ""
    backup_plan_name: str = ""
    start_time: str = ""
    end_time: str = ""
    error_type: str = ""
    error_message: str = ""
    incremental_backup_size_gib: float = 0.0


class EventLog(msgspec.Struct, rename="camel"):
    """What an entry says of an event of an appliance."""

    job_name: str = ""
    app_name: str = ""
    app_type: str = ""
    event_time: str = ""
    error_message: str = ""


class Resource(msgspec.Struct):
    """What an entry is about."""

    labels: dict[str, str] = {}


class Entry(msgspec.Struct, rename="camel"):
    """An entry of a log."""

    log_name: str = ""
    timestamp: str = ""
    insert_id: str = ""
    json_payload: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    resource: Resource = msgspec.field(default_factory=Resource)


class RunError(msgspec.Struct):
    """Why a backup run failed."""

    code: str = ""
    message: str = ""


class Run(msgspec.Struct, rename="camel"):
    """A backup run of Cloud SQL."""

    id: str = ""
    instance: str = ""
    status: str = ""
    type: str = ""
    enqueued_time: str = ""
    start_time: str = ""
    end_time: str = ""
    window_start_time: str = ""
    description: str = ""
    error: RunError | None = None


def entry_of(raw: bytes) -> tuple[Entry, JobLog]:
    """Returns an entry, and what it says of a job. Raises UnreadableRecordError."""
    entry = _understood(raw, Entry)
    return entry, _understood(bytes(entry.json_payload), JobLog)


def job_of(raw: bytes) -> Job:
    """Returns the job of an entry of the log of jobs, as it was then. Raises UnreadableRecordError."""
    entry, log = entry_of(raw)
    owner, seen = _owner(entry), _time(entry.timestamp)
    if not log.job_id or not seen:
        raise UnreadableRecordError("an entry of the log of jobs has no jobId, or no timestamp")
    ended = _time(log.end_time)
    state, note = _JOBS.read(log.job_status, ended=bool(ended))
    start = _time(log.start_time) or ended or seen
    about = log.restore_resource_name or log.source_resource_name
    service, kind = codes_of(log.resource_type, about, log.job_category)
    unknown = f"unknown category {log.job_category[:100]!r} of its origin" if kind is JobType.Report else ""
    error = ": ".join(filter(None, (log.error_type, log.error_message)))
    key = ("gcp", owner, log.job_id)
    return Job(
        job_id=job_id(*key),
        reference=reference(*key),
        service=service,
        type=kind,
        state=state,
        **_times(state, start, ended or seen),
        **_counts(state),
        size=_bytes(log.incremental_backup_size_gib) if state.finished else 0,
        comments=_words(note, unknown, error),
        description=_text("description", _work(log)),
        plan=_text("plan", _last(log.backup_plan_name)),
        resource=_text("resource", _last(log.source_resource_name) or _last(about)),
        observed=seen,
        raw=raw_json(raw),
    )


def event_of(raw: bytes) -> Job:
    """Returns the job of an event of an appliance, which only failures are. Raises UnreadableRecordError."""
    entry = _understood(raw, Entry)
    event = _understood(bytes(entry.json_payload), EventLog)
    at = _time(event.event_time) or _time(entry.timestamp)
    appliance = entry.resource.labels.get("backup_recovery_appliance_id", "")
    if not event.job_name or not at:
        raise UnreadableRecordError("an event of an appliance names no job, or tells no time")
    key = ("gcp", _owner(entry), appliance, event.job_name)
    service, kind = codes_of("compute" if event.app_type.startswith("GCP") else event.app_type, "", "backup")
    return Job(
        job_id=job_id(*key),
        reference=reference(*key),
        service=service,
        type=kind,
        state=JobState.Failed,
        **_times(JobState.Failed, at, at),
        **_counts(JobState.Failed),
        comments=_words(event.error_message),
        description="Backup by an appliance",
        plan=_text("plan", appliance),
        resource=_text("resource", event.app_name),
        observed=_time(entry.timestamp) or at,
        raw=raw_json(raw),
    )


def run_of(raw: bytes, project: str) -> Job | None:
    """Returns the job of a backup run; None if it tells no more how that ended. Raises UnreadableRecordError."""
    run = _understood(raw, Run)
    if run.status.upper() in DELETED:
        return None
    if not run.id or not run.instance:
        raise UnreadableRecordError("a backup run of Cloud SQL has no id, or names no instance")
    ended = _time(run.end_time)
    state, note = _RUNS.read(run.status, ended=bool(ended))
    due = _time(run.window_start_time) if state is JobState.NotStarted else 0
    start = due or _time(run.start_time) or _time(run.enqueued_time) or ended
    if not start:
        raise UnreadableRecordError(f"backup run {run.id[:40]} of {run.instance[:100]} tells no time")
    key = ("gcp-sql", project, run.instance, run.id)
    late = "its origin does not tell when it ended" if state.finished and not ended else ""
    error = ": ".join(filter(None, (run.error.code, run.error.message))) if run.error else ""
    return Job(
        job_id=job_id(*key),
        reference=reference(*key),
        service=ServiceType.Common,
        type=JobType.Backup,
        state=state,
        **_times(state, start, ended or start),
        **_counts(state),
        comments=_words(note, error, late),
        description=_text("description", "Cloud SQL backup"),
        plan=_text("plan", run.type.lower().replace("_", " ")),
        resource=_text("resource", run.instance),
        raw=raw_json(raw),
    )


def _understood(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableRecordError(f"a record is not as Google describes it: {str(error)[:200]}") from None


def _owner(entry: Entry) -> str:
    """Returns whose log an entry is in: its own word for that, which is the same whoever asks."""
    if not (found := _LOG.fullmatch(entry.log_name)):
        raise UnreadableRecordError("an entry does not say in which log it is")
    return found["owner"]


def _time(text: str) -> int:
    try:
        at = ticks.from_iso(text) if text else 0
    except ValueError:
        return 0
    return at if ticks.YEAR_2000 <= at < ticks.YEAR_2200 else 0


def _times(state: JobState, start: int, finish: int) -> dict[str, Any]:
    return {"start": min(start, finish), "finish": finish} if state.finished else {"start": start}


@cache
def _counts(state: JobState) -> dict[str, Any]:
    counts = one_object(state) if state.finished else None
    return {name: getattr(counts, name) for name in COUNTS} if counts else {}


def _bytes(gib: float) -> int:
    return int(gib * _GIB) if 0 <= gib < 2**32 else 0


def _work(log: JobLog) -> str:
    """Returns the category in words, and the vault: `Scheduled backup, vault-1`."""
    words = log.job_category.replace("_", " ").strip().capitalize() or "Backup"
    return ", ".join(filter(None, (words, _last(log.backup_vault_name))))


def _last(name: str) -> str:
    """Returns the last part of a full name such as `projects/p/zones/z/instances/vm-1`."""
    return name.rstrip("/").rpartition("/")[2]


def _text(field: str, text: str) -> str:
    return shorten(" ".join(clean(text).split()), TEXT_LIMITS[field])


def _words(*parts: str) -> str:
    said: Iterable[str] = filter(None, parts)
    return shorten(clean("\n".join(said)), TEXT_LIMITS["comments"])
