"""The request and the answer of generation 1 as types: its JSON and its schemas are made from them."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jobreport.contract.code_schemas import REFERENCE
from jobreport.model import ticks
from jobreport.model.catalog import JobState
from jobreport.model.job import INT32_MAX
from jobreport.model.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_SEARCH

INT32: Final = {"format": "int32"}
INT64: Final = {"format": "int64"}


def _times(meaning: str, top: int) -> Meta:
    ranges: list[dict[str, int]] = [{"const": 0}, {"minimum": ticks.UNIX_EPOCH, "maximum": ticks.YEAR_2200 - 1}]
    if top:
        ranges.append({"minimum": top, "maximum": 2**63 - 1})
    # Each field repeats its type, since generators of clients read it here.
    choices = [{"type": "integer", **INT64, **one} for one in ranges]
    return Meta(extra_json_schema={"description": meaning, "format": "int64", "anyOf": choices})


def _code(meaning: str, schema: str) -> Meta:
    # By reference, so that a generated client gets an enumeration; 0 is the sample client's "not set".
    choices = [{"$ref": REFERENCE.format(name=schema)}, {"const": 0}]
    return Meta(extra_json_schema={"description": meaning, "format": "int32", "anyOf": choices})


class PaginationModel(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Which page of the jobs."""

    page_number: (
        Annotated[
            int,
            Meta(ge=0, le=INT32_MAX, extra_json_schema=INT32, description="0 is the first page, and the default."),
        ]
        | None
    ) = 0
    page_size: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=MAX_PAGE_SIZE,
                extra_json_schema=INT32,
                description=f"Jobs a page, at most {MAX_PAGE_SIZE}; 0 is the default, {DEFAULT_PAGE_SIZE}.",
            ),
        ]
        | None
    ) = DEFAULT_PAGE_SIZE


class ReportJobRequestModel(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Which jobs. Names are matched without regard to case; null, and 0 or an empty text, are as if left out."""

    search_text: (
        Annotated[
            str,
            Meta(
                max_length=MAX_SEARCH,
                description="A part of the job ID, the reference or the description, case folded.",
            ),
        ]
        | None
    ) = None
    start_time: Annotated[int, _times("Jobs that started at or after this time, .NET ticks (UTC).", 0)] | None = None
    finish_time: (
        Annotated[
            int,
            _times("Jobs that started at or before this time, .NET ticks (UTC).", ticks.YEAR_9999),
        ]
        | None
    ) = None
    service_type: Annotated[int, _code("Jobs of this service.", "ProductModel")] | None = None
    job_type: Annotated[int, _code("Jobs of this type.", "JobType")] | None = None
    pagination: PaginationModel | None = None


class Jobs(msgspec.Struct, frozen=True, rename="camel"):
    """One job. Times are .NET ticks (UTC), 0 if unset; the duration is in ticks too."""

    job_id: str
    state: JobState
    failed_count: Annotated[int, Meta(description="Objects that failed.", extra_json_schema=INT32)]
    successful_count: Annotated[int, Meta(description="Objects that succeeded.", extra_json_schema=INT32)]
    skipped_count: Annotated[int, Meta(description="Objects that were left out.", extra_json_schema=INT32)]
    total_count: Annotated[int, Meta(description="Objects in all.", extra_json_schema=INT32)]
    start_time: Annotated[int, Meta(extra_json_schema=INT64)]
    finish_time: Annotated[int, Meta(description="0 until it ends.", extra_json_schema=INT64)]
    duration: Annotated[int, Meta(description="Until it ends: since the start.", extra_json_schema=INT64)]
    comments: str


class ReportJobModel(msgspec.Struct, frozen=True, rename="camel"):
    """The jobs on the page, and how many match in all."""

    total_count: Annotated[int, Meta(description="Every job that matches, exactly, whatever the page.")]
    jobs: list[Jobs]
