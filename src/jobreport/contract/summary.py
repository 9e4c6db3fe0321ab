"""`GET /api/summary` in HTTP: the parameters of a question about groups of jobs, and the document of its answer."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from jobreport.contract.completeness import Reported
from jobreport.contract.query_language import FILTERS, Pairs, Parameter, job_filter, read, written
from jobreport.contract.values import since, until
from jobreport.model import nights, zones
from jobreport.model.errors import InvalidInputError
from jobreport.model.nights import NightHours
from jobreport.model.query import JobQuery
from jobreport.model.spelling import meant
from jobreport.model.summary import MAX_GROUPS, MAX_KEYS, TIMES, Key, More, SummaryQuery

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def _member_of(members: type[E]) -> Callable[[str], E | None]:
    def convert(text: str) -> E | None:
        if text and text.lower() not in list(members):
            raise ValueError(meant(text, members, f"must be of {', '.join(members)}"))
        return members(text.lower()) if text else None

    return convert


BY: Final = Parameter(
    name="by",
    field="by",
    flag="--by",
    meaning=(
        f"What the jobs are grouped by: one or two of {', '.join(Key)}; the groups are in this order. "
        "night: nights of the tenant, of jobs that have ended only; not together with another time. Left out: only the "
        "total."
    ),
    schema={"type": "string", "enum": list(Key)},
    convert=_member_of(Key),
    example="day,state",
    most=MAX_KEYS,
    listed=True,
    ordered=True,
)
TIME_ZONE: Final = Parameter(
    name="tz",
    field="zone",
    flag="--tz",
    meaning=(
        "The time zone of days, hours, weeks and months, by its name in the IANA database. A startTime or finishTime "
        "that is a day without a time is a day in it, too. Nights are in the tenant's own zone."
    ),
    schema={"type": "string", "default": zones.DEFAULT},
    convert=zones.named,
    example="Europe/Berlin",
)
WITH: Final = Parameter(
    name="with",
    field="more",
    flag="--with",
    meaning=(
        "What is told beside the numbers of jobs: objects and bytes (sums), last (the newest success and the newest "
        "failure). The jobs are read for it, so it takes longer."
    ),
    schema={"type": "string", "enum": list(More)},
    convert=_member_of(More),
    example="objects,bytes,last",
    most=len(More),
    listed=True,
)
PARAMETERS: Final = (*FILTERS, BY, TIME_ZONE, WITH)


def summary_query(
    pairs: Pairs, parameters: tuple[Parameter, ...] = PARAMETERS, hours: NightHours = nights.DEFAULT
) -> SummaryQuery:
    """Returns the question that these names and values describe. Raises InvalidInputError, which names every one at
    fault.

    `hours` says when the tenant's nights begin; it matters only to a question by night. A date without a time is a day
    of the question's own time zone, like the days of its answer.
    """
    pairs = [*pairs]
    by = _read_alone(pairs, BY, ())
    by_night = Key.NIGHT in by
    zone = hours.zone if by_night else _read_alone(pairs, TIME_ZONE, zones.DEFAULT)
    values = read(pairs, [_in_zone(parameter, zone) for parameter in parameters])
    if by_night and TIMES.intersection(by) != {Key.NIGHT}:
        raise InvalidInputError.of("by", "takes no other time beside night, since a night is that of the end of a job")
    if by_night and TIME_ZONE.field in values:
        raise InvalidInputError.of(
            TIME_ZONE.name, "does not go with by=night: nights are in the tenant's own time zone"
        )
    given = {name: values[name] for name in ("by", "more") if name in values}
    return SummaryQuery(where=job_filter(values), zone=zone, night=hours.minute, **given)


def _read_alone(pairs: Pairs, parameter: Parameter, default: T) -> T:
    """Returns the value of one parameter; the default if it is not given, or if what is given is at fault."""
    given = [pair for pair in pairs if pair[0].casefold() == parameter.name]
    try:
        value: T = read(given, [parameter]).get(parameter.field, default)
    except InvalidInputError:
        return default
    return value


def _in_zone(parameter: Parameter, zone: str) -> Parameter:
    """Returns the parameter, changed to read a date without a time as a day of this zone."""
    convert = {"since": since, "ended_since": since, "until": until, "ended_until": until}.get(parameter.field)
    return replace(parameter, convert=partial(convert, zone=zone)) if convert else parameter


def filters(query: SummaryQuery) -> dict[str, list[str]]:
    """Returns the given filters except the times, by the query language's names, with their values as texts."""
    found: dict[str, list[str]] = {}
    for name, text in written(JobQuery(where=query.where)):
        if name not in ("startTime", "finishTime"):
            found.setdefault(name, []).append(text)
    return found


_INT64: Final = {"format": "int64"}
_DATE_TIME: Final = {"format": "date-time"}
Number = Annotated[int, Meta(extra_json_schema=_INT64)]
Time = Annotated[str, Meta(extra_json_schema=_DATE_TIME)]


