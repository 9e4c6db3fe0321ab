"""The query language: reads the parameters of a question as a query, and writes a query as its parameters.

Query strings and the flags of commands are read by it; `jobreport.contract.parameters` has the table.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from jobreport.contract.job_document import unknown_field
from jobreport.contract.parameters import FILTERS, PAGING, SKIPTOKEN, SORT, TENANT, Parameter
from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.model.incident_query import IncidentQuery
from jobreport.model.query import JobFilter, JobQuery
from jobreport.model.series_query import SeriesQuery

__all__ = [
    "FILTERS",
    "MAX_QUESTION",
    "PAGING",
    "SKIPTOKEN",
    "SORT",
    "TENANT",
    "Pairs",
    "Parameter",
    "job_filter",
    "list_query",
    "read",
    "value_of",
    "written",
    "written_as",
]

Q = TypeVar("Q", JobQuery, SeriesQuery, IncidentQuery)

MAX_QUESTION: Final = 16 * 1024
"""The longest question, in bytes: all names and values together."""

_RANGES: Final = (
    (("since", "until"), "startTime", "finishTime"),
    (("ended_since", "ended_until"), "endedSince", "endedUntil"),
)

Pairs = Iterable[tuple[str, str]]
"""Names and values in the order of the request. A name may occur more than once."""


def read(pairs: Pairs, parameters: Iterable[Parameter]) -> dict[str, Any]:
    """Returns the given values by their fields. A value that counts as left out, such as an empty text, is not there.

    Names are matched without regard to case. Raises InvalidInputError, which names every parameter at fault, and for an
    unknown name suggests the nearest one.
    """
    known = {parameter.name.casefold(): parameter for parameter in parameters}
    given: dict[str, list[str]] = {}
    faults: list[FieldError] = []
    for name, text in pairs:
        if len(faults) > MAX_FAULTS:
            break
        if parameter := known.get(name.casefold()):
            given.setdefault(parameter.name, []).append(text)
        else:
            names = [parameter.name for parameter in known.values()]
            faults.append(unknown_field(name, names, kind="parameter"))
    values: dict[str, Any] = {}
    for name, texts in given.items():
        parameter = known[name.casefold()]
        try:
            value = _several(parameter, texts) if parameter.several else _one(parameter, texts)
        except ValueError as error:
            faults.append(FieldError(name, str(error)))
        else:
            if value is not None:
                values[parameter.field] = value
    for (since, until), first, last in _RANGES:
        if values.get(since) is not None and values.get(until) is not None and values[since] > values[until]:
            faults.append(FieldError(first, f"must not lie after {last}"))
    if faults:
        raise InvalidInputError(faults)
    return values


def _one(parameter: Parameter, texts: list[str]) -> Any:
    if len(texts) > 1:
        raise ValueError(f"is there {len(texts)} times; it takes one value")
    return parameter.convert(texts[0])


def _several(parameter: Parameter, texts: list[str]) -> tuple[Any, ...] | None:
    """Returns the values without repetitions, and sorted if their order has no meaning, so that equal questions are
    equal values.
    """
    parts = [part.strip() for text in texts for part in text.split(",")] if parameter.listed else texts
    if len(parts) > parameter.most:
        raise ValueError(f"has {len(parts)} values; at most {parameter.most} are taken")
    values = dict.fromkeys(value for part in parts if (value := parameter.convert(part)) is not None)
    return tuple(values if parameter.ordered else sorted(values)) or None


def job_filter(found: Mapping[str, Any]) -> JobFilter:
    """Returns the filter for jobs that the values of `read` describe."""
    return JobFilter(**{name: found[name] for name in JobFilter.__struct_fields__ if name in found})


def list_query(found: Mapping[str, Any]) -> JobQuery:
    """Returns the filter, the order and the page that the values of `read` describe."""
    more = {name: found[name] for name in ("sort", "page", "size") if name in found}
    return JobQuery(where=job_filter(found), **more)


def written(query: JobQuery) -> list[tuple[str, str]]:
    """Returns the parameters from which `read` makes the query, except those with their default values. The position of
    a page (`after`) has no parameter.
    """
    return written_as(query, JobQuery(), (*FILTERS, SORT, *PAGING))


def written_as(query: Q, plain: Q, parameters: Iterable[Parameter]) -> list[tuple[str, str]]:
    """Returns these parameters of a query, except those that are as in the query `plain`."""
    pairs: list[tuple[str, str]] = []
    for parameter in parameters:
        value = value_of(query, parameter)
        if value == value_of(plain, parameter):
            continue
        every = [parameter.write(one) for one in (value if parameter.several else (value,))]
        texts = [",".join(every)] if parameter.listed else every
        pairs += [(parameter.name, text) for text in texts]
    return pairs


def value_of(query: JobQuery | SeriesQuery | IncidentQuery, parameter: Parameter) -> Any:
    """Returns the value that a query has for a parameter."""
    where = query.where
    return getattr(where if parameter.field in where.__struct_fields__ else query, parameter.field)
