"""The keywords of a question, from which the parameters of generation 2 or the body of generation 1 are made."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final, Literal, TypeAlias, TypedDict, get_type_hints

from jobreport.contract.values import written_duration, written_sort
from jobreport.model import ticks
from jobreport.model.catalog import JobState, JobType, ServiceType
from jobreport.model.need import Standing
from jobreport.model.query import Sort

Time: TypeAlias = datetime | int | str
"""A datetime with a zone, .NET ticks, or ISO 8601 (generation 2 takes UTC where it names no zone)."""
Pairs: TypeAlias = Iterable[tuple[str, str]]
"""The names and values of a query string. A name may occur more than once."""


class FilterQuestion(TypedDict, total=False):
    """The filters of the query language, under their Python names. One that is left out or None does not filter."""

    search_text: str | None
    start_time: Time | None
    finish_time: Time | None
    service_type: ServiceType | int | str | Iterable[ServiceType | int | str] | None
    job_type: JobType | int | str | Iterable[JobType | int | str] | None
    state: JobState | int | str | Iterable[JobState | int | str] | None
    plan: str | Iterable[str] | None
    resource: str | Iterable[str] | None
    origin: str | Iterable[str] | None
    cause: str | Iterable[str] | None
    comments: str | None
    min_duration: timedelta | str | None
    min_failed: int | None
    ended_since: Time | None
    ended_until: Time | None
    tenant: str | None


class Question(FilterQuestion, total=False):
    """The query language's parameters, under their Python names. A parameter that is left out or None does not filter.

    A parameter with several values takes any iterable of them. Codes are sent as numbers, and texts as they are, so
    that the publisher's own cloud understands them; it knows the first five, and those here that name a page.
    """

    skiptoken: str | None
    sort: Sort | str | None
    page_number: int | None
    page_size: int | None


class ExportQuestion(Question, total=False):
    """A `Question` with the format of the file. An export has no pages, so parameters that name a page are refused."""

    format: Literal["csv", "ndjson", "xlsx", "parquet"]


class SeriesQuestion(TypedDict, total=False):
    """The parameters of a question about series, under their Python names; those of `Question` choose series here.

    `sort` is `name`, `lastGood` or `notGoodSince`, with a minus before it for descending. `at` is a time in the past.
    """

    search_text: str | None
    service_type: ServiceType | int | str | Iterable[ServiceType | int | str] | None
    job_type: JobType | int | str | Iterable[JobType | int | str] | None
    skiptoken: str | None
    state: JobState | int | str | Iterable[JobState | int | str] | None
    plan: str | Iterable[str] | None
    resource: str | Iterable[str] | None
    origin: str | Iterable[str] | None
    standing: Standing | str | Iterable[Standing | str] | None
    sort: str | None
    at: Time | None
    page_size: int | None
    tenant: str | None


class SummaryQuestion(FilterQuestion, total=False):
    """The parameters of a summary, under their Python names: which jobs it is about, and by what they are grouped.

    `by` names up to two groupings, in their order; `tz` is the zone of days; `with_` is what more is added up.
    """

    by: str | Iterable[str] | None
    tz: str | None
    with_: str | Iterable[str] | None


class ReportQuestion(TypedDict, total=False):
    """Generation 1's request, under its Python names. A field that is left out or None does not filter."""

    search_text: str | None
    start_time: Time | None
    finish_time: Time | None
    service_type: ServiceType | int | None
    job_type: JobType | int | None
    page_number: int | None
    page_size: int | None


KEYWORDS: Final = tuple(get_type_hints(Question))
EXPORT_KEYWORDS: Final = tuple(get_type_hints(ExportQuestion))
SERIES_KEYWORDS: Final = tuple(get_type_hints(SeriesQuestion))
SUMMARY_KEYWORDS: Final = tuple(get_type_hints(SummaryQuestion))
_REPORT_KEYWORDS: Final = tuple(get_type_hints(ReportQuestion))


def pairs_of(question: Mapping[str, Any], known: Collection[str] = KEYWORDS) -> list[tuple[str, str]]:
    """Returns the pairs of the query string. Raises ValueError for a time without a zone or a negative duration,
    TypeError for an unknown name.
    """
    _check(question, known)
    pairs: list[tuple[str, str]] = []
    for name, value in question.items():
        if value is None:
            continue
        several = value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
        pairs += [(_wire(name), _text(name, one)) for one in several]
    return pairs


def body_of(body: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, Any]:
    """Returns generation 1's body: `body`, in which the keywords replace fields. Raises the errors of `pairs_of`."""
    _check(question, _REPORT_KEYWORDS)
    given = {name: value for name, value in question.items() if value is not None}
    page = {_wire(name): given.pop(name) for name in ("page_number", "page_size") if name in given}
    said = {_wire(name): _in_ticks(name, value) if name in _TIMES else value for name, value in given.items()}
    if page:
        said["pagination"] = page
    over = {name.casefold() for name in said}
    return {name: value for name, value in body.items() if name.casefold() not in over} | said


_TIMES: Final = ("start_time", "finish_time")


def _check(question: Mapping[str, Any], known: Collection[str]) -> None:
    for name in question:
        if name not in known:
            raise TypeError(f"{name!r} is no keyword of a question; there are {', '.join(known)}")


def _wire(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _text(name: str, value: object) -> str:
    match value:
        case IntEnum():
            return str(int(value))
        case datetime():
            return ticks.to_iso(_in_ticks(name, value))
        case timedelta():
            if value < timedelta():
                raise ValueError(f"{name} must not be negative")
            return written_duration(value // timedelta(microseconds=1) * 10)
        case Sort():
            return written_sort(value)
    return str(value)


def _in_ticks(name: str, value: Time) -> int:
    try:
        if isinstance(value, datetime):
            return ticks.from_datetime(value)
        return ticks.from_iso(value, zone=UTC) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