class Objects(msgspec.Struct, frozen=True):
    """The sums of the jobs' objects. They may pass 2^53."""

    failed: Number
    successful: Number
    skipped: Number
    total: Number


class Tally(msgspec.Struct, frozen=True, rename="camel"):
    """The numbers of a group of jobs. `objects`, `bytes`, `lastSuccess` and `lastFailure`: only if `with` asks for
    them.
    """

    jobs: Annotated[int, Meta(description="How many jobs, exactly.")]
    successful_jobs: Annotated[int, Meta(description="Those in state Successful.")]
    unsuccessful_jobs: Annotated[int, Meta(description="Those in state Exception, Failed or Stopped.")]
    success_rate: Annotated[
        float | None,
        Meta(
            description="successfulJobs / (successfulJobs + unsuccessfulJobs), 0 to 1; null where both are 0. Jobs "
            "that have not ended, and Skipped ones, do not count."
        ),
    ]
    objects: Objects | UnsetType = UNSET
    bytes: Annotated[int, Meta(description="The sum; it may pass 2^63.")] | UnsetType = UNSET
    last_success: (
        Annotated[str | None, Meta(description="The start of the newest Successful job.", extra_json_schema=_DATE_TIME)]
        | UnsetType
    ) = UNSET
    last_failure: (
        Annotated[
            str | None,
            Meta(
                description="The start of the newest job in state Exception, Failed or Stopped.",
                extra_json_schema=_DATE_TIME,
            ),
        ]
        | UnsetType
    ) = UNSET


class Group(Tally, frozen=True, rename="camel"):
    """The jobs that have the same value of each key of `by`. Only the keys of `by` are present."""

    day: Annotated[str, Meta(description="In the time zone of the answer.", extra_json_schema={"format": "date"})] | (
        UnsetType
    ) = UNSET
    hour: (
        Annotated[
            str,
            Meta(
                description="Where the hour begins, with its offset from UTC: an hour that a change of the clocks "
                "repeats is two."
            ),
        ]
        | UnsetType
    ) = UNSET
    week: Annotated[str, Meta(description="ISO 8601, such as 2026-W48: it begins on Monday.")] | UnsetType = UNSET
    month: Annotated[str, Meta(description="ISO 8601, such as 2026-11.")] | UnsetType = UNSET
    night: (
        Annotated[str, Meta(description="The day on which the night began.", extra_json_schema={"format": "date"})]
        | UnsetType
    ) = UNSET
    service: Annotated[str, Meta(description="The name of the code.")] | UnsetType = UNSET
    type: Annotated[str, Meta(description="The name of the code.")] | UnsetType = UNSET
    state: Annotated[str, Meta(description="The name of the code.")] | UnsetType = UNSET
    plan: Annotated[str, Meta(description="Empty: of jobs that name none.")] | UnsetType = UNSET
    resource: Annotated[str, Meta(description="Empty: of jobs that name none.")] | UnsetType = UNSET
    origin: Annotated[str, Meta(description="Empty: of jobs that name none.")] | UnsetType = UNSET
    cause: Annotated[str, Meta(description="The code of it. Empty: of jobs that have none.")] | UnsetType = UNSET
    cause_text: Annotated[str, Meta(description="The cause in words.")] | UnsetType = UNSET


class Coverage(msgspec.Struct, frozen=True, rename="camel"):
    """The question that an answer is about, and the range of its jobs."""

    start_time: Annotated[
        str | None, Meta(description="The lower end of the range; null: open.", extra_json_schema=_DATE_TIME)
    ]
    finish_time: Annotated[
        str | None, Meta(description="The upper end of the range; null: open.", extra_json_schema=_DATE_TIME)
    ]
    bounded: Annotated[bool, Meta(description="Whether both ends are given.")]
    first_job: Annotated[
        str | None,
        Meta(
            description="Start or due time of the tenant's oldest job; null: it has none.", extra_json_schema=_DATE_TIME
        ),
    ]
    last_job: Annotated[
        str | None, Meta(description="Start or due time of the tenant's newest job.", extra_json_schema=_DATE_TIME)
    ]
    time_zone: Annotated[str, Meta(description="Of days, hours, weeks, months and nights.")]
    by: list[Key]
    filters: Annotated[
        dict[str, list[str]], Meta(description="Every other filter that is given, as the query language writes it.")
    ]
    as_of: Annotated[str, Meta(description="When it was answered.", extra_json_schema=_DATE_TIME)]
    night: (
        Annotated[str, Meta(description="With by=night: the local time at which the tenant's nights begin.")]
        | UnsetType
    ) = UNSET


class Summary(Reported, frozen=True):
    """The range, the numbers of all jobs together, and every group that has a job, in order."""

    covers: Coverage
    total: Tally
    groups: Annotated[list[Group], Meta(description=f"Every one; where they are more than {MAX_GROUPS:,}, 400.")]
