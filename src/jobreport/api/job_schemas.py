"""The write side's documents as types: what a report may say, and all that is kept of a job."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from jobreport.contract.generation1 import INT32, INT64
from jobreport.contract.job_document import NAMES
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, INT64_MAX, MAX_HEARTBEAT, TEXT_LIMITS, Job
from jobreport.store import History


def _code(description: str, codes: type[JobState | JobType | ServiceType]) -> Meta:
    names = [code.name for code in codes]
    forms = [
        {"type": "string", "enum": names, "x-enum-varnames": names},
        {"type": "integer", "enum": [*map(int, codes)], "x-enum-varnames": names},
    ]
    return Meta(extra_json_schema={"description": description, "anyOf": forms})


def _time(description: str) -> Meta:
    forms = [
        {"type": "string", "format": "date-time"},
        {"type": "integer", "format": "int64", "minimum": ticks.UNIX_EPOCH, "maximum": ticks.YEAR_2200 - 1},
        {"const": 0},
        {"type": "null"},
    ]
    return Meta(
        extra_json_schema={"description": f"{description} ISO 8601 with a zone, or .NET ticks.", "anyOf": forms}
    )


def _text(field: str, description: str) -> Meta:
    return Meta(max_length=TEXT_LIMITS[field], description=description)


def _number(description: str, top: int) -> Meta:
    return Meta(ge=0, le=top, description=description, extra_json_schema=INT64 if top > INT32_MAX else INT32)


Count = Annotated[int, _number("Objects.", INT32_MAX)] | None


class JobReport(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One job as its origin last saw it. A field that is left out or null takes its default."""

    service_type: Annotated[Any, _code("What is protected: code or name.", ServiceType)]
    job_type: Annotated[Any, _code("What was done: code or name.", JobType)]
    state: Annotated[Any, _code("How the job stands: code or name.", JobState)]
    job_id: (
        Annotated[str, Meta(min_length=1, max_length=TEXT_LIMITS["job_id"], description="Left out: one is made.")]
        | None
    ) = None
    start_time: Annotated[
        Any, _time("When it started (Waiting: was handed over; NotStarted: is due). Required but for NotStarted.")
    ] = None
    finish_time: Annotated[Any, _time("When it ended. Required for a finished state, refused for another.")] = None
    failed_count: Count = None
    successful_count: Count = None
    skipped_count: Count = None
    total_count: Annotated[int, _number("Objects in all; left out: the sum of the others.", INT32_MAX)] | None = None
    comments: Annotated[str, _text("comments", "What there is to say of it, such as an error's last lines.")] | None = (
        None
    )
    description: Annotated[str, _text("description", "What the job is about, in words; this is searched.")] | None = (
        None
    )
    plan: Annotated[str, _text("plan", "The name of what repeats.")] | None = None
    resource: Annotated[str, _text("resource", "What is protected.")] | None = None
    bytes: Annotated[int, _number("Bytes processed.", INT64_MAX)] | None = None
    origin: Annotated[str, _text("origin", "Which connector or runner reports it.")] | None = None
    raw: Annotated[Any, Meta(description="The origin's own record, any JSON up to 64 KiB.")] = None
    observed_at: Annotated[
        Any, _time("When the origin saw it so; left out: now. An older observation never replaces a newer one.")
    ] = None
    heartbeat: (
        Annotated[
            int,
            _number("Seconds between signs of life; after three without one it is presumed Failed.", MAX_HEARTBEAT),
        ]
        | None
    ) = None


class KeptJob(msgspec.Struct, rename="camel", kw_only=True):
    """A job with every field that a report can bear. Times are .NET ticks, 0 where unset; codes are numbers."""

    job_id: str
    service_type: Annotated[int, Meta(extra_json_schema=INT32)]
    job_type: Annotated[int, Meta(extra_json_schema=INT32)]
    state: JobState
    start_time: Annotated[int, Meta(description="Of a NotStarted job: when it is due.", extra_json_schema=INT64)]
    finish_time: Annotated[int, Meta(extra_json_schema=INT64)]
    failed_count: Annotated[int, Meta(extra_json_schema=INT32)]
    successful_count: Annotated[int, Meta(extra_json_schema=INT32)]
    skipped_count: Annotated[int, Meta(extra_json_schema=INT32)]
    total_count: Annotated[int, Meta(extra_json_schema=INT32)]
    comments: str
    description: str
    plan: str
    resource: str
    bytes: Annotated[int, Meta(extra_json_schema=INT64)]
    origin: str
    raw: Annotated[Any, Meta(description="The origin's own record, any JSON; null where none was given.")]
    observed_at: Annotated[int, Meta(description="When the origin saw it so.", extra_json_schema=INT64)]
    heartbeat: Annotated[int, Meta(description="Seconds between signs of life; 0: none promised.")]
    presumed: Annotated[bool, Meta(description="Whether its failure is concluded from its silence.")]


class EarlierVersion(KeptJob):
    """A finished job as it stood before a correction."""

    replaced_at: Annotated[int, Meta(description="When it was corrected, .NET ticks.", extra_json_schema=INT64)]


class JobHistory(KeptJob):
    """All that is kept of a job: as it stands, and as it stood."""

    received_at: Annotated[int, Meta(description="When it was first received, .NET ticks.", extra_json_schema=INT64)]
    heard_at: Annotated[int, Meta(description="When it was last heard of, .NET ticks.", extra_json_schema=INT64)]
    reported_by: Annotated[str, Meta(description="The client ID that reported it first; empty: no client did.")]
    versions: Annotated[list[EarlierVersion], Meta(description="Newest first.")]


def history_document(history: History) -> JobHistory:
    """All that is kept of a job, as it is answered."""
    current = history.current
    return JobHistory(
        **_fields(current.job),
        presumed=current.presumed,
        received_at=current.received,
        heard_at=current.heard,
        reported_by=current.app,
        versions=[
            EarlierVersion(**_fields(version.job), presumed=version.presumed, replaced_at=version.replaced)
            for version in history.versions
        ],
    )


def _fields(job: Job) -> dict[str, Any]:
    """Every field of a job under the names of a `KeptJob`."""
    found = {_BY_WIRE_NAME[name]: getattr(job, field) for field, name in NAMES.items()}
    return found | {"raw": msgspec.Raw(job.raw.encode()) if job.raw else None}


_BY_WIRE_NAME: Final = dict(zip(KeptJob.__struct_encode_fields__, KeptJob.__struct_fields__, strict=True))
