"""The parameters of the query language: one table, from which query strings, flags and documentation are made."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final

import msgspec

from jobreport.contract import values
from jobreport.contract.code_schemas import code_or_name
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.job import CAUSES, INT32_MAX, TEXT_LIMITS
from jobreport.model.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_SEARCH, NEWEST_FIRST

MAX_NAMES: Final = 10
"""The most plans, resources or origins in one question."""
MAX_CODES: Final = 100
"""The most services, types, states or causes in one question."""

Schema = Mapping[str, Any]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: its `name` in a query string, the field that it sets, and the flag of a command that does the
    same.

    `convert` makes the field's value from a text, as `jobreport.contract.values` does; `write` makes a text from the
    value. `schema` is that of one value. The parameter takes at most `most` values, by repetition, or with commas if
    `listed`. Their order has no meaning unless the parameter is `ordered`.
    """

    name: str
    field: str
    flag: str
    meaning: str
    schema: Schema
    convert: Callable[[str], Any]
    example: str
    write: Callable[[Any], str] = str
    most: int = 1
    listed: bool = False
    required: bool = False
    ordered: bool = False

    @property
    def several(self) -> bool:
        """Whether the parameter takes more than one value."""
        return self.most > 1


def _name(code: IntEnum) -> str:
    return code.name


_TIME: Final[Schema] = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "date"},
        {"type": "string", "maxLength": 0},  # an empty filter does nothing
        {"type": "integer", "format": "int64", "minimum": ticks.UNIX_EPOCH, "maximum": ticks.YEAR_2200 - 1},
    ]
}


def _named(name: str, meaning: str, limit: int, example: str) -> Parameter:
    return Parameter(
        name=name,
        field=f"{name}s",
        flag=f"--{name}",
        meaning=f"{meaning} The whole name, exactly. For several, repeat it.",
        schema={"type": "string", "maxLength": limit},
        convert=values.text_of(limit),
        example=example,
        most=MAX_NAMES,
    )


FILTERS: Final = (
    Parameter(
        name="searchText",
        field="search",
        flag="--search",
        meaning="A part of the job ID, the reference or the description, in upper or lower case.",
        schema={"type": "string", "maxLength": MAX_SEARCH},
        convert=values.text_of(MAX_SEARCH),
        example="web-1",
    ),
    Parameter(
        name="startTime",
        field="since",
        flag="--since",
        meaning=(
            "Jobs that started at or after this time: ISO 8601, UTC where no zone is named, or .NET ticks. A day "
            "alone, such as 2026-11-23, is its first moment."
        ),
        schema=_TIME,
        convert=values.since,
        example="2026-11-23T00:00:00Z",
    ),
    Parameter(
        name="finishTime",
        field="until",
        flag="--until",
        meaning="Jobs that started at or before this time, in the same forms; a day alone is its last moment.",
        schema=_TIME,
        convert=values.until,
        example="2026-11-23T23:59:59Z",
    ),
    Parameter(
        name="serviceType",
        field="services",
        flag="--service",
        meaning="Jobs of this service, by code or name. For several, put commas between them or repeat it.",
        schema=code_or_name(ServiceType),
        convert=values.code_of(ServiceType, zero_is_unset=True),
        example="VM,AmazonEC2",
        write=_name,
        most=MAX_CODES,
        listed=True,
    ),
    Parameter(
        name="jobType",
        field="types",
        flag="--type",
        meaning="Jobs of this type, by code or name. For several, put commas between them or repeat it.",
        schema=code_or_name(JobType),
        convert=values.code_of(JobType, zero_is_unset=True),
        example="Backup",
        write=_name,
        most=MAX_CODES,
        listed=True,
    ),
    Parameter(
        name="state",
        field="states",
        flag="--state",
        meaning="Jobs in this state, by code or name. For several, put commas between them or repeat it.",
        schema=code_or_name(JobState),
        convert=values.code_of(JobState),
        example="Failed,Exception",
        write=_name,
        most=MAX_CODES,
        listed=True,
    ),
    _named("plan", "Jobs of the plan with this name.", TEXT_LIMITS["plan"], "nightly"),
    _named("resource", "Jobs that protect this resource.", TEXT_LIMITS["resource"], "web-1:/home"),
    _named("origin", "Jobs that this connector or runner reported.", TEXT_LIMITS["origin"], "script/web-1"),
    Parameter(
        name="cause",
        field="causes",
        flag="--cause",
        meaning="Jobs with this cause, by its code. For several, put commas between them or repeat it.",
        schema={"type": "string", "anyOf": [{"enum": [*CAUSES]}, {"pattern": f"^{values.OWN_CAUSE}$"}]},
        convert=values.cause,
        example="no-space,locked",
        most=MAX_CODES,
        listed=True,
    ),
    Parameter(
        name="comments",
        field="comments",
        flag="--comments",
        meaning="A part of the comments, in upper or lower case.",
        schema={"type": "string", "maxLength": MAX_SEARCH},
        convert=values.text_of(MAX_SEARCH),
        example="no space left",
    ),
    Parameter(
        name="minDuration",
        field="min_duration",
        flag="--min-duration",
        meaning="Jobs that took, or have been running, this long or longer: PT1H30M (ISO 8601), 01:30:00, 1.02:00:00.",
        schema={"type": "string", "pattern": ticks.DURATION},
        convert=values.duration,
        write=values.written_duration,
        example="PT1H30M",
    ),
    Parameter(
        name="minFailed",
        field="min_failed",
        flag="--min-failed",
        meaning="Jobs with at least this many failed objects.",
        schema={"type": "integer", "format": "int32", "minimum": 0, "maximum": INT32_MAX},
        convert=values.number_of(0, INT32_MAX),
        example="1",
    ),
    Parameter(
        name="endedSince",
        field="ended_since",
        flag="--ended-since",
        meaning="Jobs that ended at or after this time, in the forms of startTime. What still runs is not among them.",
        schema=_TIME,
        convert=values.since,
        write=ticks.to_iso,
        example="2026-11-22T18:00:00Z",
    ),
    Parameter(
        name="endedUntil",
        field="ended_until",
        flag="--ended-until",
        meaning="Jobs that ended at or before this time, in the forms of finishTime.",
        schema=_TIME,
        convert=values.until,
        write=ticks.to_iso,
        example="2026-11-23T18:00:00Z",
    ),
)
"""The parameters that choose jobs."""

