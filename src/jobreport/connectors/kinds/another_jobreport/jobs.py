"""Jobs as another endpoint answers them, made into ours: what it does not tell is not made up."""

from typing import Any, Final

import msgspec

from jobreport.client import JobDetails, JobItem, ReportedJob
from jobreport.connectors.base import CannotReadError
from jobreport.connectors.names import job_id, raw_text
from jobreport.model import ticks
from jobreport.model.catalog import SERVICE_LABELS, JobState, JobType, ServiceType
from jobreport.model.job import TEXT_LIMITS, Job, shorten
from jobreport.model.sees import Sees

_TYPES: Final = {kind.value: kind for kind in JobType}
_SERVICES: Final = {service.value: service for service in ServiceType}


class _Named(msgspec.Struct, rename="camel"):
    """What is needed of a record, to ask for its job again."""

    job_id: str


def from_search(item: JobDetails, whose: str) -> Job:
    """Returns a job of another Jobreport's search."""
    service = _SERVICES.get(item.service_type)
    job = from_generation2(item, service or ServiceType.Common, whose)
    return job.evolve(
        plan=item.plan,
        resource=item.resource,
        description=item.description or job.description,
        size=item.bytes,
        observed=_time(item.observed_at),
        reference=item.reference,
        sees=Sees(item.sees),
    )


def from_generation2(item: JobItem, service: ServiceType, whose: str) -> Job:
    """Returns a job of generation 2. Its times are cut to seconds."""
    kind = _TYPES.get(item.job_type)
    unknown = "" if kind else f"unknown job type {item.job_type} of its origin"
    return _job(
        whose,
        item.job_id,
        service,
        kind or JobType.Backup,
        item.status,
        _time(item.start_time),
        _time(item.finish_time),
        unknown,
        item.comments,
        msgspec.to_builtins(item),
    )


def from_generation1(item: ReportedJob, service: ServiceType, kind: JobType | None, whose: str) -> Job:
    """Returns a job of generation 1, which tells neither service nor type: they are those that were asked for. `kind`
    is None if no type of generation 1 has the job.
    """
    return _job(
        whose,
        item.job_id,
        service,
        kind or JobType.Backup,
        item.state,
        item.start_time,
        item.finish_time,
        "" if kind else "its origin does not tell its type",
        item.comments,
        msgspec.to_builtins(item),
    )


def their_id(job: Job, whose: str) -> str:
    """Returns the ID that a job has at its origin. Raises CannotReadError if it cannot be told.

    Its record has it too, but that may be another teller's of the same backup.
    """
    if job.job_id.startswith(f"{whose}:"):
        return job.job_id.removeprefix(f"{whose}:")
    try:
        return msgspec.json.decode(job.raw, type=_Named).job_id
    except msgspec.DecodeError:
        raise CannotReadError(f"the job {job.job_id} cannot be asked for again: nothing tells its ID there") from None


def _job(
    whose: str,
    theirs: str,
    service: ServiceType,
    kind: JobType,
    state: JobState,
    start: int,
    finish: int,
    note: str,
    comments: str,
    record: dict[str, Any],
) -> Job:
    if not state.finished:
        record.pop("duration", None)  # until now, so it would be another one at each look
        finish = 0
    if state is JobState.Successful and record["failedCount"]:
        state, note = (
            JobState.Exception,
            f"its origin says Successful, and that {record['failedCount']:,} objects failed",
        )
    said = "\n".join(filter(None, (note, comments)))
    return Job(
        job_id=job_id(whose, theirs),
        service=service,
        type=kind,
        state=state,
        start=start,
        finish=finish,
        failed=record["failedCount"],
        successful=record["successfulCount"],
        skipped=record["skippedCount"],
        total=record["totalCount"],
        comments=shorten(said, TEXT_LIMITS["comments"]),
        description=f"{SERVICE_LABELS[service]}, {kind.name}",
        raw=raw_text(record),
    )


def _time(text: str) -> int:
    time = ticks.from_iso(text)
    return time if time >= ticks.UNIX_EPOCH else 0
