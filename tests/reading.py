"""Reads an exported file of any format back into rows, by the programs that people use for it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import openpyxl
import pyarrow as pa
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from jobreport.contract.formula_guard import unguarded
from jobreport.contract.job_row import COLUMNS, JobRow, Row
from jobreport.model import ticks
from jobreport.model.catalog import SERVICE_LABELS, STATE_LABELS, JobState, JobType, ServiceType
from jobreport.model.cause import cause_of_job
from jobreport.model.job import Job

FORMATS = ("csv", "ndjson", "xlsx", "parquet")
TIMES = ("startTime", "finishTime", "observedAt")
TEXTS = ("jobId", "comments", "description", "plan", "resource", "origin", "cause", "causeText", "reference", "sees")
NUMBERS = ("failedCount", "successfulCount", "skippedCount", "totalCount", "bytes")
_DAY_0 = datetime(1899, 12, 30, tzinfo=UTC)

Line = dict[str, Any]


def expected(job: Job, now: int) -> Line:
    """What a file tells of a job: names for codes, ticks for times, 0 where one is unset."""
    _, finish, duration = job.wire_times(now)
    start = job.start  # of a job that has not started, when it is due
    counts = (job.failed, job.successful, job.skipped, job.total, job.size)
    about = (job.comments, job.description, job.plan, job.resource, job.origin)
    cause = cause_of_job(job) or ("", "")
    codes = (job.service.name, job.type.name, job.state.name)
    named = (job.reference, job.sees.value)
    values = (job.job_id, *codes, start, finish, duration, job.observed, *counts, *about, *cause, *named)
    return dict(zip(COLUMNS, values, strict=True))


def row(job: Job) -> Row:
    """The job as the store gives it to an export."""
    code, text = cause_of_job(job) or ("", "")
    special = {"cause": code, "cause_text": text, "sees": job.sees.value}
    return cast(Row, tuple(special.get(name, getattr(job, name, None)) for name in JobRow._fields))


def cut(line: Line, form: str) -> Line:
    """The line with what a form cannot tell cut off: Parquet has microseconds, Excel milliseconds and 15 digits."""
    grain = {"parquet": 10, "xlsx": 10_000}.get(form, 1)
    told = dict(line)
    for name in TIMES:
        told[name] = round(line[name] / grain) if form == "xlsx" else line[name] // grain
    # A number of seconds is a float of 53 bits, here as there.
    told["durationSeconds"] = round(line["durationSeconds"] / ticks.PER_SECOND, 3)
    if form == "xlsx":
        told["bytes"] = float(f"{line['bytes']:.15g}")
    return told


def lines(form: str, file: bytes, folder: Path) -> list[Line]:
    """The rows of the file, as `expected` has them."""
    path = folder / f"read.{form}"
    path.write_bytes(file)
    return {"csv": _csv, "ndjson": _ndjson, "xlsx": _xlsx, "parquet": _parquet}[form](path)


def _csv(path: Path) -> list[Line]:
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]
    for line in found:
        for name in TEXTS:
            line[name] = unguarded(line[name])
    return [_of_texts(line) for line in found]


def _ndjson(path: Path) -> list[Line]:
    found = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
    assert all(tuple(line) == COLUMNS for line in found)
    return [_of_texts(line) for line in found]


def _of_texts(line: Line) -> Line:
    times = {name: ticks.from_iso(line[name]) if line[name] else 0 for name in TIMES}
    numbers = {name: int(line[name]) for name in NUMBERS}
    return line | times | numbers | {"durationSeconds": float(line["durationSeconds"]) * ticks.PER_SECOND}


def _parquet(path: Path) -> list[Line]:
    table = parquet.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert table.schema.field("startTime").type == pa.timestamp("us", tz="UTC")
    return [_of_columns(line) for line in table.to_pylist()]


def by_duckdb(path: Path, form: str) -> list[Line]:
    """The rows as DuckDB reads them, which was told nothing but the path."""
    with duckdb.connect() as base:
        base.sql(f"CREATE VIEW jobs AS SELECT * FROM '{path}'")
        types = dict(base.sql("SELECT column_name, column_type FROM (DESCRIBE jobs)").fetchall())
        assert tuple(types) == COLUMNS
        assert all(types[name].startswith("TIMESTAMP") for name in TIMES), types
        since_1970 = ", ".join(f"epoch_us({name}) AS {name}" for name in TIMES)
        rows = base.sql(f"SELECT * REPLACE ({since_1970}) FROM jobs").fetchall()
        return [_of_columns(dict(zip(COLUMNS, row, strict=True))) for row in rows]


def _of_columns(line: Line) -> Line:
    times = {name: _ticks(line[name]) for name in TIMES}
    return line | times | {"durationSeconds": line["durationSeconds"] * ticks.PER_SECOND}


def _ticks(moment: datetime | int | None) -> int:
    """Of a time, or of microseconds since 1970."""
    if isinstance(moment, int):
        return ticks.UNIX_EPOCH + 10 * moment
    return ticks.from_datetime(moment) if moment else 0


def _xlsx(path: Path) -> list[Line]:
    book = openpyxl.load_workbook(path)
    return [_of_cells(row) for sheet in book.worksheets for row in sheet.iter_rows(min_row=2, values_only=True)]


_SERVICES = {label: service.name for service, label in SERVICE_LABELS.items()}
_STATES = {label: state.name for state, label in STATE_LABELS.items()}


def _of_cells(row: tuple[Any, ...]) -> Line:
    line = dict(zip(COLUMNS, row, strict=True))
    for name in TEXTS:
        line[name] = unescape(line[name] or "")
    line["serviceType"], line["state"] = _SERVICES[line["serviceType"]], _STATES[line["state"]]
    for name in TIMES:
        moment = line[name].replace(tzinfo=UTC) if line[name] else None
        line[name] = _ticks(moment)
    length = line["durationSeconds"]
    # openpyxl takes a length of time for one of a day's, where it is short.
    if not isinstance(length, timedelta):
        length = length.replace(tzinfo=UTC) - _DAY_0 if isinstance(length, datetime) else _of_clock(length)
    return line | {"durationSeconds": length / timedelta(microseconds=1) * 10}


def _of_clock(length: Any) -> timedelta:
    return timedelta(hours=length.hour, minutes=length.minute, seconds=length.second, microseconds=length.microsecond)


EVERY = [
    Job(job_id=f"{service.name}-{kind.name}-{state.name}", service=service, type=kind, state=state)
    for service, kind, state in (
        *((service, JobType.Backup, JobState.NotStarted) for service in ServiceType),
        *((ServiceType.VM, kind, JobState.NotStarted) for kind in JobType),
        *((ServiceType.VM, JobType.Backup, state) for state in JobState),
    )
]
"""A job of each service, of each type, in each state."""
