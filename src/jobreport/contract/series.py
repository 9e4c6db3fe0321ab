"""`GET /api/series` in HTTP: the parameters of a question about series. Its filters are those of the query language."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from jobreport.contract.paging import Listing
from jobreport.contract.parameters import FILTERS, PAGING, SKIPTOKEN, Parameter
from jobreport.contract.values import number_of, since
from jobreport.model import ticks
from jobreport.model.errors import InvalidInputError
from jobreport.model.need import Standing
from jobreport.model.query import DEFAULT_PAGE_SIZE
from jobreport.model.series_query import MAX_PAGE_SIZE, SeriesFilter, SeriesKeys, SeriesQuery, SeriesSort

SORTS: Final = {f"{sign}{key}": SeriesSort(key, bool(sign)) for key in SeriesKeys for sign in ("", "-")}
"""Each order of series by its name. A minus before the name means descending."""
_SORTS_FOLDED: Final = {name.casefold(): sort for name, sort in SORTS.items()}
_MEANINGS: Final = {
    "searchText": "A part of the plan or of the resource, whatever the case.",
    "serviceType": "Series of this service, by code or name. For several, put commas between them or repeat it.",
    "jobType": "Series of jobs of this type, by code or name. For several, put commas between them or repeat it.",
    "state": "Series whose newest job that has ended is in this state. For several, put commas or repeat it.",
    "plan": "Series of the plan with this name. The whole name, exactly. For several, repeat it.",
    "resource": "Series that protect this resource. The whole name, exactly. For several, repeat it.",
    "origin": "Series that this connector or runner reports. The whole name, exactly. For several, repeat it.",
}
_OF_JOBS: Final = {parameter.name: parameter for parameter in (*FILTERS, *PAGING)}


def _sort(text: str) -> SeriesSort | None:
    if text and text.casefold() not in _SORTS_FOLDED:
        raise ValueError(f"must be one of {', '.join(SORTS)}; a minus before it is for descending")
    return _SORTS_FOLDED[text.casefold()] if text else None


def _written_sort(order: SeriesSort) -> str:
    return f"{'-' if order.descending else ''}{order.key}"


_size: Final = number_of(0, MAX_PAGE_SIZE)


def _page_size(text: str) -> int | None:
    return _size(text) or None


_STANDINGS_FOLDED: Final = {one.casefold(): one for one in Standing}


def _standing(text: str) -> Standing | None:
    if text and text.casefold() not in _STANDINGS_FOLDED:
        raise ValueError(f"must be one of {', '.join(Standing)}")
    return _STANDINGS_FOLDED[text.casefold()] if text else None


STANDING: Final = Parameter(
    name="standing",
    field="standings",
    flag="--standing",
    meaning=(
        "Series that now stand so, by their verdict, as the monitor counts them. needsYou: not good, not started, too "
        "old, too long, shrunk or without data, and nobody looks after it yet; inHands: the same, but somebody looks "
        "after it; notJudged: nothing failed, but there never was a good copy; noRhythm: the copy is old, but there "
        "are too few jobs to know how old it may become; maintenance: something is wrong in a maintenance window; "
        "retired: it no longer runs, on purpose. For several, put commas between them or repeat it. Not together with "
        "at."
    ),
    schema={"type": "string", "enum": list(Standing)},
    convert=_standing,
    example="needsYou",
    most=len(Standing),
    listed=True,
)
FILTERS_OF_SERIES: Final = (
    *(replace(_OF_JOBS[name], meaning=meaning) for name, meaning in _MEANINGS.items()),
    STANDING,
)
"""The parameters that choose series."""
SORT: Final = Parameter(
    name="sort",
    field="sort",
    flag="--sort",
    meaning=(
        "The order, descending with a minus before it. name: plan and resource; lastGood: the end of the last good "
        "job, first those that never had one; notGoodSince: series that are good come last, in both directions."
    ),
    schema={
        "type": "string",
        "enum": list(SORTS),
        "x-enum-varnames": [f"{one.key.name}_DESCENDING" if one.descending else one.key.name for one in SORTS.values()],
        "default": _written_sort(SeriesSort()),
    },
    convert=_sort,
    write=_written_sort,
    example="lastGood",
)
AT: Final = Parameter(
    name="at",
    field="at",
    flag="--at",
    meaning=(
        "How each series stood at this time, by what is known today of the jobs that had started or ended by then: "
        "ISO 8601, UTC where no zone is named, or .NET ticks; a day alone is its first moment. All jobs up to then "
        "are read for it."
    ),
    schema=_OF_JOBS["startTime"].schema,
    convert=since,
    write=ticks.to_iso,
    example="2026-11-23T08:00:00Z",
)
PAGE_SIZE: Final = replace(
    _OF_JOBS["pageSize"],
    meaning=f"Series a page; 0 is the default, {DEFAULT_PAGE_SIZE}.",
    schema={**_OF_JOBS["pageSize"].schema, "maximum": MAX_PAGE_SIZE},
    convert=_page_size,
)
PARAMETERS: Final = (*FILTERS_OF_SERIES, SORT, AT, PAGE_SIZE, SKIPTOKEN)


def series_query(found: Mapping[str, Any]) -> SeriesQuery:
    """Returns the question that the values of `query_language.read` describe. Raises InvalidInputError if it asks how
    series stood at a time for which that is not known.
    """
    if found.get("standings") and found.get("at") is not None:
        raise InvalidInputError.of(STANDING.name, "is only known of now; leave at out")
    where = SeriesFilter(**{name: found[name] for name in SeriesFilter.__struct_fields__ if name in found})
    return SeriesQuery(where=where, **{name: found[name] for name in ("sort", "at", "size") if name in found})


SERIES: Final = Listing("series", (*FILTERS_OF_SERIES, SORT, AT), (PAGE_SIZE,), series_query)
"""The list of series."""
