"""Lines of JSON or CSV in; for each the job that it describes, or its faults, out."""

import csv
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from jobreport.contract.fast_decoder import plain_job
from jobreport.contract.job_document import job_from_wire, unknown_field
from jobreport.contract.job_fields import NAMES
from jobreport.intake.source import MAX_LINE, Source, UnreadableInputError
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.job import Job

_REQUIRED: Final = ("jobId", "serviceType", "jobType", "state")
_TEXTS: Final = frozenset({"jobId", "comments", "description", "plan", "resource", "origin"})
_NUMBER: Final = re.compile(r"-?\d{1,20}", re.ASCII)
_NAMELESS: Final = FieldError("jobId", "is required here: without it, each repetition would store the job again")


class Line(msgspec.Struct, frozen=True):
    """A line, counted from 1: the job that it describes, or what is wrong with it."""

    number: int
    job: Job | None
    faults: tuple[FieldError, ...] = ()


def parse(source: Source, now: int) -> Iterator[Line]:
    """Every line that is not empty; `now` (ticks) as for a report of the write side.

    UnreadableInputError for what is neither lines of JSON nor CSV, and where the source breaks.
    """
    head = source.head
    if head.startswith(b"["):
        raise UnreadableInputError("it is a JSON array: write one job a line (NDJSON), without brackets and commas")
    return _json(source, now) if head.startswith(b"{") or not head else _csv(source, now)


def _json(source: Source, now: int) -> Iterator[Line]:
    for number, line in enumerate(source.lines(), 1):
        if len(line) > MAX_LINE:
            yield _fault(number, "", f"is longer than {MAX_LINE} bytes")
        elif (job := plain_job(line, now)) and job.job_id:
            yield Line(number, job)
        elif line.strip():
            try:
                document = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                yield _fault(number, "", f"is no JSON: {error}")
            except RecursionError:
                yield _fault(number, "", "nests too deep")
            else:
                yield _line(number, document, now)


def _csv(source: Source, now: int) -> Iterator[Line]:
    texts = (line.decode("utf-8", "surrogateescape") for line in source.lines())
    first = next(texts)
    # A spreadsheet separates by what its country's numbers leave free.
    delimiter = max(",;\t", key=first.count)
    names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    _check_header(names)
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    while True:
        began = reader.line_num + 2  # counted from 1, after the header
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _fault(began, "", f"is no CSV: {error}")
            continue
        if not cells:
            continue
        if len(cells) != len(names):
            yield _fault(began, "", f"has {len(cells)} values where the header has {len(names)} names")
            continue
        try:
            document = {name: _value(name, cell) for name, cell in zip(names, cells, strict=True) if cell}
        except InvalidInputError as error:
            yield Line(began, None, error.errors)
        else:
            yield _line(began, document, now)


def _check_header(names: list[str]) -> None:
    known = set(NAMES.values())
    for name in names:
        if name not in known:
            said = unknown_field(name, NAMES.values())
            raise UnreadableInputError(f"it is no NDJSON, and its CSV header is wrong: {said.field!r} {said.message}")
    if missing := [name for name in _REQUIRED if name not in names]:
        raise UnreadableInputError(f"its CSV header lacks {', '.join(missing)}")
    if len(set(names)) < len(names):
        raise UnreadableInputError("its CSV header has a name twice")


def _value(name: str, cell: str) -> Any:
    """A cell as the value that JSON would have."""
    if name in _TEXTS:
        return cell
    if name == "raw":
        try:
            return msgspec.json.decode(cell.encode("utf-8", "surrogatepass"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidInputError.of("raw", "must be JSON") from None
    bare = cell.strip()
    return int(bare) if _NUMBER.fullmatch(bare) else bare or None


def _line(number: int, document: Any, now: int) -> Line:
    try:
        job = job_from_wire(document, now=now)
    except InvalidInputError as error:
        return Line(number, None, error.errors)
    return Line(number, job) if job.job_id else Line(number, None, (_NAMELESS,))


def _fault(number: int, field: str, message: str) -> Line:
    return Line(number, None, (FieldError(field, message),))
