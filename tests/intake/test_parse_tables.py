"""Workbooks and Parquet files, which have rows in place of lines: those that people and other programs wrote, and those
that are damaged.
"""

import gzip
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from jobreport.export import as_xlsx
from jobreport.export.batches import Result
from jobreport.export.formats import FORMATS
from jobreport.intake import xlsx_rows
from jobreport.intake.parse import Line, parse
from jobreport.intake.source import Source, UnreadableInputError
from jobreport.model import ticks
from jobreport.model.catalog import STATE_LABELS, JobState, ServiceType
from jobreport.model.job import Job
from reading import EVERY, row
from strategies import NOW

START = datetime(2026, 11, 28, 2, 0, 0, 500_000, tzinfo=UTC)
JOBS = [job.evolve(start=NOW - 50_000_000, finish=NOW if job.state.finished else 0) for job in EVERY]
NAMES = ("jobId", "serviceType", "jobType", "state", "startTime", "finishTime", "plan", "bytes")
ROW = ("a", "VM", 1, "Successful", START, START, "nightly", 5)


def exported(form: str, jobs: list[Job] = JOBS) -> bytes:
    return b"".join(FORMATS[form].encoder()(Result(len(jobs), NOW, [list(map(row, jobs))] if jobs else [])))


def read(file: bytes | BinaryIO) -> list[Line]:
    return list(parse(Source(io.BytesIO(file) if isinstance(file, bytes) else file), NOW))


def workbook(*sheets: list[tuple[Any, ...]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for cells in rows:
            sheet.append([cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell for cell in cells])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(**columns: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


class Pipe(io.BytesIO):
    """What can be read once, from its begin to its end."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
@pytest.mark.parametrize("way", ["a pipe", "packed"])
def test_a_file_is_read_from_a_pipe_and_packed_too(form: str, way: str) -> None:
    file = exported(form)
    raw = io.BytesIO(gzip.compress(file)) if way == "packed" else Pipe(file)
    assert [line.job and line.job.job_id for line in read(raw)] == [job.job_id for job in JOBS]


def test_a_workbook_that_goes_on_in_further_sheets_is_read_to_its_end() -> None:
    file = b"".join(as_xlsx.encode(Result(len(JOBS), NOW, [list(map(row, JOBS))]), sheet_rows=11))
    assert [line.job and line.job.job_id for line in read(file)] == [job.job_id for job in JOBS]


def test_a_workbook_that_a_person_wrote_may_have_the_names_of_the_fields() -> None:
    file = workbook(
        [
            NAMES,
            ROW,
            (),
            (7, "Azure Virtual Machine", "Backup", STATE_LABELS[JobState.Exception], 46_354.5, 46_354.75, 42, 0),
            ("c", "VM", "Backup", "Successful", "2026-11-28T02:00:00Z", START, None, 10**15),
            ("d", "VM", "Backup", "Succesful", None, None, None, None),
        ],
        [("something", "else"), (1, 2)],
        [NAMES, ("e", *ROW[1:])],
    )
    first, second, third, fourth, fifth = read(file)
    assert first.job
    assert (first.number, first.job.service, first.job.start) == (2, ServiceType.VM, ticks.from_datetime(START))
    assert (first.job.size, first.job.plan, first.from_export) == (5, "nightly", False)
    assert second.job
    assert (second.number, second.job.job_id, second.job.plan) == (4, "7", "42")
    assert (second.job.state, ticks.to_iso(second.job.start, digits=0)) == (JobState.Exception, "2026-11-28T12:00:00Z")
    assert [str(fault.field) for fault in third.faults] == ["bytes"]
    assert [(fault.field, "did you mean Successful" in fault.message) for fault in fourth.faults] == [("state", True)]
    assert fifth.job
    assert fifth.job.job_id == "e"


@pytest.mark.parametrize("by", ["pandas", "polars"])
def test_a_parquet_file_that_another_program_wrote_is_read(by: str, tmp_path: Path) -> None:
    columns = {
        "jobId": ["a", "b"],
        "serviceType": [1, 1],
        "jobType": ["Backup", "Backup"],
        "state": ["Successful", "Failed"],
        "startTime": [START, START],
        "finishTime": [START, START],
        "failedCount": [None, 1],
    }
    path = tmp_path / "jobs.parquet"
    # Each loads for a second; only who needs it waits for it.
    if by == "pandas":
        import pandas as pd

        pd.DataFrame(columns).to_parquet(path)
    else:
        import polars as pl

        pl.DataFrame(columns).write_parquet(path)
    with path.open("rb") as file:
        first, second = read(file)
    assert first.job
    assert second.job
    assert (first.job.start, first.job.failed) == (ticks.from_datetime(START), 0)
    assert (second.job.finish, second.job.failed, second.job.state) == (first.job.start, 1, JobState.Failed)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (workbook([("jobId", "state")]), "its first row lacks serviceType, jobType"),
        (workbook([("jobId", "stat")]), "its first row is wrong: 'stat' .*state"),
        (workbook([(*NAMES[:4], "state")]), "its first row has a name twice"),
        (table(jobId=["a"], statee=["b"]), "its schema is wrong: 'statee' .*state"),
        (workbook([ROW])[:-100], "it is no Excel workbook, or it is damaged or was cut off"),
        (table(jobId=["a"])[:-10], "the Parquet file is damaged, or was cut off"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(file: bytes, message: str) -> None:
    with pytest.raises(UnreadableInputError, match=message):
        read(file)


def test_another_zip_archive_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("jobs.ndjson", "{}")
    with pytest.raises(UnreadableInputError, match="no Excel workbook"):
        read(file.getvalue())


def test_texts_that_unpack_to_more_than_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:  # as Excel does, it keeps texts in a part of their own
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, NAMES)
        sheet.write_row(1, 0, ["a", "VM", "Backup", "NotStarted"])
    (line,) = read(file.getvalue())
    assert line.job
    monkeypatch.setattr(xlsx_rows, "MAX_SHARED", 100)
    with pytest.raises(UnreadableInputError, match="save it as CSV"):
        read(file.getvalue())


@pytest.mark.parametrize(("form", "module"), [("xlsx", "openpyxl"), ("parquet", "pyarrow")])
def test_a_missing_library_is_named_with_the_command_that_brings_it(form: str, module: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs"
    path.write_bytes(exported(form, []))
    program = f"""
import sys
sys.modules["{module}"] = None
from jobreport.intake.parse import parse
from jobreport.intake.source import Source, UnreadableInputError
try:
    list(parse(Source(open(r"{path}", "rb")), 0))
except UnreadableInputError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert "needs a library that is not installed" in said
    assert module in said.rpartition("install")[2]
