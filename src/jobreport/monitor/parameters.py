"""The parameters of the pages with lists: those of the API's query language, with times in the tenant's zone.

An address of the API means UTC where a time names no zone; a person who types 18:00 means the local one. So a page
takes what is typed in the tenant's zone, and sends the browser on to the address that says the same for everybody.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from jobreport.contract import series as of_series
from jobreport.contract import spoken_times, values
from jobreport.contract.parameters import FILTERS, PAGING, SORT, TENANT, Parameter
from jobreport.contract.query_language import Pairs, list_query, read, written_as
from jobreport.export.formats import FORMAT, Format
from jobreport.model import ticks
from jobreport.model.query import JobQuery
from jobreport.model.series_query import SeriesQuery

PAGE_SIZES: Final = (50, 100, 200)
"""How many rows a page may have. The first is the default."""

Q = TypeVar("Q", JobQuery, SeriesQuery)
_BOUNDS: Final[dict[str, Callable[..., int | None]]] = {
    "since": values.since,
    "ended_since": values.since,
    "at": values.since,
    "until": values.until,
    "ended_until": values.until,
}


def _size(text: str) -> int | None:
    size = values.page_size(text)
    if size and size not in PAGE_SIZES:
        raise ValueError(f"must be one of {', '.join(map(str, PAGE_SIZES))}")
    return size


def _of_page(parameter: Parameter) -> Parameter:
    if parameter.field == "size":
        return replace(parameter, convert=_size)
    if parameter.field == "min_duration":
        return replace(parameter, convert=_length, write=_written_duration)
    return replace(parameter, write=written_time) if parameter.field in _BOUNDS else parameter


def _length(text: str) -> int | None:
    """Returns a length of time that is typed, in ticks: `1h30m`, or as the API takes it."""
    found = spoken_times.seconds(text)
    try:
        return values.duration(text) if found is None else min(found * ticks.PER_SECOND, ticks.YEAR_2200)
    except ValueError:
        raise ValueError("must be a length of time such as 90m or 1h30m") from None


def written_time(moment: int) -> str:
    """Returns a time (ticks) as an address has it: ISO 8601 in UTC, with a fraction of the second if it has one."""
    return ticks.to_iso(moment, digits=7 if moment % ticks.PER_SECOND else 0)


def _written_duration(length: int) -> str:
    return values.written_duration(length) if length % ticks.PER_SECOND else ticks.duration(0, length)


JOBS: Final = tuple(map(_of_page, (*FILTERS, SORT, *PAGING)))
"""The parameters of the page of jobs."""
SERIES: Final = tuple(map(_of_page, (*of_series.FILTERS_OF_SERIES, of_series.SORT, of_series.AT, of_series.PAGE_SIZE)))
"""The parameters of the page of series."""
PLAIN_JOBS: Final = JobQuery(size=PAGE_SIZES[0])
PLAIN_SERIES: Final = SeriesQuery(size=PAGE_SIZES[0])


def job_query(pairs: Pairs, zone: str, now: int) -> JobQuery:
    """Returns the question for jobs. Raises InvalidInputError, which names every parameter at fault."""
    return list_query({"size": PLAIN_JOBS.size, **_read(pairs, JOBS, zone, now)})


def series_query(pairs: Pairs, zone: str, now: int) -> SeriesQuery:
    """Returns the question for series. Raises InvalidInputError, which names every parameter at fault."""
    return of_series.series_query({"size": PLAIN_SERIES.size, **_read(pairs, SERIES, zone, now)})


def export_query(pairs: Pairs, zone: str, now: int) -> tuple[JobQuery, Format | None]:
    """Returns the question for all jobs of a file, and the form of the file; None if it names none."""
    given = _read(pairs, (FORMAT, *JOBS), zone, now)
    form = given.pop(FORMAT.field, None)
    return list_query(given), form


def written_jobs(query: JobQuery) -> list[tuple[str, str]]:
    """Returns the parameters that say the question, without those that have their defaults."""
    return written_as(query, PLAIN_JOBS, JOBS)


def written_series(query: SeriesQuery) -> list[tuple[str, str]]:
    """Returns the parameters that say the question, without those that have their defaults."""
    return written_as(query, PLAIN_SERIES, SERIES)


def of_question(pairs: Pairs) -> list[tuple[str, str]]:
    """Returns the pairs without the one that names the tenant. It is read before the others, since the zone is its."""
    return [(name, text) for name, text in pairs if name.casefold() != TENANT.name]


def _read(pairs: Pairs, parameters: Iterable[Parameter], zone: str, now: int) -> dict[str, Any]:
    return read(pairs, [_in_zone(parameter, zone, now) for parameter in parameters])


def _in_zone(parameter: Parameter, zone: str, now: int) -> Parameter:
    convert = _BOUNDS.get(parameter.field)
    return replace(parameter, convert=partial(_local, convert=convert, zone=zone, now=now)) if convert else parameter


def _local(text: str, convert: Callable[..., int | None], zone: str, now: int) -> int | None:
    """Returns a time that is typed, in ticks; `convert` knows which end of a day is meant. In words, as the command
    line takes them, it is about `now` (ticks).
    """
    typed = text.strip()
    ago = spoken_times.seconds(typed.removesuffix("ago"))
    if ago is not None:
        return convert(str(now - ago * ticks.PER_SECOND))
    here = ZoneInfo(zone)
    said = spoken_times.read(typed, ticks.to_datetime(now).astimezone(here).replace(tzinfo=None))
    if isinstance(said, datetime):
        return convert(str(ticks.from_datetime(said.replace(tzinfo=here))))
    if said:
        return convert(said.isoformat(), zone)
    try:
        if " " not in typed and "T" not in typed.upper():
            return convert(typed, zone)
        return convert(ticks.to_iso(ticks.from_iso(typed, zone=here)))
    except ValueError as error:
        words = "or a day alone, such as 2026-11-23; or words, such as yesterday, 7d or last monday 18:00"
        raise ValueError(f"{error}; {words}") from None
