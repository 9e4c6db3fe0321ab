"""Reads the jobs of a file, and says for each invalid line what is wrong with it.

The lines are JSON or CSV, or the rows of a workbook or a Parquet file.

A line may contain what `POST /api/jobs` accepts. A file that `jobreport export` wrote is recognised by its column
`durationSeconds`, which is ignored, since it follows from the times, and so is a cause that follows from the comments;
in CSV the guard against formulas is then removed.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import msgspec

from jobreport.contract.fast_decoder import plain_job
from jobreport.contract.formula_guard import unguarded
from jobreport.contract.job_document import job_from_wire
from jobreport.contract.job_fields import NAMES
from jobreport.contract.job_row import DERIVED, DURATION
from jobreport.contract.json_value import parse as parse_json
from jobreport.extras import command_for
from jobreport.intake.csv_records import NOT_CLOSED, Record, Records, not_utf8
from jobreport.intake.header import check_names, csv_header
from jobreport.intake.source import MAX_LINE, Source, UnreadableInputError
from jobreport.model.cause import OWN, cause_of
from jobreport.model.errors import FieldError, InvalidInputError
from jobreport.model.job import TEXT_LIMITS, Job

_TEXTS: Final = {NAMES[field]: limit for field, limit in TEXT_LIMITS.items()}
_NUMBER: Final = re.compile(r"-?\d{1,20}", re.ASCII)
_NAMELESS: Final = FieldError(
    "jobId", "is required here, or a reference: without them, each repetition would store the job again"
)


class Line(msgspec.Struct, frozen=True):
    """The job in the lines `number` to `last`, counted from 1. If there is no job, `faults` say what is wrong with
    them.

    `doubt` says why the job may not be the one that was meant; empty if there is no doubt. `from_export`: the job was
    written by an export, which does not have all of its fields, and its times in steps of `time_step` (ticks).
    """

    number: int
    last: int
    job: Job | None
    faults: tuple[FieldError, ...] = ()
    doubt: str = ""
    from_export: bool = False
    time_step: int = 1


def parse(source: Source, now: int) -> Iterator[Line]:
    """Gives every line that is not empty; `now` (ticks) is the time of the report, as for the write side.

    Raises UnreadableInputError if the file is of no kind that is read, or if it cannot be read to its end.
    """
    if source.kind:
        return _rows(source, now)
    head = source.head
    if head.startswith(b"["):
        raise UnreadableInputError("it is a JSON array: write one job a line (NDJSON), without brackets and commas")
    return _json(source, now) if head.startswith(b"{") or not head else _csv(source, now)


def _json(source: Source, now: int) -> Iterator[Line]:
    for number, line in enumerate(source.lines(), 1):
        if len(line) > MAX_LINE:
            yield _refused(number, f"it is longer than {MAX_LINE:,} bytes")
        elif (job := plain_job(line, now)) and (job.job_id or job.reference):
            yield Line(number, number, job)
        elif line.strip():
            yield _with_care(number, line, now)


def _with_care(number: int, line: bytes, now: int) -> Line:
    try:
        line.decode()
        document = parse_json(line.rstrip(b"\r\n"))
    except UnicodeDecodeError as error:
        return _refused(number, f"it {not_utf8(line, error, number)}")
    except InvalidInputError as error:
        return Line(number, number, None, (FieldError(error.errors[0].field, _of_a_line(error)),))
    from_export = isinstance(document, dict) and DURATION in document
    if from_export:
        document = {name: value for name, value in document.items() if name not in DERIVED}
    return _line(number, number, document, now, from_export=from_export)


def _csv(source: Source, now: int) -> Iterator[Line]:
    lines = source.lines()
    number, first = next((number, line) for number, line in enumerate(lines, 1) if line.strip())
    names, delimiter = csv_header(first)
    table = _Table(names, now)
    records = Records(lines, delimiter, len(names), number)
    for record in records:
        if record.fault:
            yield _refused(record.first, f"it {record.fault}")
            continue
        line = table.line(record)
        inner = next((number for number, cells in records.whole_lines() if table.is_job(cells)), None)
        if inner and line.job:
            # Accepted all the same: by RFC 4180 it is one text, and a text may look like jobs.
            doubt = f"line {inner} would be a job of its own: is a quote left open in line {record.first}?"
            yield msgspec.structs.replace(line, doubt=doubt)
        elif inner and table.is_too_long(record):
            records.read_again()
            yield _refused(record.first, f"it {NOT_CLOSED}")
        else:
            yield line


def _rows(source: Source, now: int) -> Iterator[Line]:
    kind = source.kind
    assert kind
    with source.whole() as file:
        try:
            reader: Any = import_module(f"jobreport.intake.{kind.extra}_rows")
        except ModuleNotFoundError:
            raise UnreadableInputError(
                f"it is {kind.name}; to read it needs a library that is not installed: {command_for(kind.extra)}"
            ) from None
        rows = reader.Rows(file)
        check_names(rows.names, "first row" if rows.first > 1 else "schema")
        from_export = DURATION in rows.names
        for number, row in enumerate(rows, rows.first):
            try:
                document = rows.document(row)
            except InvalidInputError as error:
                yield Line(number, number, None, error.errors)
                continue
            if document:
                fields = {name: value for name, value in document.items() if name not in DERIVED}
                line = _line(number, number, fields, now, from_export=from_export)
                yield msgspec.structs.replace(line, time_step=reader.TIME_STEP) if from_export else line


class _Table:
    """Turns the cells below a header into jobs."""

    def __init__(self, names: list[str], now: int) -> None:
        self._names, self._now = names, now
        self._is_export = DURATION in names

    def line(self, record: Record) -> Line:
        """Returns the job of a record, or its faults."""
        try:
            document = self._document(record.cells)
        except InvalidInputError as error:
            return Line(record.first, record.last, None, error.errors)
        return _line(record.first, record.last, document, self._now, from_export=self._is_export)

    def is_job(self, cells: list[str]) -> bool:
        """Returns whether the cells describe a job without any fault."""
        return self.line(Record(1, 1, cells)).job is not None

    def is_too_long(self, record: Record) -> bool:
        """Returns whether a text is longer than a job allows."""
        cells = zip(self._names, record.cells, strict=True)
        return any(len(self._text(cell)) > _TEXTS[name] for name, cell in cells if name in _TEXTS)

    def _document(self, cells: list[str]) -> dict[str, Any]:
        named_cells = zip(self._names, cells, strict=True)
        return {name: self._value(name, cell) for name, cell in named_cells if cell and name not in DERIVED}

    def _text(self, cell: str) -> str:
        return unguarded(cell) if self._is_export else cell

    def _value(self, name: str, cell: str) -> Any:
        """Returns a cell as the value that it would be in JSON."""
        if name in _TEXTS:
            return self._text(cell)
        if name == "raw":
            return _record(cell)
        bare = cell.strip()
        return int(bare) if _NUMBER.fullmatch(bare) else bare or None


def _record(cell: str) -> Any:
    """Returns the JSON value of a cell. It may nest as deep as a field of a job in a JSON file."""
    try:
        records = parse_json(f"[{cell}]".encode())
    except InvalidInputError as error:
        raise InvalidInputError.of("raw", f"is not taken: {_of_a_line(error)}") from None
    if len(records) != 1:
        raise InvalidInputError.of("raw", "is not taken: it is not JSON")
    return records[0]


def _of_a_line(error: InvalidInputError) -> str:
    """Returns what is wrong with the JSON of a line. The message was written for a request's body and is adapted to a
    line.
    """
    return error.errors[0].message.replace("the body", "it").replace(" at line 1, column", " at character")


def _line(first: int, last: int, document: Any, now: int, *, from_export: bool) -> Line:
    if from_export and str(document.get("cause")).startswith(OWN):
        document.pop("cause")  # only comments tell a cause without a name
    try:
        job = job_from_wire(document, now=now)
    except InvalidInputError as error:
        return Line(first, last, None, error.errors)
    if from_export and job.cause and (told := cause_of(job.comments)) and told.code == job.cause:
        job = job.evolve(cause="")
    named = job.job_id or job.reference
    return Line(first, last, job, from_export=from_export) if named else Line(first, last, None, (_NAMELESS,))


def _refused(number: int, message: str) -> Line:
    return Line(number, number, None, (FieldError("", message),))
