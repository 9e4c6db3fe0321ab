"""Reads a job from a line of JSON that is plainly well-formed, in a tenth of the time of the careful reader.

Most lines are well-formed. The types and limits below let the JSON decoder itself check that. A line that it does not
accept goes to `job_document`, which knows every form that a job may have and says what is wrong. A line that it accepts
gives exactly the job that `job_document` would give.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from jobreport.contract.job_document import moment, record_text
from jobreport.contract.job_fields import FIELDS, NAMES, FieldKind, JobField
from jobreport.contract.json_value import MAX_DEPTH
from jobreport.model.job import INT32_MAX, MAX_RAW, Job, state_faults
from jobreport.model.sees import Sees

_NUL: Final = b"\\u0000"
"""A NUL in a JSON text: it can only be written with this escape sequence."""
_NONE_GIVEN: Final = -1
"""The value of `total` if the report has none. No valid number is negative."""
_NO_RECORD: Final = msgspec.Raw()


def _form(field: JobField) -> tuple[Any, Any]:
    """Returns the decoder's type of a field, and the field's default. Whether a number is a valid code or time is
    checked later.
    """
    match field.kind:
        case FieldKind.TEXT:
            least = 1 if field.name == "job_id" else 0
            form = rf"\A{field.pattern}\Z" if field.pattern else None
            return Annotated[str, Meta(min_length=least, max_length=field.most, pattern=form)], ""
        case FieldKind.NUMBER:
            return Annotated[int, Meta(ge=0, le=field.most)], _NONE_GIVEN if field.name == "total" else 0
        case FieldKind.RECORD:
            return msgspec.Raw, _NO_RECORD
        case FieldKind.TIME:
            return int | str, 0
        case FieldKind.CODE:
            return int | str, msgspec.NODEFAULT
        case FieldKind.SEES:
            return Sees, Sees.RUNS


_Report: Final = msgspec.defstruct(
    "_Report",
    [(field.name, *_form(field)) for field in FIELDS],
    forbid_unknown_fields=True,
    kw_only=True,
    rename=NAMES,
    gc=False,
)
_decode: Final = msgspec.json.Decoder(_Report).decode
_fields_of: Final = msgspec.structs.asdict


def _by_code_or_name(codes: type[IntEnum]) -> Mapping[int | str, Any]:
    return {**{code.value: code for code in codes}, **{code.name: code for code in codes}}


_CODES: Final[tuple[tuple[str, Callable[[int | str], Any]], ...]] = tuple(
    (field.name, _by_code_or_name(field.codes).__getitem__) for field in FIELDS if field.codes
)
_TIMES: Final = tuple(field.name for field in FIELDS if field.kind is FieldKind.TIME)


def plain_job(line: bytes, now: int) -> Job | None:
    """Returns the job of a well-formed line, as `job_from_wire` would; None if the line has to be
    read with more care.
    """
    try:
        fields = _fields_of(_decode(line))
        if _NUL in line or line.count(b"{") + line.count(b"[") > MAX_DEPTH:
            return None
        if fields["total"] == _NONE_GIVEN:
            fields["total"] = fields["failed"] + fields["successful"] + fields["skipped"]
            if fields["total"] > INT32_MAX:
                return None
        for name, code_of in _CODES:
            fields[name] = code_of(fields[name])
        for name in _TIMES:
            if (given := fields[name]) != 0:  # "" is no time either, and is refused by `moment`
                fields[name] = moment(given)
        if fields["observed"] > now:
            fields["observed"] = now
        fields["raw"] = "" if fields["raw"] is _NO_RECORD else _raw(fields["raw"])
        job = Job(**fields)
    except (KeyError, ValueError, RecursionError):
        return None
    return None if state_faults(job, NAMES) else job


def _raw(value: msgspec.Raw) -> str:
    try:
        record = _decode_record(value)
        # The same text, made in a tenth of the time.
        text = "" if record is None else msgspec.json.encode(record).decode()
    except _FractionError:
        text = record_text(msgspec.json.decode(value))
    if len(text) * 4 > MAX_RAW and len(text.encode()) > MAX_RAW:  # a character takes up to four bytes
        raise ValueError
    return text


class _FractionError(Exception):
    """Raised for a number with a fraction or an exponent: not all encoders write these alike."""


def _fraction(number: str) -> float:
    raise _FractionError(number)


_decode_record: Final = msgspec.json.Decoder(float_hook=_fraction).decode