SORT: Final = Parameter(
    name="sort",
    field="sort",
    flag="--sort",
    meaning="The order; a minus before it: descending. Jobs that have not ended come last, except by startTime.",
    schema={
        "type": "string",
        "enum": list(values.SORTS),
        "x-enum-varnames": [
            f"{one.key.name}_DESCENDING" if one.descending else one.key.name for one in values.SORTS.values()
        ],
        "default": values.written_sort(NEWEST_FIRST),
    },
    convert=values.sort,
    write=values.written_sort,
    example="-duration",
)
"""The parameter for the order of the jobs."""

PAGING: Final = (
    Parameter(
        name="pageNumber",
        field="page",
        flag="--page",
        meaning="0 is the first page; ignored where there is a skiptoken.",
        schema={"type": "integer", "format": "int32", "minimum": 0, "maximum": INT32_MAX, "default": 0},
        convert=values.number_of(0, INT32_MAX),
        example="2",
    ),
    Parameter(
        name="pageSize",
        field="size",
        flag="--page-size",
        meaning=f"Jobs a page; 0 is the default, {DEFAULT_PAGE_SIZE}.",
        schema={
            "type": "integer",
            "format": "int32",
            "minimum": 0,
            "maximum": MAX_PAGE_SIZE,
            "default": DEFAULT_PAGE_SIZE,
        },
        convert=values.page_size,
        example="100",
    ),
)
"""The parameters for the page: its number and its size."""

TENANT: Final = Parameter(
    name="tenant",
    field="tenant",
    flag="--tenant",
    meaning="Whose jobs; for a provider's app, which may ask for several tenants. Or in the header Jobreport-Tenant.",
    schema={"type": "string"},
    convert=values.text_of(TEXT_LIMITS["origin"]),
    example="acme",
)
"""The parameter that names the tenant."""
TENANT_HEADER: Final = "Jobreport-Tenant"
"""The request header that names the tenant. The query string may name it instead."""

JOB_ID: Final = Parameter(
    name="jobId",
    field="job_id",
    flag="--job-id",
    meaning="The job ID, exactly.",
    schema={"type": "string", "minLength": 1, "maxLength": TEXT_LIMITS["job_id"]},
    convert=values.text_of(TEXT_LIMITS["job_id"]),
    example="IB20240822160048505",
    required=True,
)
"""The parameter with the ID of one job. In a path, some IDs do not work: many clients shorten `/api/jobs/..`, encoded
or not."""

MAX_SKIPTOKEN: Final = 32 * 1024
"""The longest skiptoken, in characters. Even the longest question (`MAX_QUESTION`) gives a shorter token."""
SKIPTOKEN: Final = Parameter(
    name="skiptoken",
    field="skiptoken",
    flag="--skiptoken",
    meaning=(
        "The nextLink of the last answer, for the page after it. It contains the question: leave out the other "
        "parameters, or repeat them unchanged. Only pageSize may change."
    ),
    schema={"type": "string", "maxLength": MAX_SKIPTOKEN},
    convert=values.text_of(MAX_SKIPTOKEN),
    example="BQ2kxJ0bqz4",
)
"""The parameter with the position of the next page, from the answer with the page before."""
