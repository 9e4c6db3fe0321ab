"""Reads the request of generation 1: which jobs its body asks for, with every fault named.

A value that a .NET client leaves unset (0, an empty text, null) counts as left out (contract, "unset values").
"""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeVar

from jobreport.contract.job_document import describe, unknown_field
from jobreport.model import ticks
from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES
from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.model.job import INT32_MAX
from jobreport.model.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_SEARCH, JobFilter, JobQuery

E = TypeVar("E", bound=IntEnum)


def parse_query(document: Any) -> JobQuery:
    """Returns the query that a decoded body describes. Raises InvalidInputError, which names every field at fault."""
    faults: list[FieldError] = []
    fields = _read(document, "", _REQUEST, faults)
    page = _read(fields.pop("pagination"), "pagination", _PAGINATION, faults) if "pagination" in fields else {}
    since, until = fields.get("since"), fields.get("until")
    if since is not None and until is not None and since > until:
        faults.append(FieldError("startTime", "must not lie after finishTime"))
    if faults:
        raise InvalidInputError(faults)
    return JobQuery(where=JobFilter(**fields), **page)


class _Field(NamedTuple):
    """A field of a request: its name in the query, and the function that converts its value."""

    name: str
    convert: Callable[[Any], Any]


def _read(document: Any, at: str, fields: Mapping[str, _Field], faults: list[FieldError]) -> dict[str, Any]:
    """Returns the values of an object's fields, by the query's names, without unset values."""
    if not isinstance(document, dict):
        faults.append(FieldError(at, f"must be a JSON object, not {describe(document)}"))
        return {}
    values: dict[str, Any] = {}
    for given, field, value in _entries(document, fields):
        if len(faults) > MAX_FAULTS:
            break
        if field is None:
            # The most likely mistake: the name is correct, but belongs into a nested object.
            elsewhere = [f"pagination.{name}" for name in _PAGINATION] if "pagination" in fields else []
            faults.append(unknown_field(given, [*fields, *elsewhere], at))
            continue
        if value is None:
            continue
        try:
            converted = field.convert(value)
        except ValueError as error:
            faults.append(FieldError(f"{at}.{given}" if at else given, str(error)))
        else:
            if converted is not None:
                values[field.name] = converted
    return values


def _entries(document: dict[str, Any], fields: Mapping[str, _Field]) -> Iterable[tuple[str, _Field | None, Any]]:
    """Returns the names as they were given, the field that each means, and its value."""
    if document.keys() <= fields.keys():
        return [(name, fields[name], value) for name, value in document.items()]
    known = {name.casefold(): field for name, field in fields.items()}
    # If a name occurs in two spellings, the last one counts (contract, "a name twice").
    latest = {given.casefold(): (given, value) for given, value in document.items()}
    return [(given, known.get(folded), value) for folded, (given, value) in latest.items()]


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a whole number, not {describe(value)}")
    return value


def _search(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {describe(value)}")
    if len(value) > MAX_SEARCH:
        raise ValueError(f"has {len(value)} characters; at most {MAX_SEARCH} are searched for")
    return value or None


def _since(value: Any) -> int | None:
    number = _integer(value)
    return ticks.check(number) if number else None


def _until(value: Any) -> int | None:
    number = _integer(value)
    if number == 0 or ticks.YEAR_9999 <= number < 2**63:
        return None
    return ticks.check(number)


def _one_of(codes: tuple[E, ...]) -> Callable[[Any], tuple[E] | None]:
    allowed = ", ".join(f"{member.value} ({member.name})" for member in codes)
    by_code = {member.value: (member,) for member in codes}

    def convert(value: Any) -> tuple[E] | None:
        number = value if isinstance(value, int) and not isinstance(value, bool) else -1
        if number and number not in by_code:
            raise ValueError(f"must be one code of these: {allowed}; or 0 for any")
        return by_code.get(number)

    return convert


def _page_number(value: Any) -> int:
    if not 0 <= (number := _integer(value)) <= INT32_MAX:
        raise ValueError(f"must be from 0 (the first page) to {INT32_MAX}")
    return number


def _page_size(value: Any) -> int:
    if not 0 <= (number := _integer(value)) <= MAX_PAGE_SIZE:
        raise ValueError(f"must be from 1 to {MAX_PAGE_SIZE}")
    return number or DEFAULT_PAGE_SIZE


def _anything(value: Any) -> Any:
    return value


_REQUEST: Final = {
    "searchText": _Field("search", _search),
    "startTime": _Field("since", _since),
    "finishTime": _Field("until", _until),
    "serviceType": _Field("services", _one_of(GENERATION_1_SERVICES)),
    "jobType": _Field("types", _one_of(GENERATION_1_TYPES)),
    "pagination": _Field("pagination", _anything),
}
_PAGINATION: Final = {
    "pageNumber": _Field("page", _page_number),
    "pageSize": _Field("size", _page_size),
}
