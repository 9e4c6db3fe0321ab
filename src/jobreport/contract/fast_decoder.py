"""A job as a line of JSON in; the job out where the line is plainly well-formed, and otherwise nothing.

Most lines are. The types and limits below let the decoder itself see that, in a tenth of the time that it takes to
look at each value in turn. What it does not take is for `contract.job_document`, which knows every form that a job
may have and says what is wrong: whatever is taken here is the same job there.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobreport.contract.job_document import NAMES, moment, record_text
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, INT64_MAX, MAX_HEARTBEAT, MAX_RAW, TEXT_LIMITS, Job, state_faults

_LIMITS: Final = {field: Meta(max_length=limit) for field, limit in TEXT_LIMITS.items()}
_NUL: Final = b"\\u0000"
"""The only form in which JSON can have one."""

_NO_RECORD: Final = msgspec.Raw()

Code = int | str
Time = int | str
Count = Annotated[int, Meta(ge=0, le=INT32_MAX)]


class _Report(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename=NAMES, gc=False):
    """What is on the line: right in types and limits. Whether codes and times are any is still to be seen."""

    service: Code
    type: Code
    state: Code
    job_id: Annotated[str, Meta(min_length=1), _LIMITS["job_id"]] = ""
    start: Time = 0
    finish: Time = 0
    failed: Count = 0
    successful: Count = 0
    skipped: Count = 0
    total: Count | UnsetType = UNSET
    comments: Annotated[str, _LIMITS["comments"]] = ""
    description: Annotated[str, _LIMITS["description"]] = ""
    plan: Annotated[str, _LIMITS["plan"]] = ""
    resource: Annotated[str, _LIMITS["resource"]] = ""
    size: Annotated[int, Meta(ge=0, le=INT64_MAX)] = 0
    origin: Annotated[str, _LIMITS["origin"]] = ""
    raw: msgspec.Raw = _NO_RECORD
    observed: Time = 0
    heartbeat: Annotated[int, Meta(ge=0, le=MAX_HEARTBEAT)] = 0


_decode: Final = msgspec.json.Decoder(_Report).decode


def _by_code_or_name(codes: type[IntEnum]) -> Mapping[Code, Any]:
    return {**{code.value: code for code in codes}, **{code.name: code for code in codes}}


_SERVICES: Final = _by_code_or_name(ServiceType)
_TYPES: Final = _by_code_or_name(JobType)
_STATES: Final = _by_code_or_name(JobState)


def plain_job(line: bytes, now: int) -> Job | None:
    """The job of a well-formed line, as `job_from_wire` would give it; None for a line to be read with more care."""
    try:
        report = _decode(line)
        if _NUL in line:
            return None
        failed, successful, skipped, total = report.failed, report.successful, report.skipped, report.total
        if total is UNSET:
            total = failed + successful + skipped
            if total > INT32_MAX:
                return None
        job = Job(
            job_id=report.job_id,
            service=_SERVICES[report.service],
            type=_TYPES[report.type],
            state=_STATES[report.state],
            start=moment(report.start),
            finish=moment(report.finish),
            failed=failed,
            successful=successful,
            skipped=skipped,
            total=total,
            comments=report.comments,
            description=report.description,
            plan=report.plan,
            resource=report.resource,
            size=report.size,
            origin=report.origin,
            raw="" if report.raw is _NO_RECORD else _raw(report.raw),
            observed=min(moment(report.observed), now),
            heartbeat=report.heartbeat,
        )
    except (KeyError, ValueError, RecursionError):
        return None
    return None if state_faults(job, NAMES) else job


def _raw(value: msgspec.Raw) -> str:
    record = msgspec.json.decode(value)
    text = "" if record is None else record_text(record)
    if len(text.encode()) > MAX_RAW:
        raise ValueError
    return text
