"""The write side's documents as types: what a report may say, and all that is kept of a job."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobreport.api.generation1 import INT32, INT64
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import INT32_MAX, INT64_MAX, MAX_HEARTBEAT, TEXT_LIMITS
from jobreport.model.wire import job_to_wire
from jobreport.store import History


def _code(description: str, codes: type[JobState | JobType | ServiceType]) -> Meta:
    names = [{"type": "string", "enum": [code.name for code in codes]}, {"type": "integer", "enum": [*map(int, codes)]}]
    return Meta(extra_json_schema={"description": description, "anyOf": names})


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


class EarlierVersion(msgspec.Struct, rename="camel"):
    """A finished job as it stood before a correction."""

    replaced_at: Annotated[int, Meta(description=".NET ticks.", extra_json_schema=INT64)]
    presumed: bool
    job: Annotated[dict[str, Any], Meta(description="The job, in the names of a report.")]


class JobHistory(msgspec.Struct, rename="camel"):
    """All that is kept of a job. Times are .NET ticks, so that `job` can be sent back as it is."""

    job: Annotated[dict[str, Any], Meta(description="The job as it stands, in the names of a report.")]
    received_at: Annotated[int, Meta(description="When it was first received.", extra_json_schema=INT64)]
    heard_at: Annotated[int, Meta(description="When it was last heard of.", extra_json_schema=INT64)]
    presumed: Annotated[bool, Meta(description="Whether its failure is concluded from its silence.")]
    reported_by: Annotated[str, Meta(description="The client ID that reported it first; empty: no client did.")]
    versions: Annotated[list[EarlierVersion], Meta(description="Newest first.")]


def history_document(history: History) -> JobHistory:
    """All that is kept of a job, as it is answered."""
    current = history.current
    return JobHistory(
        job=job_to_wire(current.job),
        received_at=current.received,
        heard_at=current.heard,
        presumed=current.presumed,
        reported_by=current.app,
        versions=[
            EarlierVersion(version.replaced, version.presumed, job_to_wire(version.job)) for version in history.versions
        ],
    )
