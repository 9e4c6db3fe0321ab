"""Reads a job from the JSON of the write side (`POST /api/jobs`), naming every fault, and writes a job as such JSON."""

import json
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Final, TypeVar

import msgspec

from jobreport.contract.job_fields import FIELDS, NAMES, FieldKind, JobField
from jobreport.model import ticks
from jobreport.model.errors import MAX_FAULTS, FieldError, InvalidInputError
from jobreport.model.job import Job, check
from jobreport.model.sees import Sees
from jobreport.model.spelling import meant, nearest

E = TypeVar("E", bound=IntEnum)

_MAX_NAME: Final = 100  # characters of an unknown name that a message repeats
_FIELDS: Final = {field.wire: field for field in FIELDS}


def job_from_wire(document: object, *, now: int) -> Job:
    """Returns the job that a decoded JSON object describes. If the object has no `jobId`, the job's ID is empty.

    `now` (ticks) is the upper limit of `observedAt`, for senders whose clock is fast; a missing `observedAt` stays
    unset. Raises InvalidInputError, which names every fault. Rules: the write side's documentation,
    `jobreport.model.job`.
    """
    if not isinstance(document, Mapping):
        raise InvalidInputError.of("", "must be a JSON object that describes one job")
    faults: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in document.items():
        if len(faults) > MAX_FAULTS:
            break
        field = _FIELDS.get(name)
        if field is None:
            faults.append(unknown_field(name, _FIELDS))
        elif value is not None:
            try:
                values[field.name] = _value(field, value)
            except ValueError as error:
                faults.append(FieldError(name, str(error)))
    faults.extend(
        FieldError(field.wire, "is required") for field in FIELDS if field.required and document.get(field.wire) is None
    )
    if document.get("jobId") == "":
        faults.append(FieldError("jobId", "must not be empty; leave it out and one is made"))
    if faults:
        raise InvalidInputError(faults)
    if "total" not in values:
        values["total"] = sum(values.get(field, 0) for field in ("failed", "successful", "skipped"))
    values["observed"] = min(values.get("observed", 0), now)
    nameless = "job_id" not in values
    job = check(Job(**{"job_id": "-", **values}), NAMES)
    return job.evolve(job_id="") if nameless else job


def job_to_wire(job: Job) -> dict[str, object]:
    """Returns the JSON object of `job`: codes as numbers, times as ticks, and without fields that
    have their default.
    """
    document: dict[str, object] = {}
    for field in FIELDS:
        value = getattr(job, field.name)
        if field.kind is FieldKind.RECORD:
            if value:
                document[field.wire] = msgspec.Raw(value.encode())
        elif field.kind is FieldKind.CODE:
            document[field.wire] = int(value)
        elif field.kind is FieldKind.SEES:
            if value is not Sees.RUNS:
                document[field.wire] = str(value)
        elif value or field.name == "total":
            document[field.wire] = value
    return document


def _value(field: JobField, value: object) -> object:
    """Returns `value` as the type that `field` has in a `Job`. Raises ValueError with a message for people."""
    match field.kind:
        case FieldKind.CODE:
            assert field.codes is not None
            return code(field.codes, value)
        case FieldKind.TIME:
            return moment(value)
        case FieldKind.RECORD:
            return record_text(value)
        case FieldKind.SEES:
            return sees(value)
        case FieldKind.NUMBER:
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"must be a whole number, not {describe(value)}")
            # If the model has a lower limit, the model reports the fault.
            if not 0 <= value <= field.width:
                raise ValueError(f"must be from 0 to {field.width}")
            return value
        case FieldKind.TEXT:
            if not isinstance(value, str):
                raise ValueError(f"must be a text, not {describe(value)}")
            return value


def code(codes: type[E], value: object) -> E:
    """Returns the member of `codes` with this number or name (case does not matter). Raises ValueError that lists the
    allowed ones.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return codes(value)
        except ValueError:
            pass
    elif isinstance(value, str):
        wanted = value.casefold()
        for member in codes:
            if member.name.casefold() == wanted:
                return member
    allowed = ", ".join(f"{member.name} {member.value}" for member in codes)
    name = value if isinstance(value, str) else ""
    names = (member.name for member in codes)
    raise ValueError(meant(name, names, f"must be one of these names or codes: {allowed}"))


def sees(value: object) -> Sees:
    """Returns what this word says (case does not matter). Raises ValueError that lists the words."""
    word = value if isinstance(value, str) else ""
    try:
        return Sees(word.casefold())
    except ValueError:
        raise ValueError(meant(word, Sees, f"must be one of {', '.join(Sees)}")) from None


def moment(value: object) -> int:
    """Returns the ticks of an ISO 8601 text with a zone, or of a number of ticks; 0 is unset (contract, "unset
    values").

    Raises ValueError with a message for people.
    """
    if isinstance(value, str):
        time = ticks.from_iso(value)
        if not ticks.UNIX_EPOCH <= time < ticks.YEAR_2200:
            raise ValueError("lies outside the years 1970 to 2199")
        return time
    if isinstance(value, int) and not isinstance(value, bool):
        return value and ticks.check(value)
    raise ValueError(f"must be ISO 8601 with a zone, or .NET ticks, not {describe(value)}")


def record_text(value: object) -> str:
    """Returns the origin's own record in the form in which a job stores it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def describe(value: object) -> str:
    """Returns the kind of JSON that `value` is, in the words of an error message."""
    if value is None:
        return "null"
    kinds = (
        (bool, "a boolean"),
        (int, "a number"),
        (float, "a fraction"),
        (str, "a text"),
        (list, "an array"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "an object")


def unknown_field(name: str, known: Iterable[str], at: str = "", *, kind: str = "field") -> FieldError:
    """Returns the fault of a field that does not exist, in the object at `at`; it suggests the field with the nearest
    name.
    """
    if len(name) > _MAX_NAME:
        name = f"{name[: _MAX_NAME - 1]}…"
    return FieldError(f"{at}.{name}" if at else name, _unknown(name, known, kind))


def _unknown(name: str, known: Iterable[str], kind: str) -> str:
    names = [*known]
    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(names)}"
    return f"is not a known {kind}; {hint}"
